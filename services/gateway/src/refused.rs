//! What somebody is told whose request is not carried: a page for a navigation, a problem for a program.

use wire::problem::Problem;

/// A request that is not carried, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{title} ({code})")]
pub struct Refused {
    pub status: u16,
    /// A stable word.
    pub code: &'static str,
    /// What happened, in one sentence.
    pub title: String,
    /// What to do next, in one sentence.
    pub detail: String,
}

impl Refused {
    /// A refusal with these words.
    #[must_use]
    pub fn new(status: u16, code: &'static str, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { status, code, title: title.into(), detail: detail.into() }
    }

    /// As problem details (RFC 9457).
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem::new(self.status, self.code, self.title.clone(), self.detail.clone())
    }

    /// As a page. Every value in it is escaped, and it loads nothing.
    #[must_use]
    pub fn page(&self) -> String {
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>{title}</title><style>{STYLE}</style><main><p class=\"mark\">Countersign</p><h1>{title}</h1><p>{detail}</p>\
             <p class=\"code\">{code}, recorded in this session</p></main></html>",
            title = escape(&self.title),
            detail = escape(&self.detail),
            code = escape(self.code),
        )
    }
}

/// Text as it may stand in HTML, in an attribute too.
#[must_use]
pub fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

const STYLE: &str = "html{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{margin:0;display:grid;place-items:center;min-height:100vh}main{max-width:34rem;padding:2rem}\
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 .75rem}.mark{margin:0;font-weight:600;opacity:.7}\
.code{font-size:.8125rem;opacity:.65}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_refusal_is_markup() {
        let page = Refused::new(403, "scope", "<script>alert(1)</script>", "a \"b\" & 'c'").page();
        assert!(!page.contains("<script"));
        assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("a &quot;b&quot; &amp; &#39;c&#39;"));
    }
}
