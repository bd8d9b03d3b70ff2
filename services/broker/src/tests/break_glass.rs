//! Break-glass (T28) at the broker: proposed by one administrator, signed by another, asked by whom it names; and nothing of it is
//! decided here.

use domain::{Clock as _, PersonId, Scope};
use serde_json::{Value, json};
use statement::{BreakGlass, BreakGlassPermission, Bundle, Request, Revoke, Revoked, SessionOpen, sha256, verify_open};
use wire::broker::Materials;
use wire::event::EventKind;

use super::world::{Account, Answered, World, code, organizations};

/// The same all day.
pub(super) fn body(w: &World) -> BreakGlass {
    let today = w.clock.now() - w.clock.now() % (24 * 3600);
    BreakGlass {
        duration_seconds: 1800,
        from: today,
        organizations: vec![organizations()[0].clone()],
        persons: vec![PersonId("e-100".into())],
        reason: "Payroll runs on Sunday, and nobody may be awake.".into(),
        scope: Scope::Read,
        until: today + 30 * 24 * 3600,
        uses: 1,
    }
}

async fn sign(w: &World, who: &Account, body: &BreakGlass) -> Answered {
    let statement = w.sign(who, body.clone(), 24 * 3600);
    let mfa = w.attestation(who, &statement).await;
    w.post(who, "/v1/break-glass", json!({"statement": statement, "mfa": mfa})).await
}

fn asks(w: &World, body: &BreakGlass) -> Request {
    Request { break_glass: Some(body.id()), duration_seconds: 900, ..w.request() }
}

struct Ready {
    w: World,
    sofia: Account,
    mara: Account,
    body: BreakGlass,
}

async fn permitted() -> Ready {
    let w = World::new().await;
    let (sofia, mara) = (w.admitted("e-901", &["administrator"]).await, w.admitted("e-100", &["engineer"]).await);
    let body = body(&w);
    assert_eq!(sign(&w, &w.ben, &body).await.0, 200);
    assert_eq!(sign(&w, &sofia, &body).await.0, 200);
    Ready { w, sofia, mara, body }
}

#[tokio::test]
async fn t28_two_administrators_sign_the_same_and_it_is_filed() {
    let w = World::new().await;
    let (sofia, mara) = (w.admitted("e-901", &["administrator"]).await, w.admitted("e-100", &["engineer"]).await);
    let body = body(&w);
    let (status, list) = sign(&w, &w.ben, &body).await;
    assert_eq!((status, &list["permissions"]), (200, &json!([])), "{list}");
    assert_eq!(list["proposed"].as_array().map(Vec::len), Some(1));
    assert_eq!(w.log.last().kind, EventKind::BreakGlassProposed);
    assert_eq!(w.get(&mara, "/v1/break-glass").await.1["proposed"], json!([]), "nothing for others to see");
    assert_eq!(code(&sign(&w, &w.ben, &body).await), (403, "same-person"), "nobody is two people");
    assert_eq!(w.log.last().kind, EventKind::BreakGlassRefused);
    let other = BreakGlass { uses: 2, ..body.clone() };
    assert_eq!(sign(&w, &sofia, &other).await.0, 200, "another one is another proposal");

    let (status, list) = sign(&w, &sofia, &body).await;
    assert_eq!((status, list["permissions"].as_array().map(Vec::len)), (200, Some(1)), "{list}");
    assert_eq!(list["proposed"].as_array().map(Vec::len), Some(1), "the other one waits on");
    assert_eq!(w.log.last().kind, EventKind::BreakGlassFiled);
    assert_eq!(code(&sign(&w, &sofia, &body).await), (409, "filed-already"));
    assert_eq!(w.get(&mara, "/v1/break-glass").await.1["permissions"].as_array().map(Vec::len), Some(1));
    let tomasz = w.admitted("e-200", &["approver"]).await;
    assert_eq!(w.get(&tomasz, "/v1/break-glass").await.1["permissions"], json!([]), "it does not name him");
    assert_eq!(code(&sign(&w, &tomasz, &other).await), (403, "missing-role"));
}

