//! Bad input: each is answered with what is wrong and what to do next, leaves exactly one Event, and changes nothing.

use domain::Digest;
use serde_json::{Value, json};
use sqlx::Row as _;
use statement::{Verdict, base64url, base64url_decode, sha256};
use wire::event::EventKind;

use super::world::{Account, Answered, World, code, read};

mod services;

struct Trial {
    w: World,
    pool: sqlx::SqlitePool,
}

impl Trial {
    async fn new() -> Self {
        let w = World::new().await;
        let path = w.folder.path().join("broker.sqlite");
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("pool");
        Self { w, pool }
    }

    /// Every row of every table, but the count of wrong codes.
    async fn rows(&self) -> Vec<String> {
        // How far the log was verified meanwhile is no effect of a call.
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'log_head' ORDER BY name";
        let tables = sqlx::query(tables);
        let mut rows = Vec::new();
        for table in tables.fetch_all(&self.pool).await.expect("tables") {
            let table: String = table.get(0);
            let columns = sqlx::query("SELECT name FROM pragma_table_info(?)").bind(&table);
            let columns: Vec<String> =
                columns.fetch_all(&self.pool).await.expect("columns").iter().map(|c| c.get(0)).collect();
            let counts = ["wrong", "locks", "locked_until"];
            let kept = columns.iter().filter(|c| table != "second_factors" || !counts.contains(&c.as_str()));
            let quoted: Vec<String> = kept.map(|c| format!("quote({c})")).collect();
            let query = format!("SELECT {} FROM {table} ORDER BY 1", quoted.join("||'|'||"));
            let found = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&self.pool).await.expect("rows");
            rows.extend(found.iter().map(|row| format!("{table}: {}", row.get::<String, _>(0))));
        }
        rows
    }

    async fn refused(&self, what: &str, expected: (u16, &str), kind: EventKind, call: impl Future<Output = Answered>) {
        let (events, rows) = (self.w.log.len(), self.rows().await);
        let answer = call.await;
        self.says(what, expected, &answer);
        let written = self.w.log.since(events);
        assert_eq!(written.len(), 1, "{what}: {written:?}");
        assert_eq!(written[0].kind, kind, "{what}");
        let said = written[0].facts["code"].as_str();
        assert!(said == expected.1 || (said, expected.1) == ("wrong-code", "second-factor-locked"), "{what}: {said}");
        assert_eq!(self.rows().await, rows, "{what}: something changed");
    }

    fn says(&self, what: &str, expected: (u16, &str), answer: &Answered) {
        assert_eq!(code(answer), expected, "{what}: {answer:?}");
        let text = |name: &str| answer.1[name].as_str().unwrap_or_default();
        for name in ["title", "detail"] {
            assert!(text(name).len() > 8 && text(name).ends_with('.'), "{what}: {name} {:?}", text(name));
        }
        assert_ne!(text("title"), text("detail"), "{what}: what to do next is not what is wrong");
    }

    /// A decision with everything that it takes.
    async fn decision(&self, who: &Account, id: &Digest) -> Value {
        let statement = self.w.sign(who, self.w.decision(id, Verdict::Approve), 600);
        let mfa = self.w.attestation(who, &statement).await;
        json!({"statement": statement, "mfa": mfa})
    }
}

fn sign_in(code: &str) -> Value {
    json!({"code": code, "purpose": "sign-in", "statement": null})
}

#[tokio::test]
async fn codes() {
    let t = Trial::new().await;
    let (w, kind) = (&t.w, EventKind::SecondFactorRefused);
    let mara = w.admitted("e-100", &["engineer"]).await;
    let used = w.next_code(&mara);
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&used)).await.0, 200);
    let codes = |body: Value| w.post(&mara, "/v1/codes", body);
    t.refused("a used code", (403, "code-used"), kind, codes(sign_in(&used))).await;
    t.refused("no code", (400, "no-code"), kind, codes(sign_in("12 34"))).await;
    let nothing = json!({"code": used, "purpose": "statement", "statement": null});
    t.refused("a code for nothing", (400, "malformed"), kind, codes(nothing)).await;
    t.refused(
        "a second factor twice",
        (409, "second-factor-exists"),
        kind,
        w.post(&mara, "/v1/second-factor", json!({})),
    )
    .await;
    let confirm = w.post(&mara, "/v1/second-factor/confirm", sign_in(&used));
    t.refused("confirmed twice", (409, "second-factor-exists"), kind, confirm).await;
    w.clock.advance(30);
    let wrong = if w.code_now(&mara) == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        t.refused("a wrong code", (403, "wrong-code"), kind, codes(sign_in(wrong))).await;
    }
    let locked = (429, "second-factor-locked");
    t.refused("the fifth", locked, EventKind::SecondFactorLocked, codes(sign_in(wrong))).await;
    t.refused("locked out, a right code", locked, kind, codes(sign_in(&w.code_now(&mara)))).await;
    let tomasz = w.stranger("e-200", "e-200", &["approver"]);
    w.enrol(&tomasz).await;
    let early = w.post(&tomasz, "/v1/codes", sign_in("123456"));
    t.refused("before there is a factor", (409, "second-factor-missing"), kind, early).await;
}

