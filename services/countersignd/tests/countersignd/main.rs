//! The program as an operator meets it: real processes, killed, without room, with another clock, alone.

mod all;
mod alone;
mod broken_disk;
mod canaries;
mod certificates;
mod clocks;
mod core_files;
mod drained;
mod extending;
mod full_disk;
mod init;
mod issuer;
mod killed;
mod no_files;
mod no_room;
mod partitions;
mod payroll;
mod people;
mod processes;
mod relay;
mod renewing;
mod rig;
mod rotating;
