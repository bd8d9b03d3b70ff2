//! The texts of the queries. Each names its index, so that one which cannot be used is an error and no slow answer.

use sqlx::{QueryBuilder, Sqlite};
use wire::sessions::{Cursor, Order};

use super::{Among, Column, Lasting, Listing, Planned, Value};
use crate::store::sql;

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Scope => "scope",
            Self::Person => "person_mark",
            Self::Reason => "reason_mark",
            Self::Ticket => "ticket_mark",
            Self::Review => "standing",
            Self::Changed => "changed",
            Self::Weights => "weights",
            Self::LengthClass => "length_class",
        }
    }

    const fn index(self) -> &'static str {
        match self {
            Self::Organization => "listed_by_organization",
            Self::Scope => "listed_by_scope",
            Self::Person => "listed_by_person",
            Self::Reason => "listed_by_reason",
            Self::Ticket => "listed_by_ticket",
            Self::Review => "listed_by_standing",
            Self::Changed => "listed_by_changed",
            Self::Weights => "listed_by_weights",
            Self::LengthClass => "listed_by_length_class",
        }
    }
}

/// The column and the index of an order that is not the log's own.
pub(super) fn ordered_by(order: Order) -> Option<(&'static str, &'static str)> {
    match order {
        Order::Newest | Order::Oldest => None,
        Order::Longest | Order::Shortest => Some(("length", "listed_by_length")),
        Order::Findings | Order::FindingsLast => Some(("heavy", "listed_by_heavy")),
    }
}

/// Whether no row has to be looked at to count.
pub(super) fn counts_along_an_index(listing: &Listing) -> bool {
    let one = listing.all.len() <= 1 && listing.all.iter().all(|among| !among.not);
    one && listing.lasting.is_none() && listing.from.is_none() && listing.to.is_none()
}

/// Columns: place, and the value that the list is ordered by where that is no place.
pub(super) fn places(plan: &Planned<'_>, after: Option<Cursor>, limit: u32) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("");
    match ordered_by(plan.listing.order) {
        Some(by) => by_value(&mut query, plan, by, after),
        None => by_place(&mut query, plan, after),
    }
    query.push(" LIMIT ").push_bind(limit);
    query
}

/// Of each value of the index there is a part in the order of the log, and the parts are merged.
fn by_place(query: &mut QueryBuilder<Sqlite>, plan: &Planned<'_>, after: Option<Cursor>) {
    let Direction { behind, word } = Direction::of(plan.listing.order);
    let parts: Vec<Option<&Value>> =
        plan.along.map_or_else(|| vec![None], |along| along.values.iter().map(Some).collect());
    for (number, value) in parts.into_iter().enumerate() {
        query.push(if number == 0 { "" } else { " UNION ALL " });
        query.push("SELECT opened_idx FROM listed ");
        match (plan.along, value) {
            (Some(along), Some(value)) => {
                query.push("INDEXED BY ").push(along.column.index()).push(" WHERE ").push(along.column.name());
                query.push(" = ");
                bind(query, value);
            }
            _ => {
                query.push("NOT INDEXED WHERE 1 = 1");
            }
        }
        rest(query, plan);
        if let Some(after) = after {
            query.push(" AND opened_idx ").push(behind).push_bind(sql(after.index));
        }
    }
    query.push(" ORDER BY opened_idx ").push(word);
}

/// Which way a list goes.
struct Direction {
    /// Of what stands behind something.
    behind: &'static str,
    word: &'static str,
}

impl Direction {
    const fn of(order: Order) -> Self {
        if order.rises() { Self { behind: "> ", word: "ASC" } } else { Self { behind: "< ", word: "DESC" } }
    }
}

