use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::csp::{Allow, allowing};
use crate::refused::escape;
use crate::sieve::Look;

/// The script element.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a> {
    /// A page has it in itself, and waits for no answer.
    pub script: &'a str,
    pub nonce: &'a str,
    /// The page's capability: only with it are its events taken.
    pub page: &'a str,
    /// Selectors of what the recorder masks.
    pub mask: &'a str,
    /// Whether the recorder may report what a canvas shows, which nobody can mask.
    pub canvases: bool,
    /// What the watermark says before the time.
    pub mark: &'a str,
}

/// The page with the script before its first token that is not the doctype, so that it runs before anything else of
/// the page and stands in no `<template>`. None when the page is in an encoding that is not ASCII-compatible, or not
/// text that the parser takes. Of a page that was looked at it is known when nothing in it has to be changed.
#[must_use]
pub fn inject(content_type: &str, body: &[u8], look: Option<Look>, tag: &Tag<'_>, allow: &Allow<'_>) -> Option<String> {
    if !is_utf8(content_type) || body.starts_with(&[0xfe, 0xff]) || body.starts_with(&[0xff, 0xfe]) {
        return None;
    }
    let page = std::str::from_utf8(body).ok()?;
    let at = behind_doctype(page);
    let script = format!(
        "<script nonce=\"{}\" data-page=\"{}\"{}{} data-mark=\"{}\">{}</script>",
        tag.nonce,
        tag.page,
        if tag.mask.is_empty() { String::new() } else { format!(" data-mask=\"{}\"", escape(tag.mask)) },
        if tag.canvases { " data-canvases=\"\"" } else { "" },
        escape(tag.mark),
        tag.script
    );
    let (before, rest) = page.split_at(at);
    // What stands before may end elsewhere for the parser that looked, when it holds a comment.
    if look.is_some_and(|look| !look.policy) && !before.contains("<!--") {
        return Some([before, &script, rest].concat());
    }
    Some([before, &script, &with_room(rest, allow)].concat())
}

/// Whether a `<meta>` of this kind is changed or left out.
#[must_use]
pub fn is_changed(kind: &str) -> bool {
    is_policy(kind) || is_refresh(kind)
}

fn is_policy(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("content-security-policy")
}

fn is_refresh(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("refresh")
}

/// The page with room for the recorder in its own policies, and without a refresh.
fn with_room(page: &str, allow: &Allow<'_>) -> String {
    let settings =
        RewriteStrSettings::new().append_element_content_handler(element!("meta[http-equiv][content]", |meta| {
            let kind = meta.get_attribute("http-equiv").unwrap_or_default();
            if is_policy(&kind) {
                let policy = meta.get_attribute("content").unwrap_or_default();
                meta.set_attribute("content", &allowing(&policy, allow))?;
            }
            if is_refresh(&kind) {
                meta.remove();
            }
            Ok(())
        }));
    // A page that the parser gives up on keeps its own policy, and perhaps the recorder out; never its content.
    rewrite_str(page, settings).unwrap_or_else(|_| page.to_owned())
}

fn is_utf8(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    lower
        .split(';')
        .filter_map(|p| p.trim().strip_prefix("charset="))
        .all(|c| matches!(c.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
}

/// Behind a byte order mark, white space, comments and the doctype.
fn behind_doctype(page: &str) -> usize {
    let mut at = if page.starts_with('\u{feff}') { 3 } else { 0 };
    loop {
        let rest = &page[at..];
        let space = rest.len() - rest.trim_start().len();
        let tail = &rest[space..];
        if tail.starts_with("<!--") {
            let Some(end) = end_of_comment(tail) else { return at };
            at += space + end;
        } else if tail.get(..9).is_some_and(|t| t.eq_ignore_ascii_case("<!doctype")) {
            return tail.find('>').map_or(at, |end| at + space + end + 1);
        } else {
            return at;
        }
    }
}

/// Behind the comment that the text begins with: HTML lets it end in two ways.
fn end_of_comment(text: &str) -> Option<usize> {
    let plain = text.find("-->").map(|at| at + "-->".len());
    let with_bang = text.get(4..).and_then(|rest| rest.find("--!>")).map(|at| 4 + at + "--!>".len());
    plain.into_iter().chain(with_bang).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn injected(page: &str) -> String {
        let mark = "Mara \"M\"";
        let tag = Tag { script: "run()", nonce: "N", page: "P", mask: "", canvases: false, mark };
        inject("text/html; charset=utf-8", page.as_bytes(), None, &tag, &Allow { nonce: "N", script: "https://a/r.js" })
            .unwrap()
    }

    const SCRIPT: &str = "<script nonce=\"N\" data-page=\"P\" data-mark=\"Mara &quot;M&quot;\">run()</script>";

    #[test]
    fn the_script_stands_before_everything_but_the_doctype() {
        for (before, after) in [
            ("<!doctype html>", "<title>a</title>"),
            ("<!DOCTYPE html>", "<template><head></head></template><head></head>"),
            ("\u{feff}<!-- a --> <!doctype html>", "<p>a"),
            ("<!-- a --!>", "<a title=\"-->\">b</a>"),
            ("<!--!> a --><!----!>", "<p>a"),
            ("<!--><!--->", "<p>--!>"),
            ("", "<p>no doctype"),
            ("", ""),
            ("<!-- only a comment -->", "<html lang=\"en\">"),
            ("", "<select><xmp><script>"),
        ] {
            assert_eq!(
                injected(&format!("{before}{after}")).split_once(SCRIPT).map(|(b, _)| b),
                Some(before),
                "{before}{after}"
            );
        }
    }

    #[test]
    fn policies_in_the_page_make_room() {
        let page = injected(
            "<!doctype html><meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'self'\"><meta http-equiv=refresh content=\"0;url=//evil\">",
        );
        assert!(page.contains("content=\"script-src 'self' 'nonce-N'\"") && !page.contains("evil"), "{page}");
    }

    #[test]
    fn other_encodings_are_left_alone() {
        let tag = Tag { script: "", nonce: "N", page: "P", mask: "", canvases: false, mark: "M" };
        let allow = Allow { nonce: "N", script: "https://a/r.js" };
        assert!(inject("text/html; charset=utf-16le", b"<p>", None, &tag, &allow).is_none());
        assert!(inject("text/html", &[0xff, 0xfe, 0x3c, 0], None, &tag, &allow).is_none());
        assert!(inject("text/html", &[0x3c, 0xe9], None, &tag, &allow).is_none());
    }

    #[test]
    fn a_page_that_was_looked_at_is_sent_as_one_that_was_not() {
        let tag = Tag { script: "run()", nonce: "N", page: "P", mask: "", canvases: false, mark: "M" };
        let allow = Allow { nonce: "N", script: "https://a/r.js" };
        let (mut same, mut changed) = (0, 0);
        for page in crate::sieve::tests::pages() {
            let look = crate::sieve::Sieve::default().look("text/html", &page);
            let before = inject("text/html", &page, None, &tag, &allow);
            assert_eq!(inject("text/html", &page, look, &tag, &allow), before, "{}", String::from_utf8_lossy(&page));
            changed += usize::from(look.is_some_and(|look| look.policy));
            same += usize::from(look.is_some_and(|look| !look.policy));
        }
        assert!(same > 800 && changed > 100, "{same}, {changed}");
    }
}
