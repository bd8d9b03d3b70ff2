//! The router, called as desktops and the gateway call it: with PK tokens of an identity provider on loopback, proofs
//! of possession, statements signed by Device keys, and codes from the seeds that enrolment shows.

mod asking;
mod codes;
mod deciding;
mod enrolling;
mod faults;
mod lifecycle;
mod pushing;
mod random;
mod roles;
mod running;
mod world;
