//! The command line in processes of its own: what happens to a profile when several use it, when one is killed, when
//! the disk is full, and what a script sees of a sign-in that fails.
#![cfg(unix)]

mod child;
mod files;
mod keys_of_a_profile;
mod sign_in;
mod store;

use child::{Child, run};
