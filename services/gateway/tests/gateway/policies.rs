//! Which policy is in force: what two administrators adopted and the log holds, and nothing that a service says.

use domain::Digest;
use policy::Policy;
use statement::{Adoption, sha256};
use wire::event::{Append, EventKind, Source};

use crate::bundle::Wish;
use crate::rig::Rig;

/// The compiled-in policy with the next version, and Read for at most this long.
fn stricter(seconds: u32) -> String {
    let next = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    next.replace("<= 7200", &format!("<= {seconds}"))
}

fn adoption(rig: &Rig, text: &str) -> Adoption {
    rig.people.adoption(text, &rig.people.trust.policy, &[rig.people.administrator(), &rig.people.ben])
}

fn under(policy: &Digest) -> Wish {
    Wish { policy: Some(policy.clone()), ..Wish::default() }
}

async fn code(rig: &Rig, wish: Wish) -> String {
    let person = rig.person();
    let answer = person.open(&rig.people.bundle(&wish, &person.certificate)).await;
    if answer.status == 200 { "opened".into() } else { answer.code() }
}

#[tokio::test]
async fn an_adopted_policy_is_in_force_from_the_first_request_that_names_it() {
    let mut rig = Rig::new().await;
    let text = stricter(900);
    let named = sha256(&text);
    assert_eq!(code(&rig, under(&named)).await, "other-policy", "nobody adopted it yet");
    rig.audit.adopt(&adoption(&rig, &text));
    rig.clock.forward(2);
    assert_eq!(code(&rig, Wish { seconds: 901, ..under(&named) }).await, "duration-out-of-policy");
    assert_eq!(code(&rig, Wish { seconds: 900, ..under(&named) }).await, "opened");
    assert_eq!(code(&rig, Wish::default()).await, "other-policy", "the one before it opens nothing anew");
    let asked = rig.audit.state.lock().unwrap().asked_for_policies;
    assert_eq!(code(&rig, Wish { seconds: 900, ..under(&named) }).await, "opened");
    assert_eq!(rig.audit.state.lock().unwrap().asked_for_policies, asked, "what is known is not asked for again");
    rig.stop().await;
    rig.start().await;
    assert_eq!(code(&rig, Wish { seconds: 900, ..under(&named) }).await, "opened", "and it is learnt again");
}

/// The next version, in which access is asked for from these ranges.
fn only_from(ranges: &[&str]) -> String {
    let within: Vec<String> = ranges.iter().map(|r| format!("principal.address.isInRange(ip(\"{r}\"))")).collect();
    let rule = format!(
        "@id(\"office\") @sentence(\"Access is asked for from the office.\")
        forbid(principal, action == Action::\"request\", resource)
        unless {{ principal has address && ({}) }};",
        within.join(" || ")
    );
    stricter(7200) + &rule
}

#[tokio::test]
async fn a_bundle_is_held_to_where_it_comes_from_and_to_where_its_code_came_from() {
    for (ranges, expected) in [
        (&["10.0.0.0/8", "127.0.0.0/8"][..], "opened"),
        (&["10.0.0.0/8"], "forbidden-by-policy"),
        (&["127.0.0.0/8"], "forbidden-by-policy"),
    ] {
        let rig = Rig::new().await;
        let text = only_from(ranges);
        rig.audit.adopt(&adoption(&rig, &text));
        assert_eq!(code(&rig, under(&sha256(&text))).await, expected, "{ranges:?}");
        assert_eq!(rig.audit.kinds().contains(&EventKind::SessionOpened), expected == "opened", "{ranges:?}");
    }
}

#[tokio::test]
async fn a_session_goes_on_under_the_policy_that_it_was_opened_under() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    let opened = person.open(&bundle).await.json();
    let text = stricter(900);
    rig.audit.adopt(&adoption(&rig, &text));
    assert_eq!(code(&rig, Wish { seconds: 900, ..under(&sha256(&text)) }).await, "opened");
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);
    let again = rig.person();
    let fresh = statement::Bundle { open: rig.people.open(&bundle, &again.certificate), ..bundle };
    let resumed = again.open(&fresh).await;
    assert_eq!((resumed.status, &resumed.json()["ends_at"]), (200, &opened["ends_at"]), "{}", resumed.text());
}

