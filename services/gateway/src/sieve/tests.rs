use std::sync::{Arc, LazyLock};

use super::*;
use crate::mask::Rules;
use crate::mask::tests::{NAMED, SHAPED, mask_of, mask_with};

const HTML: &str = "text/html; charset=utf-8";
const PIECES: [&[u8]; 57] = [
    b"<!doctype html>",
    b"<!-- a -->",
    b"<!-- zora.canary@kinloch.example ",
    b"-->",
    b"<!--><a title=\"-->",
    b"<!a@b.example>",
    b"<p>",
    b"text ",
    b"<b class=x title='of 3 > 2'>",
    b"<td class=account>",
    b"<td class='wide account' title=\"Zora Canary\">",
    b"Zora Canary",
    b"</td>",
    b"<dl class=person><dt>1</dt><dd>",
    b"</dl>",
    b"zora.canary@kinloch.example",
    b"zora.canary&commat;kinloch.example",
    b"zora.canary%40kinloch.example",
    b"zora.canary%2540kinloch.example",
    b"zora.canary&#37;40kinloch.example",
    b"%252525252540",
    b"<a href=\"mailto:zora.canary@kinloch.example\">",
    b"<a href='/a?b=1&amp;c=%20x'>",
    b"<a x=4111111111111111 1>",
    b"<a x=DE89370400440532013000/>",
    b"4111 1111 1111 1111",
    b"+49 170 1234567",
    b"078-05-1120",
    b"<input type=hidden name=_c value=\"Zora Canary\">",
    b"<INPUT NAME=city VALUE='Oslo'>",
    b"<meta name=csrf-token content=abc>",
    b"<button name=csrf_token\nVALUE=abc>",
    b"<i name='api_key'value='abc'>",
    b"<b/srcdoc=abc>",
    b"values ",
    b"<meta charset=utf-8>",
    b"<meta http-equiv=refresh content='0;url=/x'>",
    b"<META HTTP-EQUIV=\"Content-Security-Policy\" content=\"script-src 'self'\">",
    b"<meta http-equiv=x-ua-compatible content=ie=edge>",
    b"<select>",
    b"</select>",
    b"<xmp>",
    b"</xmp>",
    b"<script>var a = '<input value=a type=hidden>';",
    b"</script>",
    b"<title>",
    b"</title>",
    b"<svg><![CDATA[",
    b"]]></svg>",
    b"<a title=\"",
    b"\">",
    b"<",
    b"</",
    b"&",
    b"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYXJhIn0.c2lnbmF0dXJl",
    b"\xe9 \xfc",
    "\u{e9}\u{2026}<br/>".as_bytes(),
];

/// Pages of some pieces: each comes to every place, beside many others. Most break off somewhere.
pub(crate) fn pages() -> impl Iterator<Item = Vec<u8>> {
    let of = |length: usize| {
        move |mut n: usize| {
            let mut page = Vec::new();
            for _ in 0..length {
                page.extend_from_slice(PIECES[n % PIECES.len()]);
                n /= PIECES.len();
            }
            page
        }
    };
    let pairs = (0..PIECES.len().pow(2)).map(of(2));
    // Where the comment ends depends on who reads it.
    let twofold = b"<!-- a --!><a title=\"--><meta http-equiv=refresh content='0;url=/x'>\">".to_vec();
    let begun = b"<table><tr><td class=account>Zora Canary</td></tr></table><".to_vec();
    pairs.chain((0..PIECES.len().pow(4)).step_by(4_801).map(of(4))).chain([twofold, begun])
}

fn rules(text: &str) -> Arc<Rules> {
    Arc::new(toml::from_str(text).unwrap())
}

