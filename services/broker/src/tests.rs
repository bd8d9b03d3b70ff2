//! The router, called as desktops and the gateway call it: with PK tokens of an identity provider on loopback, proofs
//! of possession, statements signed by Device keys, and codes from the seeds that enrolment shows.

mod absent;
mod asking;
mod bad_input;
mod break_glass;
mod codes;
mod deciding;
mod document;
mod enrolling;
mod extending;
mod factors;
mod faults;
mod forgettings;
mod interrupted;
mod lifecycle;
mod migration;
mod own_devices;
mod policies;
mod pushing;
mod random;
mod reporting;
mod resets;
mod revoking;
mod roles;
mod rotation;
mod running;
mod saw;
mod sealed;
mod telling;
mod tokens;
mod viewing;
mod waiting;
mod world;