#[tokio::test]
async fn requests() {
    let t = Trial::new().await;
    let (w, kind) = (&t.w, EventKind::RequestRefused);
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let send = |statement: String| w.post(&mara, "/v1/requests", json!({ "statement": statement }));
    let with = |change: &dyn Fn(&mut statement::Request)| {
        let mut body = w.request();
        change(&mut body);
        w.sign(&mara, body, 3600)
    };
    let sent = w.sign(&mara, w.request(), 3600);
    assert_eq!(send(sent.clone()).await.0, 200);
    t.refused("sent twice", (409, "sent-already"), kind, send(sent.clone())).await;
    let parts: Vec<&str> = sent.split('.').collect();
    let payload = String::from_utf8(base64url_decode(parts[1]).expect("base64url")).expect("utf-8");
    let altered = format!("{}.{}.{}", parts[0], base64url(payload.replace("1800", "1801")), parts[2]);
    t.refused("altered", (403, "bad-signature"), kind, send(altered)).await;
    let long = with(&|r| r.duration_seconds = 7201);
    t.refused("too long for the policy", (403, "duration-out-of-policy"), kind, send(long)).await;
    let none = with(&|r| r.duration_seconds = 0);
    t.refused("no duration", (403, "duration-out-of-bounds"), kind, send(none)).await;
    let wide = with(&|r| r.scope = domain::Scope::Administer);
    t.refused("a Scope that the reason does not open", (403, "scope-not-for-reason"), kind, send(wide)).await;
    let short = with(&|r| r.justification = "Because.".into());
    t.refused("a short justification", (400, "bad-text"), kind, send(short)).await;
    let other = with(&|r| r.policy = sha256("another"));
    t.refused("another policy", (409, "other-policy"), kind, send(other)).await;
    let renamed = with(&|r| r.organization.name = "Delmar Foods".into());
    t.refused("another name", (409, "organization-renamed"), kind, send(renamed)).await;
    let mut later = w.payload(w.request(), 3600);
    (later.iat, later.exp) = (later.iat + 600, later.exp + 600);
    let later = w.sign_payload(&mara, &later);
    t.refused("a start that is not now", (403, "from-the-future"), kind, send(later)).await;
    let lay = w.sign(&mara, w.request(), 3600);
    w.clock.advance(301);
    t.refused("stale", (409, "stale"), kind, send(lay)).await;
    t.refused("no role", (403, "missing-role"), kind, w.send_request(&tomasz, w.request())).await;
    t.refused("no form", (400, "malformed"), kind, w.post(&mara, "/v1/requests", json!({}))).await;
    let id = sha256(&sent);
    t.refused("withdrawn by another", (403, "not-the-requester"), kind, w.withdraw(&tomasz, &id)).await;
    t.refused("withdrawing nothing", (404, "no-such-request"), kind, w.withdraw(&mara, &sha256("nothing"))).await;
}