/// Every kind of sieve, with what it shows of itself after a page: marks that it remembers.
fn sieves() -> Vec<Sieve> {
    static BUILT_IN: LazyLock<Arc<Rules>> = LazyLock::new(|| {
        rules(
            r#"selectors = ["td.account", ".person dd"]
                 patterns = ["e-mail", "iban", "phone", "card", "us-ssn"]"#,
        )
    });
    static SELECTORS: LazyLock<Arc<Rules>> = LazyLock::new(|| rules(r#"selectors = ["td.account", "p > b"]"#));
    static PATTERNS: LazyLock<Arc<Rules>> = LazyLock::new(|| rules(r#"patterns = ["e-mail", "card"]"#));
    let with = |rules: &Arc<Rules>| Sieve::new(Some(mask_with(rules, "kinloch-hotels")), false);
    let own = Sieve::new(Some(mask_of("kinloch-hotels")), false);
    vec![Sieve::default(), with(&BUILT_IN), with(&SELECTORS), with(&PATTERNS), own]
}

/// What a page reports afterwards shows which values were remembered.
fn remembered(sieve: &Sieve) -> Option<Vec<serde_json::Value>> {
    sieve.page(vec![serde_json::json!({ "t": [NAMED, "1", "Oslo", "text", "var a", SHAPED, "a"] })])
}

#[test]
fn a_page_that_was_looked_at_is_recorded_as_one_that_was_not() {
    let (mut looked, mut left, mut given_up) = (0, [0; 5], 0);
    for page in pages() {
        for (n, (new, old)) in sieves().into_iter().zip(sieves()).enumerate() {
            let look = new.look(HTML, &page);
            let (kept, before) = (new.seen(HTML, &page, look), old.body(HTML, &page));
            let text = String::from_utf8_lossy(&page);
            assert_eq!(kept, before, "sieve {n}, {look:?}: {text}");
            assert_eq!(remembered(&new), remembered(&old), "sieve {n}: {text}");
            looked += usize::from(look.is_some());
            left[n] += usize::from(look.is_some() && kept.as_ref() == Some(&page));
            given_up += usize::from(kept.is_none());
        }
    }
    // Each way was gone often.
    assert!(looked > 4_000 && given_up > 20 && left.iter().all(|n| *n > 300), "{looked}, {left:?}, {given_up}");
}

#[test]
fn every_encoding_is_recorded_as_before() {
    for kind in [
        "text/html",
        "text/html; charset=iso-8859-1",
        "text/html; charset=utf-16le",
        "text/html; charset=a; charset=b",
        "application/xhtml+xml",
        "text/plain",
        "application/json",
    ] {
        for page in pages().step_by(7).chain([b"zora\0".to_vec(), b"--B\r\nContent-Disposition: x".to_vec()]) {
            for (new, old) in sieves().into_iter().zip(sieves()) {
                let kept = new.seen(kind, &page, new.look(kind, &page));
                assert_eq!(kept, old.body(kind, &page), "{kind}: {}", String::from_utf8_lossy(&page));
            }
        }
    }
}

#[test]
fn a_page_in_parts_is_recorded_the_same_wherever_it_is_cut() {
    let record = |parts: &[&[u8]]| {
        let mut record = Sieve::new(Some(mask_of("kinloch-hotels")), false).record(HTML);
        let mut kept: Vec<u8> = parts.iter().flat_map(|part| record.push(part)).collect();
        kept.extend(record.end());
        (!record.is_given_up()).then_some(kept)
    };
    let mut cut = 0;
    for page in pages().step_by(23) {
        let whole = record(&[&page]);
        for at in 0..page.len() {
            let (parts, how) =
                (record(&[&page[..at], &page[at..]]), format!("{at}: {}", String::from_utf8_lossy(&page)));
            cut += 1;
            if std::str::from_utf8(&page).is_ok() {
                assert_eq!(parts, whole, "cut at {how}");
                continue;
            }
            // Of a byte that is no text a cut may show more, and of a value no more.
            let shows = |kept: &Option<Vec<u8>>, value: &str| {
                kept.as_ref().is_some_and(|kept| String::from_utf8_lossy(kept).contains(value))
            };
            for value in ["canary", "Canary", "4111", "1234567", "DE89"] {
                assert!(!shows(&parts, value) || shows(&whole, value), "{value}, cut at {how}");
            }
        }
    }
    assert!(cut > 5_000, "{cut}");
}

#[test]
fn a_look_says_what_is_there() {
    let at = |page: &str| Sieve::default().look(HTML, page.as_bytes());
    let look = Look::default();
    assert_eq!(at("<p>a</p><input value=a name=city>"), Some(look));
    assert_eq!(at("<p>a<input value=a name=pin>"), Some(Look { secret: true, ..look }));
    assert_eq!(at("<meta http-equiv=Refresh content=0>"), Some(Look { policy: true, ..look }));
    for unclear in [
        "<p>a<input value=a name=city",
        "<p title=\"",
        "<!-- a",
        "<script>a",
        "<select><xmp></xmp></select>",
        "<plaintext>",
        "<countersign-end><p title='",
    ] {
        assert_eq!(at(unclear), None, "{unclear}");
    }
    // Nothing is left out for it that a parser would have found.
    assert!(redact::UNCLEAR.into_iter().all(|unclear| at(unclear).is_none_or(|look| look.secret)));
    assert_eq!(Sieve::default().look("text/plain", b"<p>"), None);
    assert_eq!(Sieve::default().look(HTML, b"\xe9"), None);
    let td = "<table><tr><td class=account>a</td></tr></table>";
    let masked = Sieve::new(Some(mask_of("kinloch-hotels")), false).look(HTML, td.as_bytes());
    assert_eq!(masked, Some(Look { selected: true, ..look }));
}
