mod evidence;
mod log;
mod people;
mod recordings;
mod reviews;
mod store;
mod world;
