use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use lol_html::html_content::ContentType;
use lol_html::{RewriteStrSettings, doc_comments, element, rewrite_str, text};

use super::{MARK, is_secret_name};

/// Elements that may hold a secret in an attribute.
pub const WITH_SECRETS: &str = "input[value], meta[name][content], [srcdoc]";
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
/// the parser refuses, because readers could disagree about it.
#[must_use]
pub fn html(page: &str) -> Option<String> {
    let mut never_shown = NeverShown::default();
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!(DRAWING, |drawing| if drawing.is_self_closing() {
            Err(Unclear.into())
        } else {
            Ok(())
        }))
        .append_element_content_handler(element!(WITHIN_DRAWING, |_| Err(Unclear.into())))
        .append_element_content_handler(element!(WITH_SECRETS, |tag| {
            let kept = secrets(&tag.tag_name(), |name| tag.get_attribute(name));
            kept.iter().try_for_each(|name| tag.set_attribute(name, MARK))?;
            Ok(())
        }))
        .append_element_content_handler(text!(NEVER_SHOWN, |chunk| {
            if let Some(kept) = never_shown.kept(chunk.as_str(), chunk.last_in_text_node()) {
                chunk.replace(kept, ContentType::Html);
            }
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(|comment| {
            if holds_field(&comment.text()) {
                comment.set_text(MARK)?;
            }
            Ok(())
        }));
    rewrite_str(page, settings).ok()
}

/// Whether a text holds the tag of a field, which may have a secret in it: where the parser sees none.
#[must_use]
pub fn holds_field(text: &str) -> bool {
    static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::builder().ascii_case_insensitive(true).build(["<input", "<meta", ":input", ":meta"]).ok()
    });
    FINDER.as_ref().is_none_or(|finder| finder.is_match(text))
}

/// The attributes of this tag whose values are secrets.
#[must_use]
pub fn secrets(tag: &str, attribute: impl Fn(&str) -> Option<String>) -> Vec<&'static str> {
    let value = match tag {
        "input" => Some("value"),
        "meta" => Some("content"),
        _ => None,
    };
    let value = value.filter(|name| attribute(name).is_some() && has_secret(tag, &attribute));
    // A page of its own in an attribute.
    let page = attribute("srcdoc").is_some_and(|page| !page.is_empty()).then_some("srcdoc");
    value.into_iter().chain(page).collect()
}

/// The text of [`NEVER_SHOWN`], cut anywhere: a mark stands for all of it.
#[derive(Debug, Default)]
pub struct NeverShown {
    is_marked: bool,
}

impl NeverShown {
    /// What stands in the record for a piece; none when it is empty.
    pub fn kept(&mut self, piece: &str, is_last: bool) -> Option<&'static str> {
        let kept = (!piece.is_empty()).then_some(if self.is_marked { "" } else { MARK });
        self.is_marked = !is_last && (self.is_marked || kept.is_some());
        kept
    }
}

/// Whether the tag of this name with these attributes holds a secret.
#[must_use]
pub(super) fn has_secret(tag: &str, attribute: impl Fn(&str) -> Option<String>) -> bool {
    let name = attribute("name").unwrap_or_default();
    let kind = attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
    is_secret_name(&name) || (tag == "input" && matches!(kind.as_str(), "hidden" | "password"))
}

/// In each of them a browser shows a hidden field that the parser takes for something else.
#[cfg(test)]
pub(crate) const UNCLEAR: [&str; 6] = [
    "<svg/><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<math /><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<SVG width=1 /><script>x=\"<!--\"</script><input type=hidden name=csrf value=SECRET><!-- c -->",
    "<svg><foreignObject><div></foreignObject><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<svg><desc><div></desc><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
    "<math><mtext><div></mtext><![CDATA[><input type=hidden name=csrf value=SECRET>]]>",
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
    fn of_markup_that_readers_could_disagree_about_nothing_is_kept() {
        assert_eq!(html("<select><xmp><input type=hidden value='abc'></xmp></select>"), None);
        for unclear in UNCLEAR {
            assert_eq!(html(unclear), None, "{unclear}");
        }
        let drawing = "<svg viewBox='0 0 1 1'><title>A logo</title><path d='M0 0'/></svg><math><mi>x</mi></math><p>a";
        assert_eq!(html(drawing).as_deref(), Some(drawing));
    }
}
