//! Which Sessions a list holds, and in which order. Whatever a list is asked for, it goes along one index: that of the condition
//! which fewest Sessions fit, or that of the order.

mod check;
mod marks;
mod text;
mod tickets;

use domain::{UnixMillis, UnixSeconds};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};
use wire::sessions::{COUNTED_TO, Cursor, Order};

pub(super) use check::check_listed;
pub(crate) use marks::{keep_marks, make_marks};

use super::sessions::COLUMNS;
use super::{Reader, SessionRow, count, sql};
use crate::error::StoreError;

/// Columns with few values, or of which a few are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Organization,
    Scope,
    Person,
    Reason,
    Ticket,
    Review,
    Changed,
    Weights,
    LengthClass,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Text(String),
    Mark(Vec<u8>),
    Number(i64),
}

/// The column holds one of these, or none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Among {
    pub column: Column,
    pub values: Vec<Value>,
    pub not: bool,
}

/// In seconds, both ends among it. What runs is as long as it has lasted by `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lasting {
    pub least: i64,
    pub most: i64,
    pub now: UnixSeconds,
}

/// What a list is asked for. Every part has to hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    pub all: Vec<Among>,
    pub lasting: Option<Lasting>,
    pub from: Option<UnixSeconds>,
    /// The first second that is no longer in it.
    pub to: Option<UnixSeconds>,
    pub order: Order,
}

impl Listing {
    fn is_everything(&self) -> bool {
        self.all.is_empty() && self.lasting.is_none() && self.from.is_none() && self.to.is_none()
    }

    /// One of several, and there is none of them.
    fn fits_none(&self) -> bool {
        self.all.iter().any(|among| !among.not && among.values.is_empty())
    }
}

/// A list with where in the log its Sessions can stand, and along which index it is read.
struct Planned<'a> {
    listing: &'a Listing,
    first: u64,
    behind: u64,
    along: Option<&'a Among>,
    /// So few fit [`Self::along`] that they can be sorted.
    few: bool,
}

/// Clocks of gateways and the time until an opening is written down differ by less, in milliseconds.
const APART: UnixMillis = 600_000;

impl Reader {
    /// Where the next Sessions behind `after` stand, so many at most.
    pub async fn places(
        &self,
        listing: &Listing,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<Cursor>, StoreError> {
        if listing.fits_none() {
            return Ok(Vec::new());
        }
        let plan = self.plan(listing).await?;
        let rows = text::places(&plan, after, limit).build().persistent(false).fetch_all(&self.pool).await?;
        let by_value = text::ordered_by(listing.order).is_some();
        rows.into_iter().map(|row| cursor(&row, by_value).map_err(StoreError::from)).collect()
    }

    /// How many Sessions there are of this list, and whether there are more.
    pub async fn count_listed(&self, listing: &Listing) -> Result<(u64, bool), StoreError> {
        let plan = self.plan(listing).await?;
        let most = if text::counts_along_an_index(listing) { u64::MAX } else { COUNTED_TO };
        let all = self.counted(text::count(&plan, most.saturating_add(1))).await?;
        Ok((all.min(most), all > most))
    }

    /// The same up to `most`, however long it takes.
    pub async fn count_up_to(&self, listing: &Listing, most: u64) -> Result<u64, StoreError> {
        let plan = self.plan(listing).await?;
        self.counted(text::count(&plan, most)).await
    }

    /// The Sessions of these places, in their order.
    pub async fn sessions_at(&self, places: &[Cursor]) -> Result<Vec<SessionRow>, StoreError> {
        let indexes: Vec<u64> = places.iter().map(|place| place.index).collect();
        let indexes = serde_json::to_string(&indexes).unwrap_or_default();
        let mut query = QueryBuilder::<Sqlite>::new(COLUMNS);
        query.push(" AND s.opened_idx IN (SELECT value FROM json_each(").push_bind(indexes).push("))");
        let mut rows: Vec<SessionRow> = query.build_query_as().fetch_all(&self.pool).await?;
        let mut sorted = Vec::with_capacity(rows.len());
        for place in places {
            let at = rows.iter().position(|row| row.opened_index == place.index);
            let at = at.ok_or_else(|| StoreError::damaged(format!("Session at {} is not whole", place.index)))?;
            sorted.push(rows.swap_remove(at));
        }
        Ok(sorted)
    }

    async fn plan<'a>(&self, listing: &'a Listing) -> Result<Planned<'a>, StoreError> {
        let first = match listing.from {
            Some(from) => self.first_leaf_at(from.saturating_mul(1000).saturating_sub(APART)).await?,
            None => 0,
        };
        let behind = match listing.to {
            Some(to) => self.first_leaf_at(to.saturating_mul(1000).saturating_add(APART)).await?,
            None => u64::MAX,
        };
        let mut plan = Planned { listing, first, behind, along: None, few: false };
        let mut fewest = u64::MAX;
        for among in listing.all.iter().filter(|among| !among.not) {
            let fit = self.counted(text::count_of(&plan, among, COUNTED_TO + 1)).await?;
            if fit < fewest {
                (fewest, plan.along) = (fit, Some(among));
            }
        }
        plan.few = fewest <= COUNTED_TO;
        Ok(plan)
    }

    async fn counted(&self, mut query: QueryBuilder<Sqlite>) -> Result<u64, StoreError> {
        let (all,): (i64,) = query.build_query_as().persistent(false).fetch_one(&self.pool).await?;
        Ok(count(all))
    }

    /// The place of the first entry that was written at this time or later. Times in the log never go back.
    async fn first_leaf_at(&self, at: UnixMillis) -> Result<u64, StoreError> {
        let (size,): (i64,) =
            sqlx::query_as("SELECT COALESCE(MAX(idx), -1) + 1 FROM leaves").fetch_one(&self.pool).await?;
        let (mut first, mut behind) = (0, count(size));
        while first < behind {
            let middle = first + (behind - first) / 2;
            let (then,): (i64,) =
                sqlx::query_as("SELECT at FROM leaves WHERE idx = ?").bind(sql(middle)).fetch_one(&self.pool).await?;
            if then < at { first = middle + 1 } else { behind = middle }
        }
        Ok(first)
    }
}

fn cursor(row: &SqliteRow, by_value: bool) -> Result<Cursor, sqlx::Error> {
    let value = if by_value { Some(row.try_get(1)?) } else { None };
    Ok(Cursor { index: count(row.try_get(0)?), value })
}

#[cfg(test)]
mod tests;