#[tokio::test]
async fn a_hostile_audit_service_brings_no_policy() {
    let looser =
        Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2").replace("<= 7200", "<= 14400");
    let named = sha256(&looser);
    let wish = Wish { seconds: 4 * 3600, ..under(&named) };
    let forged = |change: fn(&Rig, &mut Adoption)| {
        let looser = looser.clone();
        async move |rig: &Rig| {
            let mut adoption = adoption(rig, &looser);
            change(rig, &mut adoption);
            adoption
        }
    };
    let cases: [(&str, fn(&Rig, &mut Adoption)); 6] = [
        ("one administrator", |_, a| drop((a.statements.pop(), a.mfa.pop(), a.pk_tokens.pop()))),
        ("nobody", |_, a| {
            a.statements.clear();
            a.mfa.clear();
            a.pk_tokens.clear();
        }),
        ("no codes", |_, a| a.mfa.clear()),
        ("one twice", |_, a| {
            a.statements[1] = a.statements[0].clone();
            a.mfa[1] = a.mfa[0].clone();
            a.pk_tokens.pop();
        }),
        ("people who are no administrators", |rig, a| {
            *a = rig.people.adoption(&a.text, &rig.people.trust.policy, &[&rig.people.mara, &rig.people.tomasz]);
        }),
        ("for another text", |rig, a| {
            let text = std::mem::take(&mut a.text);
            *a = rig.people.adoption(
                "another",
                &rig.people.trust.policy,
                &[rig.people.administrator(), &rig.people.ben],
            );
            a.text = text;
        }),
    ];
    for (what, change) in cases {
        let rig = Rig::new().await;
        rig.audit.adopt(&forged(change)(&rig).await);
        assert_eq!(code(&rig, wish.clone()).await, "other-policy", "{what}");
        assert!(!rig.audit.kinds().contains(&EventKind::SessionOpened), "{what}");
    }
    let rig = Rig::new().await;
    rig.audit.adopt(&adoption(&rig, &looser));
    assert_eq!(code(&rig, wish).await, "opened", "the same that is not forged");
}

#[tokio::test]
async fn an_adoption_stands_in_the_log_as_what_it_is() {
    let text = stricter(900);
    let wish = Wish { seconds: 900, ..under(&sha256(&text)) };
    let right = |a: &Adoption| {
        let mut event =
            Append::new(EventKind::PolicyAdopted).fact("policy", sha256(&a.text).as_str()).fact("version", "2");
        event.statements.clone_from(&a.statements);
        event
    };
    let entries: [(&str, fn(Append) -> Append, Source); 5] = [
        ("of another version", |e| e.fact("version", "3"), Source::Broker),
        ("by another service", |e| e, Source::Audit),
        ("of another kind", |e| Append { kind: EventKind::PolicyProposed, ..e }, Source::Broker),
        ("of another text", |e| e.fact("policy", sha256("another").as_str()), Source::Broker),
        ("of other statements", |e| e.statement("another"), Source::Broker),
    ];
    for (what, change, source) in entries {
        let rig = Rig::new().await;
        let adoption = adoption(&rig, &text);
        rig.audit.say_adopted(&adoption, &change(right(&adoption)), source);
        assert_eq!(code(&rig, wish.clone()).await, "log-broken", "{what}");
    }
}

#[tokio::test]
async fn a_stranger_does_not_make_the_gateway_ask_all_the_time() {
    let rig = Rig::new().await;
    for n in 0..5 {
        assert_eq!(code(&rig, under(&sha256(format!("policy {n}")))).await, "other-policy");
    }
    let asked = rig.audit.state.lock().unwrap().asked_for_policies;
    assert!(asked < 5, "{asked}");
}
