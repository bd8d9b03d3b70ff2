use crate::report::time;
use crate::{PeriodReport, Proof, Report};

/// Colours and sizes of the summary; nothing else of the page is fixed.
const STYLE: &str = "\
:root{color-scheme:light dark;--sheet:#f9fcfa;--text:#132226;--quiet:#404f53;--line:#d5ddda;--seal:#156141;--amber:#855412}
@media (prefers-color-scheme:dark){:root{--sheet:#10191b;--text:#e9eeed;--quiet:#b7c0c0;--line:#252e31;--seal:#76d5a4;\
--amber:#efbf6c}}
body{margin:0 auto;padding:2.5rem 1.5rem;max-width:46rem;background:var(--sheet);color:var(--text);\
font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.2rem;margin:2.5rem 0 .5rem;padding-top:1rem;border-top:1px solid var(--line)}\
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
p{margin:.25rem 0;color:var(--quiet)}ul{margin:0;padding:0;list-style:none}
li{margin:.6rem 0;padding-left:1.6rem;position:relative;overflow-wrap:anywhere}li::before{position:absolute;left:0}
.proven li::before{content:\"✓\";color:var(--seal)}.open li::before{content:\"–\";color:var(--amber)}
code{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
@media print{body{max-width:none;padding:0}}
";

/// What is proven as a page of its own, for people: no script, nothing loaded, and the SHA-256 of the file it is about. It
/// proves nothing by itself, and says so.
#[must_use]
pub fn summary(proof: &Proof, evidence: &[u8]) -> String {
    let (title, body) = match proof {
        Proof::Session(report) => (format!("Evidence of Session {}", report.session), session(report, "h1")),
        Proof::Period(report) => (format!("Evidence of {}", report.organization), period(report)),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}<section>\n<h2>About this page</h2>\n\
         <p>It was written by a verifier that had checked the Evidence file with the SHA-256 <code>{digest}</code>. A page \
         can be written by anybody: check that file with <code>countersign-verify</code> and a trust file of your own.</p>\n\
         </section>\n</body>\n</html>\n",
        title = escaped(&title),
        digest = statement::sha256(evidence),
    )
}

fn session(report: &Report, heading: &str) -> String {
    format!(
        "<{heading}>Session in {organization}</{heading}>\n\
         <p>Organization <code>{id}</code>, Session <code>{session}</code></p>\n{lists}",
        organization = escaped(&report.organization.name),
        id = escaped(report.organization.id.as_str()),
        session = escaped(report.session.as_str()),
        lists = lists(&report.proven, &report.not_proven),
    )
}

fn period(report: &PeriodReport) -> String {
    let sessions: String = report.sessions.iter().map(|one| session(one, "h2")).collect();
    format!(
        "<h1>Sessions in <code>{organization}</code></h1>\n<p>From {from} until {to}</p>\n{lists}{sessions}",
        organization = escaped(report.organization.as_str()),
        from = escaped(&time(report.from)),
        to = escaped(&time(report.to)),
        lists = lists(&report.proven, &report.not_proven),
    )
}

fn lists(proven: &[String], not_proven: &[String]) -> String {
    let list = |class: &str, title: &str, sentences: &[String]| {
        let items: String = sentences.iter().map(|sentence| format!("<li>{}</li>\n", escaped(sentence))).collect();
        format!("<section class=\"{class}\">\n<h3>{title}</h3>\n<ul>\n{items}</ul>\n</section>\n")
    };
    list("proven", "Proven", proven) + &list("open", "Not proven by this file", not_proven)
}

/// Text, wherever it came from, as text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in domain::legible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use domain::Organization;

    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        let organization: Organization = serde_json::from_value(serde_json::json!({
            "id": "kinloch-hotels", "name": "<script>alert(1)</script>\u{202e}",
        }))
        .expect("an Organization");
        let report = Report {
            session: statement::sha256("session").into(),
            organization,
            proven: vec!["Ticket: \"><img src=x onerror='go()'> & more.".into()],
            not_proven: vec!["</ul><style>*{display:none}</style>".into()],
            opened_entry: 0,
        };
        let page = summary(&Proof::Session(report), b"file");
        assert_eq!(page.matches('<').count(), page.matches('>').count());
        for hostile in ["<script", "<img", "</ul><style", "\u{202e}", "onerror='"] {
            assert!(!page.contains(hostile), "{hostile} in\n{page}");
        }
        assert!(page.contains("&quot;&gt;&lt;img src=x onerror=&#39;go()&#39;&gt; &amp; more."), "{page}");
        assert!(page.contains(statement::sha256("file").as_str()), "{page}");
        assert!(page.contains("default-src 'none'"));
    }
}
