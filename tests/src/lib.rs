//! What the tests across programs share. [`forge`] makes people, keys and whole bundles that are right in every part,
//! so that a test can make one part wrong; [`site`] what stands around services that run, and
//! [`serving`] runs them.
//!
//! It is not linked into anything that ships.

pub mod forge;
pub mod serving;
pub mod site;
