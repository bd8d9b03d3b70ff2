use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::{MARK, is_secret_name};

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
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!(DRAWING, |drawing| if drawing.is_self_closing() {
            Err(Unclear.into())
        } else {
            Ok(())
        }))
        .append_element_content_handler(element!(WITHIN_DRAWING, |_| Err(Unclear.into())))
        .append_element_content_handler(element!("input[value]", |input| {
            if has_secret("input", |name| input.get_attribute(name)) {
                input.set_attribute("value", MARK)?;
            }
            Ok(())
        }))
        .append_element_content_handler(element!("meta[name][content]", |meta| {
            if has_secret("meta", |name| meta.get_attribute(name)) {
                meta.set_attribute("content", MARK)?;
            }
            Ok(())
        }));
    rewrite_str(page, settings).ok()
}

/// Whether the tag of this name with these attributes holds a secret.
#[must_use]
pub fn has_secret(tag: &str, attribute: impl Fn(&str) -> Option<String>) -> bool {
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
    fn of_markup_that_readers_could_disagree_about_nothing_is_kept() {
        assert_eq!(html("<select><xmp><input type=hidden value='abc'></xmp></select>"), None);
        for unclear in UNCLEAR {
            assert_eq!(html(unclear), None, "{unclear}");
        }
        let drawing = "<svg viewBox='0 0 1 1'><title>A logo</title><path d='M0 0'/></svg><math><mi>x</mi></math><p>a";
        assert_eq!(html(drawing).as_deref(), Some(drawing));
    }
}
