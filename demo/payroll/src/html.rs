use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::OrgId;

use crate::admission::Distrust;
use crate::company::Company;

/// What stands around a page's own part.
pub struct Page<'a> {
    pub organization: &'a OrgId,
    pub legal_name: &'a str,
    /// Which entry of the menu is marked.
    pub section: &'static str,
    pub crumbs: String,
    pub title: String,
    /// Markup at the right of the title: links and buttons.
    pub actions: String,
    pub message: Option<String>,
    pub body: String,
}

const MENU: [(&str, &str); 5] = [
    ("overview", "Overview"),
    ("people", "People"),
    ("payslips", "Payslips"),
    ("settings/status", "Status"),
    ("settings", "Settings"),
];

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let base = format!("/o/{}", self.organization);
        let menu: String = MENU
            .iter()
            .map(|(path, label)| {
                let current = if *path == self.section { " aria-current=\"page\"" } else { "" };
                format!("<li><a href=\"{base}/{path}\"{current}>{label}</a></li>")
            })
            .collect();
        let message =
            self.message.map_or_else(String::new, |m| format!("<p class=\"message\" role=\"status\">{}</p>", text(&m)));
        let body = format!(
            "<div class=\"shell\"><nav aria-label=\"Sections\"><p class=\"brand\">kestrel<span>pay</span></p>\
             <p class=\"company\">{}</p><ul>{menu}</ul></nav>\
             <main><header><div><p class=\"crumbs\">{}</p><h1>{}</h1></div><div class=\"actions\">{}</div></header>{message}{}</main></div>",
            text(self.legal_name),
            text(&self.crumbs),
            text(&self.title),
            self.actions,
            self.body
        );
        markup(document(&self.title, &body))
    }
}

/// One of the numbers at the top of a page.
pub fn card(label: &str, value: &str) -> String {
    format!("<div class=\"card\"><dt>{}</dt><dd>{}</dd></div>", text(label), text(value))
}

/// A row of a list of facts.
pub fn fact(label: &str, value: &str) -> String {
    format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>", text(label), text(value))
}

/// Whether a payslip was made.
pub fn badge(generated: bool) -> &'static str {
    if generated { "<span class=\"badge good\">Generated</span>" } else { "<span class=\"badge bad\">Missing</span>" }
}

/// Text with everything that means something in markup taken out of effect.
pub fn text(raw: &str) -> String {
    let mut safe = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A page of its own for what is not there.
pub fn not_found(organization: &OrgId, company: &Company) -> Response {
    let page = Page {
        organization,
        legal_name: company.seed.legal_name,
        section: "",
        crumbs: company.seed.name.to_owned(),
        title: "There is nothing here".to_owned(),
        actions: String::new(),
        message: None,
        body: format!("<p><a href=\"/o/{organization}/overview\">Back to the overview</a></p>"),
    };
    (StatusCode::NOT_FOUND, page).into_response()
}

/// The page for a request that was not let in. It holds nothing of any Organization.
pub fn refusal(distrust: &Distrust) -> Response {
    let body = format!(
        "<main class=\"alone\"><p class=\"brand dark\">kestrel<span>pay</span></p><h1>You cannot enter here</h1>\
         <p>Kestrel Payroll opens an Organization to support staff only through Countersign, with two signatures that it checks itself. \
         This request did not pass: {}.</p><p>Ask for access in the Countersign app, or end this session and open it again.</p></main>",
        text(&distrust.to_string())
    );
    markup(document("You cannot enter here", &body))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{} - Kestrel Payroll</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"/assets/kestrel.svg\"><link rel=\"stylesheet\" href=\"/assets/kestrel.css\"></head><body>{body}</body></html>",
        text(title)
    )
}

fn markup(document: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], document).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(text("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    }
}
