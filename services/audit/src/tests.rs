mod evidence;
mod log;
mod people;
mod recordings;
mod refusals;
mod reviews;
mod store;
pub(crate) mod world;
