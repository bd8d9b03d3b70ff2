use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::is_secret_name;
use super::streamed::HtmlParts;
use crate::mask::decoded;

/// Elements that may hold a secret in an attribute.
pub const WITH_SECRETS: &str = "input[value], [name][value], meta[content], [srcdoc]";
/// Elements whose beginnings are looked for in the text of a page, too.
pub const FIELDS: &str = "input, meta";
/// Programs build fields, and hold none.
pub const SCRIPTS: &str = "script";
/// A browser that runs scripts shows what stands in them to nobody, and the parser takes it for a text: fields, too.
pub const NEVER_SHOWN: &str = "noscript, noframes, noembed, iframe";
/// A drawing that ends with its own tag: the parser, which builds no page, takes what follows for a part of it.
pub const DRAWING: &str = "svg, math";
/// Elements where HTML goes on within a drawing: what is left open there keeps a browser in it, and not the parser.
pub const WITHIN_DRAWING: &str = "svg foreignobject *, svg desc *, svg title *, math annotation-xml *, math mi *, math mn *, \
    math mo *, math ms *, math mtext *";

/// Behind such markup parser and browser could take different things for tags; nothing of the page is kept.
#[derive(Debug, thiserror::Error)]
#[error("readers could disagree about this markup")]
pub struct Unclear;

/// A page with the values of hidden, password and secret inputs, and of `<meta>` tokens, replaced. None of a page that
/// the parser refuses, or that has fields where it sees none, because readers could disagree about it.
#[must_use]
pub fn html(page: &str) -> Option<String> {
    let (mut parts, mut kept) = (HtmlParts::whole(page.len()), Vec::with_capacity(page.len()));
    parts.push(page.as_bytes(), &mut kept).ok()?;
    parts.end(&mut kept).ok()?;
    String::from_utf8(kept).ok()
}

/// Where in a text the tag of a field begins, whatever the text is.
pub fn fields(text: &[u8]) -> impl Iterator<Item = usize> {
    static FINDER: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(["<input", "<meta"]).ok());
    let found = FINDER.as_ref().map(|finder| finder.find_iter(text)).into_iter().flatten();
    let ends_name = |at: usize| text.get(at).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
    found.filter(move |found| ends_name(found.end())).map(|found| found.start())
}

/// Of [`WITH_SECRETS`] what can be in this page: no element has an attribute whose name does not stand there by itself, in any case.
/// Asking for an attribute of any element makes the parser read those of each.
#[must_use]
pub fn with_secrets_in(page: &str) -> String {
    // Both are the rare ones: `name` and `content` stand in most pages.
    const RARE: [&str; 2] = ["value", "srcdoc"];
    static FINDER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("(?i-u:{})", RARE.join("|"))).ok());
    let is_of_name = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let text = page.as_bytes();
    let mut absent = RARE.to_vec();
    match FINDER.as_ref() {
        None => absent.clear(),
        Some(finder) => {
            for found in finder.find_iter(page) {
                let before = found.start().checked_sub(1).and_then(|at| text.get(at));
                if !is_of_name(before) && !is_of_name(text.get(found.end())) {
                    absent.retain(|name| !name.eq_ignore_ascii_case(found.as_str()));
                }
                if absent.is_empty() {
                    break;
                }
            }
        }
    }
    let may_be = |selector: &&str| !absent.iter().any(|name| selector.contains(&format!("[{name}]")));
    WITH_SECRETS.split(", ").filter(may_be).collect::<Vec<_>>().join(", ")
}

/// Whether a text holds the tag of a field, which may have a secret in it.
#[must_use]
pub fn holds_field(text: &str) -> bool {
    fields(text.as_bytes()).next().is_some()
}

/// The attributes of this tag whose values are secrets, when they have one; `attribute` gives them as they stand in the page.
#[must_use]
pub fn secrets(tag: &str, attribute: impl Fn(&str) -> Option<String>) -> Vec<&'static str> {
    let read = |name: &str| attribute(name).map(|value| decoded(&value)).unwrap_or_default();
    let is_named = |name: &str| is_secret_name(&read(name));
    let kind = read("type").trim().to_ascii_lowercase();
    // A reference that is not known here may stand for anything.
    let is_hidden = matches!(kind.as_str(), "hidden" | "password") || kind.contains('&');
    let value = (is_named("name") || (tag == "input" && is_hidden)).then_some("value");
    let content = (tag == "meta" && ["name", "property", "itemprop"].into_iter().any(is_named)).then_some("content");
    // A page of its own in an attribute.
    [value, content, Some("srcdoc")].into_iter().flatten().filter(|name| attribute(name).is_some()).collect()
}

