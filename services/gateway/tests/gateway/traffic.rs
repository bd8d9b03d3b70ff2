use domain::Scope;
use recording::Captured;
use wire::event::EventKind;

use crate::bundle::Wish;
use crate::rig::Rig;

fn writer() -> Wish {
    Wish { scope: Scope::ReadWrite, ..Wish::default() }
}

#[tokio::test]
async fn pages_pass_with_an_assertion_and_the_recorder_and_are_recorded() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let fields = "Sec-Fetch-Dest: document\r\nCookie: sid=hush\r\nX-Forwarded-User: root\r\nCountersign-Assertion: forged\r\nAuthorization: Basic x\r\n";
    let answer = person.request("GET", "/o/kinloch%2Dhotels/?q=1&token=hush", fields, "").await;
    assert_eq!(answer.status, 200);
    let page = answer.text();
    assert!(
        page.starts_with("<!doctype html><script nonce=\"") && page.contains("/.countersign/recorder.js?whole"),
        "{page}"
    );
    assert!(page.contains("value=secret-1"), "the page itself is not redacted");
    assert!(
        answer.head.contains("script-src 'self' 'nonce-") && answer.head.contains("cache-control: no-store"),
        "{}",
        answer.head
    );

    let arrived = &rig.service.arrived()[0];
    assert_eq!(arrived.target, "/o/kinloch-hotels/?q=1&token=hush");
    let header = |name: &str| arrived.headers.get_all(name).iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(
        (header("host"), header("cookie"), header("x-forwarded-user"), header("authorization")),
        (vec!["payroll.test"], vec!["sid=hush"], vec![], vec![])
    );
    let assertion = header(wire::ASSERTION_HEADER);
    let [assertion] = assertion[..] else { panic!("{assertion:?}") };

    let ask = format!("GET /v1/proof HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {assertion}\r\n\r\n", rig.address);
    let proof = person.raw(ask.as_bytes()).await;
    assert_eq!(proof.status, 200);
    assert!(proof.json()["bundle_json"].as_str().unwrap().contains("pk_tokens"));
    assert_eq!(person.call("GET", "/v1/proof", "").await.code(), "unknown-assertion");
    assert_eq!(person.raw(ask.as_bytes()).await.status, 200);
    let shown = rig.audit.state.lock().unwrap().events.iter().filter(|e| e.kind == EventKind::Viewed).count();
    assert_eq!(shown, 1, "once an hour");

    rig.until("recorded", |r| r.audit.contents().iter().any(|c| matches!(c, Captured::Done { .. }))).await;
    let recorded = serde_json::to_string(&rig.audit.contents()).unwrap();
    assert!(!recorded.contains("hush") && !recorded.contains(assertion), "{recorded}");
    let [
        Captured::Request { path, write: false, .. },
        Captured::Response { status: 200, .. },
        body @ Captured::Text { .. },
        Captured::Note { code, detail },
        Captured::Done { cut: None, .. },
    ] = &rig.audit.contents()[..]
    else {
        panic!("{recorded}")
    };
    assert_eq!(path, "/o/kinloch-hotels/?q=1&token=[redacted]");
    // Three headers of the request, its query; a header of the answer, a hidden input.
    assert_eq!(code, "redacted");
    assert_eq!(detail, "Of exchange 0, 6 secret values were taken out before it was recorded.");
    let body = String::from_utf8(body.part().unwrap().into_owned()).unwrap();
    assert!(
        body.contains("<title>Employees</title>") && !body.contains("secret-1") && !body.contains("recorder.js"),
        "{body}"
    );
}

#[tokio::test]
async fn read_is_refused_a_write_in_words() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let answer = person.request("POST", "/o/kinloch-hotels/write", "Sec-Fetch-Dest: document\r\n", "a=b").await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("<h1>Read does not allow changes here.</h1>"), "{}", answer.text());
    assert_eq!(person.post("/o/kinloch-hotels/write", "a=b").await.code(), "scope");
    assert!(rig.service.arrived().is_empty());
    rig.until("events", |r| r.audit.codes(EventKind::ExchangeRefused) == ["scope", "scope"]).await;
    rig.until("frames", |r| {
        r.audit.contents().iter().filter(|c| matches!(c, Captured::Refused { code, .. } if code == "scope")).count()
            == 2
    })
    .await;
}

