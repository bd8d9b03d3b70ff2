//! A person in a browser with no scripts: follows the sign-in's own page to the provider and chooses an account.

use anyhow::{Context as _, bail};

use crate::http::{Answer, Client, split};

/// Signs in as `account`, beginning at the address that the program printed. Answers the last page.
pub fn sign_in(start: &str, account: &str) -> anyhow::Result<String> {
    let mut browser = Client::default();
    let page = browser.ask("GET", start, "", "")?;
    let onward = attribute(&page.body, "id=continue", "href").context("the first page leads nowhere")?;
    let (form, action) = follow(&mut browser, onward)?;
    if !form.body.contains("<form") {
        bail!("the provider showed no form: {}", form.body);
    }
    let action_path = attribute(&form.body, "<form", "action").context("the form goes nowhere")?;
    let address = absolute(&action, &action_path)?;
    let kind = "application/x-www-form-urlencoded";
    let answer = browser.ask("POST", &address, kind, &format!("account={account}"))?;
    let next = answer.location.with_context(|| format!("the provider took the form with {}", answer.status))?;
    let (last, _) = follow(&mut browser, absolute(&address, &next)?)?;
    if last.status != 200 {
        bail!("the sign-in ended with {}: {}", last.status, last.body);
    }
    Ok(last.body)
}

fn follow(browser: &mut Client, mut address: String) -> anyhow::Result<(Answer, String)> {
    for _ in 0..12 {
        let answer = browser.ask("GET", &address, "", "")?;
        match &answer.location {
            Some(next) if (300..400).contains(&answer.status) => address = absolute(&address, next)?,
            _ => return Ok((answer, address)),
        }
    }
    bail!("redirects without an end")
}

fn absolute(base: &str, address: &str) -> anyhow::Result<String> {
    if address.starts_with("http://") {
        return Ok(address.to_owned());
    }
    Ok(format!("http://{}{address}", split(base)?.0))
}

/// The attribute of the first tag that holds `mark`, unescaped.
fn attribute(html: &str, mark: &str, name: &str) -> Option<String> {
    let at = html.find(mark)?;
    let begin = html[..=at].rfind('<')?;
    let tag = &html[begin..begin + html[begin..].find('>')?];
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&amp;", "&").replace("&#39;", "'").replace("&quot;", "\""))
}

#[cfg(test)]
mod tests {
    use super::attribute;

    #[test]
    fn an_attribute_is_found_in_its_tag() {
        let html = r#"<p><a class=go id=continue href="http://x/?a=1&amp;b=2">Go</a><form method="post" action="/f">"#;
        assert_eq!(attribute(html, "id=continue", "href").as_deref(), Some("http://x/?a=1&b=2"));
        assert_eq!(attribute(html, "<form", "action").as_deref(), Some("/f"));
        assert_eq!(attribute(html, "<form", "href"), None);
    }
}
