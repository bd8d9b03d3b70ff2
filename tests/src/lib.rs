//! What the tests across programs share. [`forge`] makes people, keys and whole bundles that are right in every part,
//! so that a test can make one part wrong.
//!
//! It is not linked into anything that ships.

pub mod forge;
