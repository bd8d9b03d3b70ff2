//! Every member of every list in every kind of file: taken out, put in twice, moved, or taken from another file. Whoever does it
//! has the file and no key; what the log's operator could make of it stands in the other tests.

use super::kinds;
use super::map::{Map, named_outside, values};
use super::*;

const BORROWED: &str = "taken from another file";

/// A text with something done to it, and where.
struct Changed {
    path: String,
    what: &'static str,
    text: String,
}

/// Everything that is done to the lists and members of this JSON text, and of another one of its kind.
fn changes(text: &str, other: &str) -> Vec<Changed> {
    let (own, others) = (values(text), values(other));
    let mut all = Vec::new();
    for (range, path) in &own {
        // What is within a receipt is changed byte by byte elsewhere; one of them stands for all here.
        if path.contains(".receipt.") && !path.starts_with("events[0]") {
            continue;
        }
        let mut put = |what, piece: String| {
            let text = format!("{}{piece}{}", &text[..range.start], &text[range.end..]);
            all.push(Changed { path: path.clone(), what, text });
        };
        if let Some((foreign, _)) = others.iter().find(|(_, other)| other == path) {
            let foreign = &other[foreign.clone()];
            if foreign != &text[range.clone()] {
                put(BORROWED, foreign.to_owned());
            }
        }
        let Ok(list) = serde_json::from_str::<Vec<&serde_json::value::RawValue>>(&text[range.clone()]) else {
            continue;
        };
        let list: Vec<&str> = list.iter().map(|one| one.get()).collect();
        let joined = |list: &[&str]| format!("[{}]", list.join(","));
        for at in 0..list.len() {
            let mut without = list.clone();
            without.remove(at);
            put("taken out", joined(&without));
            let mut twice = list.clone();
            twice.insert(at, list[at]);
            put("put in twice", joined(&twice));
            if at > 0 && list[at] != list[at - 1] {
                let mut moved = list.clone();
                moved.swap(at, at - 1);
                put("moved", joined(&moved));
            }
        }
    }
    all
}

/// The content's changes, and those in the texts within it.
fn in_content(content: &str, other: &str) -> Vec<Changed> {
    let mut all = changes(content, other);
    let others = values(other);
    for (range, path) in values(content) {
        if !path.ends_with("bundle_json") {
            continue;
        }
        let read = |text: &str| serde_json::from_str::<String>(text).expect("a text");
        let foreign = others.iter().find(|(_, other)| *other == path).map(|(range, _)| read(&other[range.clone()]));
        for within in changes(&read(&content[range.clone()]), &foreign.unwrap_or_default()) {
            let piece = serde_json::to_string(&within.text).expect("a text");
            let text = format!("{}{piece}{}", &content[..range.start], &content[range.end..]);
            all.push(Changed { path: path.clone(), text, ..within });
        }
    }
    all
}

fn read(bytes: &[u8]) -> (String, Evidence) {
    (String::from_utf8(bytes.to_vec()).expect("text"), serde_json::from_slice(bytes).expect("a file"))
}

/// Tries what is wanted of all that can be done to this file and with another one of its kind, and counts it.
fn try_all(kind: &str, bytes: &[u8], other: &[u8], trust: &TrustFile, wanted: impl Fn(&Changed) -> bool) -> usize {
    let ((text, file), (other_text, other)) = (read(bytes), read(other));
    let map = Map::of(bytes);
    let mut tried = 0;
    for Changed { path, what, text } in in_content(&file.content, &other.content).into_iter().filter(&wanted) {
        let changed = serde_json::to_vec(&Evidence { content: text, ..file.clone() }).expect("plain structs");
        tell(kind, &path, what, &rejected(&changed, trust), &map.named(&path));
        tried += 1;
    }
    for Changed { path, what, text } in changes(&text, &other_text).into_iter().filter(&wanted) {
        if path != "content" && !path.is_empty() {
            tell(kind, &path, what, &rejected(text.as_bytes(), trust), &named_outside(&path));
            tried += 1;
        }
    }
    tried
}

