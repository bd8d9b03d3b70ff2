//! Every member of every list in every kind of file: taken out, put in twice, moved, or taken from another file. Whoever does it
//! has the file and no key; what the log's operator could make of it stands in the other tests.

use super::kinds;
use super::map::{Map, named_outside, values};
use super::*;

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
                put("taken from another file", foreign.to_owned());
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

#[test]
fn every_part_taken_out_doubled_moved_or_borrowed_is_rejected_and_named() {
    for ((kind, bytes, trust), (_, other, _)) in kinds::all().into_iter().zip(kinds::all()) {
        let read = |bytes: &[u8]| -> (String, Evidence) {
            (String::from_utf8(bytes.to_vec()).expect("text"), serde_json::from_slice(bytes).expect("a file"))
        };
        let ((text, file), (other_text, other)) = (read(&bytes), read(&other));
        let map = Map::of(&bytes);
        let mut tried = 0;
        for Changed { path, what, text } in in_content(&file.content, &other.content) {
            let changed = serde_json::to_vec(&Evidence { content: text, ..file.clone() }).expect("plain structs");
            tell(kind, &path, what, &rejected(&changed, &trust), &map.named(&path));
            tried += 1;
        }
        for Changed { path, what, text } in changes(&text, &other_text) {
            if path != "content" && !path.is_empty() {
                tell(kind, &path, what, &rejected(text.as_bytes(), &trust), &named_outside(&path));
                tried += 1;
            }
        }
        assert!(tried > 20, "{kind}: {tried}");
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
        // What an entry names is left without it, or has it twice.
        "events" => is_entry || ["entries", "reviews", "manifest", "extensions", "notices"].contains(&name),
        // A list whose order says nothing, and in which a second one adds nothing.
        "reviewer_tokens" | "pk_tokens" | "enrols" if what != "taken from another file" => name == "content",
        "reviewer_enrols" => is_entry || name == "content" && what != "taken from another file",
        "enrolled" => is_entry || name == "enrolments",
        // An empty list is not written.
        "extensions" => what == "taken out" && name == "content",
        "sessions" => name == "sessions" || !session.is_empty(),
        // All of another file's content.
        "" => is_entry || name == "session",
        _ => false,
    }
}
