//! Who else remembers the log's heads. Witnesses outside are shown every head after C2SP `tlog-witness`, one call at a
//! time, behind the writer's back: no append waits for any of them. Desktops bring their cosignatures themselves. What
//! comes is verified here, kept, and shown with the heads that it is of.

mod ask;
mod devices;
mod feed;
mod outside;
mod shown;

pub(crate) use feed::{feed, wait_for};
pub(crate) use outside::{Outside, check_not_behind, is_address};

/// The signature lines of witnesses that a note carries at most: with the log's own it stays far below what a note may hold.
pub(crate) const MOST_LINES: u32 = 32;