#[tokio::test]
async fn decisions() {
    let t = Trial::new().await;
    let (w, kind) = (&t.w, EventKind::DecisionRefused);
    let mara = w.admitted("e-100", &["engineer", "approver"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let adaeze = w.admitted("e-300", &["approver"]).await;
    let mut second = w.stranger("E-100", "mara.admin", &["approver"]);
    w.enrol(&second).await;
    second.seed.clone_from(&mara.seed);
    assert_eq!(w.post(&second, "/v1/codes", sign_in(&w.next_code(&second))).await.0, 200);

    let id = w.ask(&mara).await;
    let body = t.decision(&mara, &id).await;
    t.refused("one's own", (403, "own-request"), kind, w.decide(&mara, &id, body)).await;
    let body = t.decision(&second, &id).await;
    t.refused("a second account", (403, "same-person"), kind, w.decide(&second, &id, body)).await;
    let other = w.ask(&mara).await;
    let body = t.decision(&tomasz, &other).await;
    t.refused("about another request", (409, "other-request"), kind, w.decide(&tomasz, &id, body.clone())).await;
    let mut without = body.clone();
    without["mfa"] = Value::Null;
    t.refused("without a code", (403, "no-second-factor"), kind, w.decide(&tomasz, &other, without)).await;
    w.clock.advance(301);
    t.refused("stale", (409, "stale"), kind, w.decide(&tomasz, &other, body)).await;

    let (withdrawn, denied, approved, open) =
        (w.ask(&mara).await, w.ask(&mara).await, w.ask(&mara).await, w.ask(&mara).await);
    assert_eq!(w.withdraw(&mara, &withdrawn).await.0, 200);
    assert_eq!(w.deny(&tomasz, &denied).await.0, 200);
    assert_eq!(w.approve(&tomasz, &approved).await.0, 200);
    assert_eq!(w.approve(&tomasz, &open).await.0, 200);
    let opened = json!({"kind": "opened", "request": open, "session": sha256("s"), "ends_at": w.broker.now() + 600});
    assert_eq!(w.as_gateway("/v1/session-changes", opened).await.0, 204);
    for (what, id, who, expected) in [
        ("on something withdrawn", &withdrawn, &adaeze, "withdrawn"),
        ("on something denied", &denied, &adaeze, "already-decided"),
        ("a second decision", &denied, &tomasz, "already-decided"),
        ("on something approved", &approved, &adaeze, "already-decided"),
        ("on something opened", &open, &adaeze, "already-decided"),
    ] {
        let body = t.decision(who, id).await;
        t.refused(what, (409, expected), kind, w.decide(who, id, body)).await;
    }
    let mut body = w.request();
    body.reason = domain::ReasonCategory::LegalDisclosure;
    let two = w.sign(&mara, body, 3600);
    assert_eq!(w.post(&mara, "/v1/requests", json!({ "statement": two })).await.0, 200);
    let two = sha256(two);
    assert_eq!(w.approve(&tomasz, &two).await.1["state"], "waiting");
    let body = t.decision(&tomasz, &two).await;
    t.refused("the same person twice", (409, "decided-twice"), kind, w.decide(&tomasz, &two, body)).await;
    w.clock.advance(3600);
    let body = t.decision(&adaeze, &id).await;
    t.refused("on something expired", (409, "expired"), kind, w.decide(&adaeze, &id, body)).await;
}

#[tokio::test]
async fn people() {
    let t = Trial::new().await;
    let (w, kind) = (&t.w, EventKind::CallRefused);
    let mara = w.admitted("e-100", &["engineer"]).await;
    let stranger = w.stranger("e-500", "e-500", &["engineer"]);
    assert_eq!(w.get(&stranger, "/v1/me").await.0, 200);
    t.refused("not enrolled", (403, "not-enrolled"), kind, w.get(&stranger, "/v1/organizations")).await;
    w.enrol(&stranger).await;
    t.refused("no code yet", (403, "sign-in-code-needed"), kind, w.get(&stranger, "/v1/organizations")).await;
    let nothing = w.get(&mara, "/v1/requests/%ff%fe");
    t.refused("an address that is no text", (404, "no-such-call"), kind, nothing).await;
    t.refused("no such list", (400, "malformed"), kind, w.get(&mara, "/v1/requests?view=all")).await;
    let late = w.prepared(&mara, "GET", "/v1/organizations", None);
    w.clock.advance(60);
    let late = async { read(w.send(late).await).await };
    t.refused("a computer with a wrong clock", (401, "wrong-clock"), kind, late).await;
    let enrol = json!({"statement": w.enrol_statement(&mara, &w.stranger("e-600", "e-600", &[]))});
    let by_mara = w.post(&mara, "/v1/enrolments", enrol);
    t.refused("enrolling without the role", (403, "missing-role"), EventKind::EnrolmentRefused, by_mara).await;
    let change = json!({"kind": "opened", "request": sha256("x"), "session": sha256("s"), "ends_at": 1});
    t.refused("of nothing", (404, "no-such-request"), kind, w.as_gateway("/v1/session-changes", change)).await;
    t.refused("no form", (400, "malformed"), kind, w.as_gateway("/v1/leases", json!({"all": true}))).await;
    let stream = || w.send(w.prepared(&mara, "GET", "/v1/stream", None));
    let open = [stream().await, stream().await, stream().await, stream().await];
    t.refused("a fifth stream", (503, "too-many-streams"), kind, w.get(&mara, "/v1/stream")).await;
    drop(open);
    w.clock.advance(8 * 3600);
    let old = w.get(&mara, "/v1/me");
    t.refused("a sign-in of yesterday", (401, "sign-in-too-old"), EventKind::SignInRefused, old).await;
}
