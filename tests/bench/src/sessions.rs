//! The list of Sessions: pages, filters, orders and counts, beside the bare rows along the same index.

use std::time::Instant;

use audit::measure::SessionList;
use wire::audit::WhichSessions;
use wire::sessions::Order;

use crate::log::private_folder;
use crate::measure::{Case, RUNS};

const LIMIT: u32 = 200;

/// What is asked for, and the condition that gives the same rows, or rows beside it where there is none.
const LISTS: [(&str, &str, &str); 11] = [
    ("organization", "organization:org-7", "l.organization = 'org-7'"),
    ("organization-large", "organization:org-0", "l.organization = 'org-0'"),
    ("person", "person:p-7", "l.person_mark = (SELECT person_mark FROM listed LIMIT 1)"),
    ("scope", "scope:administer", "l.scope = 'administer'"),
    ("reason", "reason:data-subject-request", "l.reason_mark = (SELECT reason_mark FROM listed LIMIT 1)"),
    ("ticket", "ticket:KP-100", "l.ticket_mark = (SELECT ticket_mark FROM listed WHERE opened_idx = 300)"),
    ("beginning", "ticket:^KP-10000", "l.ticket_mark = (SELECT ticket_mark FROM listed WHERE opened_idx = 300)"),
    ("length", "length:>120", "l.length_class = 6"),
    ("finding", "finding:stop", "l.weights IN (1, 3, 5, 7)"),
    ("review", "review:flagged", "l.review = 'flagged'"),
    ("changes", "changes:yes", "l.changed = 1"),
];

fn which(filter: &str) -> WhichSessions {
    WhichSessions { filter: Some(filter.into()), limit: Some(LIMIT), ..WhichSessions::default() }
}

pub async fn cases(sessions: u64, only: &str) -> anyhow::Result<Vec<Case>> {
    let folder = private_folder()?;
    let mut list = SessionList::open(folder.path()).await?;
    let start = Instant::now();
    list.fill(sessions).await?;
    eprintln!("{sessions} Sessions in {:.0} s", start.elapsed().as_secs_f64());
    let mut asked = vec![
        ("first".to_owned(), which(""), "1 = 1".to_owned()),
        ("deep".to_owned(), at(sessions / 2), format!("l.opened_idx < {}", sessions / 2)),
        ("oldest".to_owned(), ordered(Order::Oldest, ""), "1 = 1".to_owned()),
        ("longest".to_owned(), ordered(Order::Longest, ""), "1 = 1".to_owned()),
        ("shortest".to_owned(), ordered(Order::Shortest, ""), "1 = 1".to_owned()),
        ("findings".to_owned(), ordered(Order::Findings, ""), "1 = 1".to_owned()),
        ("findings-last".to_owned(), ordered(Order::FindingsLast, ""), "1 = 1".to_owned()),
        ("longest-person".to_owned(), ordered(Order::Longest, "person:p-7"), "1 = 1".to_owned()),
        ("not".to_owned(), which("organization:!org-0"), "l.organization <> 'org-0'".to_owned()),
        ("never-meet".to_owned(), which("scope:diagnostics\nchanges:yes"), "l.scope = 'diagnostics'".to_owned()),
        ("text".to_owned(), WhichSessions { text: Some("nobody".into()), ..which("") }, "1 = 1".to_owned()),
    ];
    asked.extend(LISTS.map(|(name, filter, bare)| (name.to_owned(), which(filter), bare.to_owned())));
    let mut cases = Vec::new();
    for (name, which, bare) in asked.iter().filter(|(name, ..)| name.starts_with(only)) {
        cases.push(page(&list, name, which, bare).await?);
    }
    for (name, which, bare) in asked.iter().filter(|(name, which, _)| which.text.is_none() && name.starts_with(only)) {
        cases.push(count(&list, name, which, bare).await?);
    }
    Ok(cases)
}

fn at(index: u64) -> WhichSessions {
    WhichSessions { cursor: Some(index.to_string()), ..which("") }
}

fn ordered(order: Order, filter: &str) -> WhichSessions {
    WhichSessions { order: Some(order), ..which(filter) }
}

async fn page(list: &SessionList, name: &str, which: &WhichSessions, bare: &str) -> anyhow::Result<Case> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        std::hint::black_box(list.page(which).await?.json);
        let ours = start.elapsed();
        let start = Instant::now();
        std::hint::black_box(list.bare(bare, LIMIT).await?);
        times.push((ours, start.elapsed()));
    }
    Ok(Case::micros(&format!("page/{name}"), "the bare rows", 1, &times))
}

async fn count(list: &SessionList, name: &str, which: &WhichSessions, bare: &str) -> anyhow::Result<Case> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        std::hint::black_box(list.count(which).await?);
        let ours = start.elapsed();
        let start = Instant::now();
        std::hint::black_box(list.bare_count(bare).await?);
        times.push((ours, start.elapsed()));
    }
    Ok(Case::micros(&format!("count/{name}"), "the bare count", 1, &times))
}
