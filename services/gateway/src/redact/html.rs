use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::{MARK, is_secret_name};

/// A page with the values of hidden, password and secret inputs, and of `<meta>` tokens, replaced. None of a page that
/// the parser refuses, because readers could disagree about it.
#[must_use]
pub fn html(page: &str) -> Option<String> {
    let settings = RewriteStrSettings::new()
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
    }
}