fn by_value(
    query: &mut QueryBuilder<Sqlite>,
    plan: &Planned<'_>,
    (value, index): (&'static str, &'static str),
    after: Option<Cursor>,
) {
    let order = plan.listing.order;
    let Direction { behind, word } = Direction::of(order);
    let last = after.map(|after| after.value.unwrap_or(if order.rises() { i64::MIN } else { i64::MAX }));
    query.push("SELECT opened_idx, ").push(value).push(" FROM listed INDEXED BY ");
    match plan.along.filter(|_| plan.few) {
        Some(along) => {
            query.push(along.column.index()).push(" WHERE ");
            among(query, along);
        }
        None => {
            // Where the index is entered: of two bounds at one end it would be entered at either.
            query.push(index).push(" WHERE ").push(value).push(" >= ");
            query.push_bind(last.filter(|_| order.rises()).unwrap_or(-1));
            if let Some(along) = plan.along {
                query.push(" AND ");
                among(query, along);
            }
        }
    }
    rest(query, plan);
    if let Some((after, last)) = after.zip(last) {
        if !order.rises() {
            query.push(" AND ").push(value).push(" <= ").push_bind(last);
        } else if plan.few {
            query.push(" AND ").push(value).push(" >= ").push_bind(last);
        }
        query.push(" AND (").push(value).push(" ").push(behind).push_bind(last);
        query.push(" OR opened_idx ").push(behind).push_bind(sql(after.index)).push(")");
    }
    query.push(" ORDER BY ").push(value).push(" ").push(word).push(", opened_idx ").push(word);
}

pub(super) fn count(plan: &Planned<'_>, most: u64) -> QueryBuilder<Sqlite> {
    if plan.listing.is_everything() {
        // Of the smallest index, without a condition for each row.
        return QueryBuilder::new("SELECT COUNT(*) FROM listed");
    }
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM listed ");
    match plan.along {
        Some(along) => {
            query.push("INDEXED BY ").push(along.column.index()).push(" WHERE ");
            among(&mut query, along);
        }
        None => {
            query.push("WHERE 1 = 1");
        }
    }
    rest(&mut query, plan);
    query.push(" LIMIT ").push_bind(sql(most)).push(")");
    query
}

/// How many fit one condition, wherever the list can stand at all.
pub(super) fn count_of(plan: &Planned<'_>, one: &Among, most: u64) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM listed INDEXED BY ");
    query.push(one.column.index()).push(" WHERE ");
    among(&mut query, one);
    bounds(&mut query, plan);
    query.push(" LIMIT ").push_bind(sql(most)).push(")");
    query
}

/// Everything but the condition whose index is read along.
fn rest(query: &mut QueryBuilder<Sqlite>, plan: &Planned<'_>) {
    bounds(query, plan);
    for one in plan.listing.all.iter().filter(|one| plan.along != Some(one)) {
        query.push(" AND ");
        among(query, one);
    }
    if let Some(from) = plan.listing.from {
        query.push(" AND opened_at >= ").push_bind(from);
    }
    if let Some(to) = plan.listing.to {
        query.push(" AND opened_at < ").push_bind(to);
    }
    if let Some(Lasting { least, most, now }) = plan.listing.lasting {
        query.push(" AND CASE WHEN length < 0 THEN MAX(MIN(ends_at, ").push_bind(now);
        query.push(") - opened_at, 0) ELSE length END BETWEEN ").push_bind(least).push(" AND ").push_bind(most);
    }
}

fn bounds(query: &mut QueryBuilder<Sqlite>, plan: &Planned<'_>) {
    query.push(" AND opened_idx >= ").push_bind(sql(plan.first));
    query.push(" AND opened_idx < ").push_bind(sql(plan.behind));
}

fn among(query: &mut QueryBuilder<Sqlite>, one: &Among) {
    query.push(one.column.name()).push(if one.not { " NOT IN (" } else { " IN (" });
    for (number, value) in one.values.iter().enumerate() {
        query.push(if number == 0 { "" } else { ", " });
        bind(query, value);
    }
    query.push(")");
}

fn bind(query: &mut QueryBuilder<Sqlite>, value: &Value) {
    match value {
        Value::Text(text) => query.push_bind(text.clone()),
        Value::Mark(mark) => query.push_bind(mark.clone()),
        Value::Number(number) => query.push_bind(*number),
    };
}