#[test]
fn every_part_taken_out_doubled_moved_or_borrowed_is_rejected_and_named() {
    for ((kind, bytes, trust), (_, other, _)) in kinds::all().into_iter().zip(kinds::all()) {
        let tried = try_all(kind, &bytes, &other, &trust, |_| true);
        assert!(tried > 20, "{kind}: {tried}");
    }
}

/// The same people, keys and log: what is borrowed is as rightly signed and logged as what it takes the place of.
#[test]
fn every_part_of_another_session_of_one_company_is_rejected_and_named() {
    let first = kinds::session();
    let one = first.bytes.clone();
    let (_, second) = first.and_another();
    let is_borrowed = |change: &Changed| change.what == BORROWED;
    for (bytes, other) in [(&second.bytes, &one), (&one, &second.bytes)] {
        let tried = try_all("session", bytes, other, &second.trust, is_borrowed);
        assert!(tried > 20, "{tried}");
    }
    // Both in one file: from one of its Sessions into the other.
    let (bytes, trust) = kinds::period();
    let (file, map) = (read(&bytes).1, Map::of(&bytes));
    let ranges = values(&file.content);
    let place = |path: &str| ranges.iter().find(|(_, at)| at == path).expect("a Session").0.clone();
    for (into, from) in [("sessions[0]", "sessions[1]"), ("sessions[1]", "sessions[0]")] {
        let (own, other) = (place(into), place(from));
        let all = in_content(&file.content[own.clone()], &file.content[other]);
        let mut tried = 0;
        for Changed { path, what, text } in all.into_iter().filter(is_borrowed) {
            let content = format!("{}{text}{}", &file.content[..own.start], &file.content[own.end..]);
            let changed = serde_json::to_vec(&Evidence { content, ..file.clone() }).expect("plain structs");
            let path = if path.is_empty() { into.to_owned() } else { format!("{into}.{path}") };
            tell("period", &path, what, &rejected(&changed, &trust), &map.named(&path));
            tried += 1;
        }
        assert!(tried > 20, "{into}: {tried}");
    }
}

fn tell(kind: &str, path: &str, what: &str, said: &Rejected, names: &[String]) {
    let named = names.contains(&said.part) || is_told_by_another(path, what, &said.part);
    assert!(named, "{kind}: {path} {what}: {said}");
}

/// What the message may call instead, since nothing else can tell that the part is not what it was.
fn is_told_by_another(path: &str, what: &str, part: &str) -> bool {
    let (session, name) =
        part.split_once(", ").filter(|(first, _)| first.starts_with("Session ")).unwrap_or(("", part));
    let is_entry = name.strip_prefix("entry ").is_some_and(|index| index.parse::<u64>().is_ok());
    let last = path.rsplit('.').next().unwrap_or_default();
    let list = last.split('[').next().unwrap_or_default();
    match list {
        // Another true entry of the same log: what the one in its place named is left without it.
        "receipt" | "entry" | "index" | "events" if what == BORROWED && !path.starts_with("made") => {
            is_entry || ["bundle", "manifest", "reviews", "code for an enrolment", "entries"].contains(&name)
        }
        // What an entry names is left without it, or has it twice.
        "events" => is_entry || ["entries", "reviews", "manifest", "extensions", "notices"].contains(&name),
        "made" => name == "heads",
        // A list whose order says nothing, and in which a second one adds nothing.
        "reviewer_tokens" | "pk_tokens" | "enrols" if what != BORROWED => name == "content",
        "reviewer_enrols" => is_entry || name == "content" && what != BORROWED,
        "enrolled" => is_entry || name == "enrolments",
        // An empty list is not written.
        "extensions" => what == "taken out" && name == "content",
        "sessions" => name == "sessions" || !session.is_empty(),
        // All of another file's content.
        "" => is_entry || name == "session",
        _ => false,
    }
}