#[tokio::test]
async fn another_organization_gives_no_byte() {
    let rig = Rig::new().await;
    let person = rig.inside(writer()).await;
    let visited = person.visit("/o/delmar-foods/").await;
    assert!(
        visited.text().contains("That page belongs to another Organization.")
            && visited.text().contains("Your access is for Kinloch Hotels only.")
    );
    assert_eq!(person.get("/o/kinloch-hotels/?org=delmar-foods").await.code(), "other-organization");
    assert_eq!(
        person.request("GET", "/o/kinloch-hotels/", "X-Organization: delmar-foods\r\n", "").await.code(),
        "other-organization"
    );
    assert_eq!(person.post("/o/kinloch-hotels/write", "organization=delmar-foods").await.code(), "other-organization");
    let json = "Content-Type: application/json\r\n";
    assert_eq!(
        person
            .request("POST", "/o/kinloch-hotels/write", json, r#"{"a":{"organization":"delmar-foods"}}"#)
            .await
            .code(),
        "other-organization"
    );
    assert_eq!(person.get("/o/kinloch-hotels/leave").await.code(), "location-outside");
    assert_eq!(person.get("/o/kinloch-hotels/%2e%2e/delmar-foods/").await.code(), "unclear-path");
    assert_eq!(
        person.request("GET", "/o/kinloch-hotels/", "Service-Worker: script\r\n", "").await.code(),
        "service-worker"
    );
    let arrived: Vec<String> = rig.service.arrived().into_iter().map(|a| a.target).collect();
    assert_eq!(arrived, ["/o/kinloch-hotels/leave"]);
}

#[tokio::test]
async fn g_32_g_33_only_the_service_itself_is_reached() {
    for (file, from, to) in [
        ("targets.toml", "upstream_name = \"payroll.test\"", "upstream_name = \"other.test\""),
        ("targets.toml", "127.0.0.1/32", "10.0.0.0/8"),
    ] {
        let mut rig = Rig::new().await;
        rig.stop().await;
        rig.edit(file, from, to);
        rig.start().await;
        let person = rig.inside(Wish::default()).await;
        assert_eq!(person.get("/o/kinloch-hotels/data").await.code(), "upstream-unreachable", "{to}");
        assert!(rig.service.arrived().is_empty());
    }
    let mut rig = Rig::new().await;
    rig.stop().await;
    let foreign = rcgen::generate_simple_self_signed(vec!["payroll.test".into()]).unwrap();
    std::fs::write(rig.folder.path().join("foreign.pem"), foreign.cert.pem()).unwrap();
    rig.edit("targets.toml", "upstream_ca = \"ca.pem\"", "upstream_ca = \"foreign.pem\"");
    rig.start().await;
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.get("/o/kinloch-hotels/data").await.code(), "upstream-unreachable");
}

#[tokio::test]
async fn g_33_a_service_whose_certificate_has_ended_or_that_speaks_no_tls_is_not_reached() {
    let mut rig = Rig::new().await;
    let old = rig.service_with_an_old_certificate().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = listener.local_addr().unwrap().to_string();
    let router = rig.service.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    for address in [old, plain] {
        rig.stop().await;
        rig.moved_to(&address);
        rig.start().await;
        let person = rig.inside(Wish::default()).await;
        assert_eq!(person.get("/o/kinloch-hotels/data").await.code(), "upstream-unreachable", "{address}");
        assert!(rig.service.arrived().is_empty(), "{address}");
    }
}

#[tokio::test]
async fn g_34_an_answer_with_endless_headers_does_not_pass() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.get("/o/kinloch-hotels/many").await.code(), "upstream-unreachable");
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
}

#[tokio::test]
async fn g_36_pages_do_not_call_the_gateway() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    for field in ["Origin: https://payroll.test", "Sec-Fetch-Site: cross-site"] {
        let call = format!("POST /v1/session/end HTTP/1.1\r\nHost: {}\r\n{field}\r\n\r\n", rig.address);
        assert_eq!(person.raw(call.as_bytes()).await.code(), "from-a-page");
    }
    assert_eq!(person.status().await["open"], true);
    let stranger = person.raw(b"GET /v1/session HTTP/1.1\r\nHost: evil.test\r\n\r\n").await;
    assert_eq!(stranger.code(), "unknown-host");
}

#[tokio::test]
async fn the_page_recorder_is_served_and_its_word_is_taken_as_such() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let page = person.visit("/o/kinloch-hotels/").await.text();
    let script = person.get("/.countersign/recorder.js").await;
    assert!(script.status == 200 && script.body.len() < 10_000, "a page waits for it");
    let whole = person.get("/.countersign/recorder.js?whole").await;
    assert!(whole.status == 200 && whole.body.len() > 50_000);
    let id = page.split("data-page=\"").nth(1).unwrap().split('"').next().unwrap();
    let post = async |page: &str| {
        let body = format!(r#"{{"page":"{page}","events":[{{"type":4,"data":{{"password":"hush"}}}}]}}"#);
        person.request("POST", "/.countersign/page", "Content-Type: application/json\r\n", &body).await.status
    };
    assert_eq!(post("unknown").await, 400);
    assert_eq!(post(id).await, 204);
    rig.until("page frame", |r| {
        r.audit
            .contents()
            .iter()
            .any(|c| matches!(c, Captured::Page { events, .. } if events[0]["data"]["password"] == "[redacted]"))
    })
    .await;
    assert_eq!(person.get("/.countersign/other").await.code(), "no-such-path");
    assert!(rig.service.arrived().iter().all(|a| !a.target.contains("countersign")));
}

#[tokio::test]
async fn answers_that_cannot_be_recorded_do_not_pass() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.get("/o/kinloch-hotels/zipped").await.code(), "content-coding");
    let data = person.get("/o/kinloch-hotels/data").await;
    assert!(data.text().contains("hush"));
    let large = person.get("/o/kinloch-hotels/large").await;
    assert_eq!(large.body.len(), 3_000_000);
    rig.until("recorded", |r| {
        let recorded = r.audit.contents().iter().filter_map(|c| Some(c.part()?.len())).sum::<usize>();
        recorded > 3_000_000
    })
    .await;
    assert!(!serde_json::to_string(&rig.audit.contents()).unwrap().contains(&statement::base64url("hush")[..4]));
}
