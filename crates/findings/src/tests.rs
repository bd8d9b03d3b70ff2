use std::sync::Arc;

use domain::{ReasonCategory, Scope};
use recording::{Captured, Frame};
use wire::finding::{Draw, Finding, Weight};

use crate::{Context, Earlier, Looked, Room, RuleError, Rules, Watch};

/// A Session of a Tuesday at noon, of somebody who has had such Sessions before.
fn context() -> Context {
    Context {
        organization: "o-1".parse().expect("an id"),
        scope: Scope::Read,
        reason: ReasonCategory::CustomerReportedProblem,
        ticket: "SUP-4711".into(),
        justification: "The customer reports a wrong total on an invoice.".into(),
        seconds: 1800,
        weekday: 2,
        minute: 720,
        first_here: false,
        earlier: vec![earlier(40, 20); 5],
        extensions: 0,
        missing_batches: 0,
        ended: "person".into(),
        draw: None,
    }
}

/// On the same Organization and for the same reason, this many days ago.
fn earlier(days: u64, exchanges: u64) -> Earlier {
    Earlier {
        seconds_before: days * 86_400,
        organization: "o-1".parse().expect("an id"),
        reason: Some(ReasonCategory::CustomerReportedProblem),
        exchanges,
        refused: 0,
    }
}

fn frames(contents: Vec<Captured>) -> Vec<Frame> {
    (0..)
        .zip(contents)
        .map(|(seq, content)| Frame { seq, at: 1000 + i64::try_from(seq).expect("few"), content })
        .collect()
}

fn request(exchange: u64, method: &str, path: &str) -> Captured {
    Captured::Request {
        exchange,
        method: method.into(),
        path: path.into(),
        headers: Vec::new(),
        body: None,
        body_bytes: 0,
        body_digest: None,
        write: method != "GET",
    }
}

fn answered(exchange: u64, status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Captured> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (first, rest) = body.split_at(body.len() / 2);
    let done = Captured::Done {
        exchange,
        body_bytes: body.len() as u64,
        body_digest: statement::sha256(body),
        took_ms: 1,
        cut: None,
    };
    let parts = [(0, first), (1, rest)].into_iter().flat_map(|(n, part)| Captured::parts(exchange, n, part.as_bytes()));
    [Captured::Response { exchange, status, headers }].into_iter().chain(parts).chain([done]).collect()
}