#[tokio::test]
async fn t28_whoever_it_names_asks_by_it_and_opens() {
    let Ready { w, mara, body, .. } = permitted().await;
    let statement = w.sign(&mara, asks(&w, &body), 3600);
    let (status, view) = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
    assert_eq!((status, &view["state"]), (200, &json!("approved")), "{view}");
    let asked = w.log.last();
    assert_eq!((asked.kind, asked.facts["break-glass"].as_str()), (EventKind::RequestSigned, body.id().as_str()));
    let id = sha256(&statement);
    let tomasz = w.admitted("e-200", &["approver"]).await;
    assert_eq!(w.get(&tomasz, "/v1/requests?view=inbox").await.1, json!([]), "nobody has to countersign it");
    assert_eq!(w.approve(&tomasz, &id).await.0, 409);

    let materials = w.get(&mara, &format!("/v1/requests/{id}/materials")).await.1;
    let materials: Materials = serde_json::from_value(materials).expect("materials");
    let signed = materials.break_glass.expect("a permission");
    let tls_client = sha256("certificate");
    let decisions = signed.statements.iter().map(sha256).collect();
    let open = SessionOpen { decisions, request: id.clone(), tls_client: tls_client.clone() };
    let bundle = Bundle {
        pk_tokens: materials.pk_tokens,
        enrols: materials.enrols,
        request: materials.request,
        decisions: materials.decisions,
        mfa: materials.mfa,
        open: w.sign(&mara, open, 60),
        break_glass: Some(signed),
    };
    let keys = w.broker.keys().await.expect("keys");
    let opening = verify_open(&bundle, &w.trust, &keys, &tls_client, w.broker.now()).expect("opens");
    assert_eq!(opening.countersigners().count(), 2);
}

#[tokio::test]
async fn t28_nobody_else_asks_by_it_nor_for_more_nor_again() {
    let Ready { w, mara, body, .. } = permitted().await;
    let other = w.admitted("e-101", &["engineer"]).await;
    assert_eq!(code(&w.send_request(&other, asks(&w, &body)).await), (403, "person-not-named"));
    let wider = Request { scope: Scope::ReadWrite, ..asks(&w, &body) };
    assert_eq!(code(&w.send_request(&mara, wider).await), (403, "wider-than-permitted"));
    let unknown = Request { break_glass: Some(sha256("another")), ..w.request() };
    assert_eq!(code(&w.send_request(&mara, unknown).await), (404, "no-such-permission"));
    w.log.permissions.lock().expect("permissions")[0].used = 1;
    assert_eq!(code(&w.send_request(&mara, asks(&w, &body)).await), (409, "permission-used-up"));
}

async fn lease(w: &World, id: &domain::Digest) -> Value {
    let sessions = json!([{"request": id, "session": sha256("session")}]);
    w.as_gateway("/v1/leases", json!({ "sessions": sessions })).await.1
}

#[tokio::test]
async fn t28_what_is_revoked_ends_it() {
    for which in ["permission", "administrator"] {
        let Ready { w, sofia, mara, body } = permitted().await;
        let statement = w.sign(&mara, asks(&w, &body), 3600);
        assert_eq!(w.post(&mara, "/v1/requests", json!({ "statement": statement })).await.0, 200);
        let id = sha256(&statement);
        assert_eq!(lease(&w, &id).await["leases"].as_array().map(Vec::len), Some(1));
        let revokes = match which {
            "permission" => Revoked::Grant(body.id()),
            _ => Revoked::Device(sofia.key.public().thumbprint()),
        };
        let revoke = w.sign(&w.ben, Revoke { reason: "It is not needed any more.".into(), revokes }, 300);
        let mfa = w.attestation(&w.ben, &revoke).await;
        assert_eq!(w.post(&w.ben, "/v1/revocations", json!({"statement": revoke, "mfa": mfa})).await.0, 204, "{which}");
        let leases = lease(&w, &id).await;
        assert_eq!((&leases["leases"], &leases["revoked"]), (&json!([]), &json!([id])), "{which}");
        assert_eq!(w.state(&mara, &id).await, "ended");
        let again = Request { ticket: "SUP-2".into(), ..asks(&w, &body) };
        assert_eq!(code(&w.send_request(&mara, again).await).0, 403, "{which}");
    }
}

#[tokio::test]
async fn t28_a_permission_that_does_not_hold_is_none() {
    let Ready { w, mara, body, .. } = permitted().await;
    let alone = |permission: &mut BreakGlassPermission| {
        permission.signed.statements.pop();
        permission.signed.mfa.pop();
        permission.pk_tokens.pop();
    };
    alone(&mut w.log.permissions.lock().expect("permissions")[0].permission);
    assert_eq!(w.get(&mara, "/v1/break-glass").await.1["permissions"], json!([]));
    assert_eq!(code(&w.send_request(&mara, asks(&w, &body)).await), (404, "no-such-permission"));
}