/// In each of them a browser shows a hidden field that the parser takes for something else.
#[cfg(test)]
pub(crate) const UNCLEAR: [&str; 16] = [
    "<svg/><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<math /><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<SVG width=1 /><script>x=\"<!--\"</script><input type=hidden name=csrf value=SECRET><!-- c -->",
    "<svg><foreignObject><div></foreignObject><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<svg><desc><div></desc><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<math><mtext><div></mtext><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<style a=><a title=\"</style><input type=hidden name=csrf value=SECRET>\">",
    "<div><svg></div><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<h1><svg></h2><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<svg><svg><p><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<svg><math></svg><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<svg><desc></svg></desc><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<div><svg><desc></div><p></desc><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<svg><title><![CDATA[></x a=\"]]></title></svg><input type=hidden name=csrf value=SECRET>\"></title></svg>",
    "<textarea a=><p title='</textarea><input type=hidden name=csrf value=SECRET>'>",
    "<p title='a'b='<input type=hidden name=csrf value=SECRET>'>",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_and_secret_inputs_lose_their_values() {
        let page = r#"<meta name="csrf-token" content="abc"><form><input type=hidden name=_c value="abc"><input type="password" value="p"><input name="api_token" value="t"><input name="city" value="Oslo"></form>"#;
        let kept = html(page).unwrap();
        for secret in ["\"abc\"", "\"p\"", "\"t\""] {
            assert!(!kept.contains(secret), "{secret} in {kept}");
        }
        assert!(kept.contains("Oslo"));
    }

    #[test]
    fn fields_that_the_parser_takes_for_a_text_lose_their_values() {
        let field = "<input type=hidden name=csrf value=SECRET>";
        let cases = [
            (format!("<noscript>{field}</noscript><p>a"), "<noscript>[redacted]</noscript><p>a"),
            ("<noscript><img src=a></noscript>".to_owned(), "<noscript><img src=a></noscript>"),
            (
                format!("<iframe>{field}</iframe><noembed>{field}</noembed>"),
                "<iframe>[redacted]</iframe><noembed>[redacted]</noembed>",
            ),
            (format!("<!-- {field} --><p>a<!-- b -->"), "<!--[redacted]--><p>a<!-- b -->"),
            (format!("<!--[if IE]>{field}<![endif]-->"), "<!--[redacted]-->"),
            (format!("<iframe srcdoc=\"{field}\" id=a></iframe>"), "<iframe srcdoc=\"[redacted]\" id=a></iframe>"),
            (
                "<iframe srcdoc=''></iframe><noscript></noscript>".to_owned(),
                "<iframe srcdoc=''></iframe><noscript></noscript>",
            ),
        ];
        for (given, wanted) in cases {
            assert_eq!(html(&given).as_deref(), Some(wanted), "{given}");
        }
    }

    #[test]
    fn names_and_kinds_are_read_as_a_browser_reads_them() {
        for field in [
            "<input type=\"&#104;idden\" value=SECRET>",
            "<input type=hid&unknown;den value=SECRET>",
            "<INPUT TYPE=HIDDEN VALUE=SECRET>",
            "<input name=\"api&#x5f;key\" value=SECRET>",
            "<input type=hidden value=\"\" value=SECRET>",
            "<button name=csrf_token value=SECRET>",
            "<meta property=csrf-token content=SECRET>",
        ] {
            let kept = html(&format!("<p>é kept{field}é kept")).unwrap();
            assert!(!kept.contains("SECRET") && kept.matches("é kept").count() == 2, "{field}: {kept}");
        }
        for same in ["<input name=city value=\"å\">", "<meta name=description content=\"<p>\">", "<metadata a=1><p>"] {
            assert_eq!(html(same).as_deref(), Some(same));
        }
        let script = "<script>var a = '<input type=hidden value=x>'</script>";
        assert_eq!(html(script).as_deref(), Some(script));
    }

    #[test]
    fn an_attribute_whose_name_is_not_there_is_not_looked_for() {
        let with = |page: &str| with_secrets_in(page);
        assert_eq!(with("<p class=values>Valued, unvalued, value-added, my_value, srcdocs"), "meta[content]");
        assert_eq!(with("<button name=a\nVALUE=b>"), "input[value], [name][value], meta[content]");
        assert_eq!(with("<p SrcDoc>"), "meta[content], [srcdoc]");
        for page in ["<i name='a'value='b'srcdoc>", "<i/value/srcdoc=1>", "<i value =1 srcdoc\t=1>"] {
            assert_eq!(with(page), WITH_SECRETS, "{page}");
        }
    }

    #[test]
    fn of_markup_that_readers_could_disagree_about_nothing_is_kept() {
        assert_eq!(html("<select><xmp><input type=hidden value='abc'></xmp></select>"), None);
        for unclear in UNCLEAR {
            assert_eq!(html(unclear), None, "{unclear}");
        }
        let drawing = "<svg viewBox='0 0 1 1'><title>A logo</title><path d='M0 0'/></svg><math><mi>x</mi></math><p>a";
        assert_eq!(html(drawing).as_deref(), Some(drawing));
    }
}
