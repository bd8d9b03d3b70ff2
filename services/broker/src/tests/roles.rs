use serde_json::{Value, json};
use statement::{Enrol, Verdict, Withdraw};

use super::world::{Account, World};

/// What each role gets from each call, each time by somebody admitted who asked for nothing themselves. A new role, a new
/// call or a changed check shows here.
const TABLE: &str = "\
call             nobody               engineer             approver             reviewer             administrator
me               200                  200                  200                  200                  200
organizations    200                  200                  200                  200                  200
enrolments       403 missing-role     403 missing-role     403 missing-role     403 missing-role     200
enrol            403 missing-role     403 missing-role     403 missing-role     403 missing-role     204
mine             200                  200                  200                  200                  200
inbox            200                  200                  200                  200                  200
request          404 no-such-request  404 no-such-request  200                  200                  404 no-such-request
materials        403 not-the-requester 403 not-the-requester 403 not-the-requester 403 not-the-requester 403 not-the-requester
withdraw         403 not-the-requester 403 not-the-requester 403 not-the-requester 403 not-the-requester 403 not-the-requester
deny             403 missing-role     403 missing-role     200                  403 missing-role     403 missing-role
ask              403 missing-role     200                  403 missing-role     403 missing-role     403 missing-role
leases           403 gateway-only     403 gateway-only     403 gateway-only     403 gateway-only     403 gateway-only
session-changes  403 gateway-only     403 gateway-only     403 gateway-only     403 gateway-only     403 gateway-only
";

const ROLES: [(&str, &[&str]); 5] = [
    ("nobody", &[]),
    ("engineer", &["engineer"]),
    ("approver", &["approver"]),
    ("reviewer", &["reviewer"]),
    ("administrator", &["administrator"]),
];

#[tokio::test]
async fn the_table_of_roles_and_calls() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let calls = TABLE.lines().skip(1).map(|line| line.split_whitespace().next().expect("call")).collect::<Vec<_>>();
    let mut columns = Vec::new();
    for (name, roles) in ROLES {
        let who = w.admitted(&format!("e-{name}"), roles).await;
        let mut column = Vec::new();
        for call in &calls {
            column.push(answer(&w, &who, &mara, call).await);
        }
        columns.push(column);
    }
    let mut table = format!("{:<17}", "call");
    table.push_str(&ROLES.map(|(name, _)| format!("{name:<20}")).join(" "));
    for (row, call) in calls.iter().enumerate() {
        let cells: Vec<String> = columns.iter().map(|column| format!("{:<20}", column[row])).collect();
        table.push_str(&format!("\n{call:<17}{}", cells.join(" ")));
    }
    let trimmed: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    assert_eq!(trimmed, TABLE, "\n{trimmed}");
}

async fn answer(w: &World, who: &Account, mara: &Account, call: &str) -> String {
    let (status, body) = match call {
        "me" | "organizations" | "enrolments" => w.get(who, &format!("/v1/{call}")).await,
        "mine" | "inbox" => w.get(who, &format!("/v1/requests?view={call}")).await,
        "leases" | "session-changes" => w.post(who, &format!("/v1/{call}"), json!({})).await,
        "ask" => w.send_request(who, w.request()).await,
        "enrol" => {
            let new = w.stranger("e-new", &format!("new-{}", who.person), &[]);
            w.get(&new, "/v1/me").await;
            let enrol = Enrol { device: new.key.public().thumbprint(), person: domain::PersonId("e-new".into()) };
            w.post(who, "/v1/enrolments", json!({ "statement": w.sign(who, enrol, 600) })).await
        }
        _ => about_a_request(w, who, mara, call).await,
    };
    match body.get("code").and_then(Value::as_str) {
        Some(code) => format!("{status} {code}"),
        None => status.to_string(),
    }
}

async fn about_a_request(w: &World, who: &Account, mara: &Account, call: &str) -> (u16, Value) {
    let id = w.ask(mara).await;
    let path = format!("/v1/requests/{id}");
    let answer = match call {
        "request" => w.get(who, &path).await,
        "materials" => w.get(who, &format!("{path}/materials")).await,
        "withdraw" => {
            let statement = w.sign(who, Withdraw { request: id.clone() }, 60);
            w.post(who, &format!("{path}/withdraw"), json!({ "statement": statement })).await
        }
        "deny" => {
            let statement = w.sign(who, w.decision(&id, Verdict::Deny), 600);
            w.decide(who, &id, json!({"statement": statement, "mfa": null})).await
        }
        other => panic!("no such call: {other}"),
    };
    w.withdraw(mara, &id).await;
    answer
}
