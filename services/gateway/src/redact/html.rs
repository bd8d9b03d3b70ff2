use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::{MARK, is_secret_name};

/// A page with the values of hidden, password and secret inputs, and of `<meta>` tokens, replaced. A page that the
/// parser refuses is recorded without any attribute values at all rather than with its secrets.
#[must_use]
pub fn html(page: &str) -> String {
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("input[value]", |input| {
            let kind = input.get_attribute("type").unwrap_or_default().to_ascii_lowercase();
            let name = input.get_attribute("name").unwrap_or_default();
            if matches!(kind.as_str(), "hidden" | "password") || is_secret_name(&name) {
                input.set_attribute("value", MARK)?;
            }
            Ok(())
        }))
        .append_element_content_handler(element!("meta[name][content]", |meta| {
            if is_secret_name(&meta.get_attribute("name").unwrap_or_default()) {
                meta.set_attribute("content", MARK)?;
            }
            Ok(())
        }));
    rewrite_str(page, settings).unwrap_or_else(|_| without_values(page))
}

fn without_values(page: &str) -> String {
    page.split('"').enumerate().map(|(n, piece)| if n % 2 == 0 { piece } else { MARK }).collect::<Vec<_>>().join("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_and_secret_inputs_lose_their_values() {
        let page = r#"<meta name="csrf-token" content="abc"><form><input type=hidden name=_c value="abc"><input type="password" value="p"><input name="api_token" value="t"><input name="city" value="Oslo"></form>"#;
        let kept = html(page);
        for secret in ["\"abc\"", "\"p\"", "\"t\""] {
            assert!(!kept.contains(secret), "{secret} in {kept}");
        }
        assert!(kept.contains("Oslo"));
    }
}