fn exchange(method: &str, path: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Captured> {
    let mut all = vec![request(0, method, path)];
    all.extend(answered(0, status, headers, body));
    all
}

fn found(context: &Context, contents: Vec<Captured>) -> Vec<Finding> {
    looked(context, contents).findings
}

fn watch(context: &Context, contents: Vec<Captured>) -> Watch {
    let rules = Rules::compiled_in().expect("the rules that are compiled in are rules");
    let mut watch = Watch::new(Arc::new(rules), context.clone(), Room::of(64 << 20));
    for frame in frames(contents) {
        watch.see(&frame);
    }
    watch
}

fn looked(context: &Context, contents: Vec<Captured>) -> Looked {
    watch(context, contents).done()
}

fn names(context: &Context, contents: Vec<Captured>) -> Vec<String> {
    found(context, contents).into_iter().map(|finding| finding.rule).collect()
}

fn list(records: usize) -> String {
    format!(r#"{{"data":{{"items":[{}]}}}}"#, vec!["1"; records].join(","))
}

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json; charset=utf-8")];

#[test]
fn an_ordinary_session_has_no_findings() {
    let mut contents = exchange("GET", "/invoices?page=2", 200, JSON, &list(25));
    contents.push(Captured::Page { page: "p".into(), events: Vec::new() });
    assert_eq!(names(&context(), contents), Vec::<String>::new());
}

#[test]
fn many_records_in_one_answer() {
    assert_eq!(names(&context(), exchange("GET", "/people", 200, JSON, &list(199))), Vec::<String>::new());
    let findings = found(&context(), exchange("GET", "/people?all=1", 200, JSON, &list(200)));
    let expected = Finding {
        rule: "bulk-read".into(),
        weight: Weight::Look,
        sentence: "200 records came in one answer of /people.".into(),
        frame: Some(0),
        at: Some(1000),
        times: 1,
    };
    assert_eq!(findings, [expected]);
}

#[test]
fn a_file_that_is_taken_out() {
    let attached =
        [("content-disposition", "Attachment; filename=a.bin"), ("content-type", "application/octet-stream")];
    assert_eq!(names(&context(), exchange("GET", "/export", 200, &attached, "x")), ["export"]);
    assert_eq!(names(&context(), exchange("GET", "/export", 403, &attached, "x")), Vec::<String>::new());
    let table = found(&context(), exchange("GET", "/a.csv", 200, &[("content-type", "text/csv")], "name\nA\nB\n"));
    assert_eq!(table[0].sentence, "A file was downloaded from /a.csv: 9 bytes, 2 records.");
}

#[test]
fn a_change_that_neither_ticket_nor_justification_names() {
    assert_eq!(names(&context(), exchange("PUT", "/api/v1/invoices/12", 200, JSON, "{}")), Vec::<String>::new());
    assert_eq!(names(&context(), exchange("PUT", "/employees/12", 500, JSON, "{}")), Vec::<String>::new());
    let other = found(&context(), exchange("PUT", "/employees/12?q=invoice", 200, JSON, "{}"));
    assert_eq!(other[0].sentence, "PUT /employees/12 is a change that neither ticket nor justification names.");
}

#[test]
fn what_was_refused_again_and_again() {
    let refused = |n: u64| {
        (0..n)
            .map(|exchange| Captured::Refused {
                exchange,
                method: "DELETE".into(),
                path: "/x".into(),
                code: "write".into(),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&context(), refused(2)), Vec::<String>::new());
    assert_eq!(found(&context(), refused(3))[0].sentence, "3 requests were refused.");
}

#[test]
fn when_where_and_how_long() {
    let c = context();
    let of = |context: Context| names(&context, Vec::new());
    assert_eq!(of(Context { weekday: 6, ..c.clone() }), ["outside-hours"]);
    assert_eq!(of(Context { minute: 419, ..c.clone() }), ["outside-hours"]);
    assert_eq!(of(Context { minute: 1200, ..c.clone() }), ["outside-hours"]);
    assert_eq!(of(Context { minute: 420, ..c.clone() }), Vec::<String>::new());
    assert_eq!(of(Context { first_here: true, ..c.clone() }), ["first-time-here"]);
    assert_eq!(of(Context { extensions: 1, ..c.clone() }), ["extended"]);
    let gap = found(&Context { missing_batches: 2, ended: "gateway-silent".into(), ..c.clone() }, Vec::new());
    assert_eq!((gap[0].rule.as_str(), gap[0].weight), ("recording-gap", Weight::Stop));
    assert_eq!(of(Context { ended: "gateway-silent".into(), ..c }), ["recording-gap"]);
}

#[test]
fn much_more_than_this_person_usually_does() {
    let many = |n: u64| (0..n).map(|exchange| request(exchange, "GET", "/")).collect::<Vec<_>>();
    let c = context();
    assert_eq!(names(&c, many(99)), Vec::<String>::new());
    let found = found(&c, many(100));
    assert_eq!(found[0].sentence, "100 exchanges; this person's Sessions for this reason usually have 20.");
    // Nobody knows yet what is usual.
    assert_eq!(names(&Context { earlier: vec![earlier(40, 1); 4], ..c.clone() }, many(100)), Vec::<String>::new());
    assert_eq!(names(&Context { earlier: vec![earlier(40, 0); 9], ..c }, many(100)), Vec::<String>::new());
}

#[test]
fn pages_that_were_not_seen() {
    let note = |code: &str| Captured::Note { code: code.into(), detail: String::new() };
    assert_eq!(names(&context(), vec![note("paused"), note("resumed")]), Vec::<String>::new());
    assert_eq!(names(&context(), vec![note("recorder-absent")]), ["recorder-silent"]);
}

#[test]
fn what_weighs_most_comes_first_and_once() {
    let mut contents = exchange("GET", "/b.csv", 200, &[("content-type", "text/csv")], "a\n");
    contents.extend(exchange("GET", "/c.csv", 200, &[("content-type", "text/csv")], "a\n"));
    let context = Context { missing_batches: 1, first_here: true, ..context() };
    let findings = found(&context, contents);
    let told: Vec<_> = findings.iter().map(|f| (f.rule.as_str(), f.times)).collect();
    assert_eq!(told, [("recording-gap", 1), ("export", 2), ("first-time-here", 1)]);
    assert!(findings[1].sentence.contains("/b.csv"), "{findings:?}");
}

/// What never ends is bounded, and what others wrote stays on one line.
#[test]
fn nothing_that_a_service_sends_is_too_much() {
    let mut contents: Vec<_> = (0..2000).map(|n| request(n, "GET", "/")).collect();
    let long = format!("/employees/{}\n", "x".repeat(10_000));
    contents.push(request(2000, "PUT", &long));
    contents.extend(answered(2000, 200, &[], "{"));
    contents.push(Captured::Body { exchange: 7, part: 0, bytes: "not base64!".into() });
    contents.extend(answered(999_999, 200, JSON, &list(1000)));
    let findings = found(&context(), contents);
    let change = findings.iter().find(|f| f.rule == "unnamed-write").expect("found");
    assert!(change.sentence.chars().count() < 250 && !change.sentence.contains('\n'), "{}", change.sentence);
    assert!(!findings.iter().any(|f| f.rule == "bulk-read"), "an answer without its request");
}

mod draws;
mod several;

#[test]
fn a_rule_that_is_none_is_named() {
    let good = include_str!("../rules/export.yml");
    let bad = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        Rules::read([good.replace(from, to).as_str()]).expect_err(to)
    };
    assert!(matches!(bad("condition:", "conditions:"), RuleError::NotSigma(_)));
    assert!(matches!(bad("condition: (download", "condition: (nothing"), RuleError::NotSigma(_)));
    assert!(matches!(bad("name: export", "name: Export"), RuleError::NoName(_)));
    assert!(matches!(bad("level: medium", "level: critical"), RuleError::NoLevel(_)));
    assert!(matches!(bad("category: exchange", "category: proxy"), RuleError::OtherSource(_)));
    assert!(matches!(bad("product: countersign", "product: linux"), RuleError::OtherSource(_)));
    assert!(matches!(bad("{path}", "{path"), RuleError::NoSentence(_)));
    assert!(matches!(bad("sentence:", "sentences:"), RuleError::NoSentence(_)));
    assert!(matches!(bad("{path}", "{minutes}"), RuleError::NoSuchField(_, field) if field == "minutes"));
    assert!(matches!(bad("level: medium", "level: medium\none_in: 2"), RuleError::NoShare(_)));
    let weighs = include_str!("../rules/refused-attempts.yml").replace("sentence:", "one_in: 2\nsentence:");
    assert!(matches!(Rules::read([weighs.as_str()]), Err(RuleError::NoShare(_))), "what is drawn is no reproach");
    let draws = include_str!("../rules/drawn.yml");
    for share in ["one_in: 0", "one_in: -1", "one_in: 0.5", "one_in: often"] {
        let text = draws.replace("one_in: 20", share);
        assert!(matches!(Rules::read([text.as_str()]), Err(RuleError::NoShare(_))), "{share}");
    }
    assert!(matches!(Rules::read([good, good]), Err(RuleError::NoName(_))));
}
