use crate::error::StoreError;
use crate::store::count;

/// The leaves of a transaction as the database has them, in one row: each row costs more than what it holds. No leaf
/// holds a line feed.
pub(super) const READ: &str = "SELECT COUNT(*), MIN(idx), MAX(idx), group_concat(at, ' '), group_concat(hex(hash), ' '), \
     group_concat(CAST(leaf AS TEXT), char(10)) FROM (SELECT idx, at, hash, leaf FROM leaves WHERE idx >= ? ORDER BY idx)";

/// Columns of [`READ`].
pub(super) type Read = (i64, Option<i64>, Option<i64>, Option<String>, Option<String>, Option<String>);

/// A leaf as the database has it.
pub(super) struct Stored {
    pub index: u64,
    pub at: i64,
    pub leaf: String,
    /// In hexadecimal digits, as SQLite writes them.
    pub hash: String,
}

impl Stored {
    /// From the columns of [`READ`], in the order of the log.
    pub fn of((number, first, last, times, hashes, leaves): Read) -> Result<Vec<Self>, StoreError> {
        let (times, hashes, leaves) =
            (times.unwrap_or_default(), hashes.unwrap_or_default(), leaves.unwrap_or_default());
        let columns = times.split_terminator(' ').zip(hashes.split_terminator(' ')).zip(leaves.split_terminator('\n'));
        let rows: Option<Vec<Stored>> = (count(first.unwrap_or_default())..)
            .zip(columns)
            .map(|(index, ((at, hash), leaf))| {
                Some(Stored { index, at: at.parse().ok()?, leaf: leaf.to_owned(), hash: hash.to_owned() })
            })
            .collect();
        // As many different places as there are between the first and the last: none is left out.
        let whole = number == last.zip(first).map_or(0, |(last, first)| last - first + 1);
        let gaps = || StoreError::damaged("the leaves of this transaction are not all of those that were written");
        rows.filter(|rows| whole && rows.len() as u64 == count(number)).ok_or_else(gaps)
    }
}
