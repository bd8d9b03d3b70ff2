//! What two administrators signed and the log holds, one of whom was shown another log: it is marked beside the others, and a permission
//! opens nothing.

use domain::Organization;
use statement::{BreakGlass, BreakGlassPermission, Forget, Forgetting, Kind, SignedBreakGlass};
use wire::break_glass::{LoggedPermission, PermissionList};
use wire::forgetting::{ForgettingList, LoggedForgetting};

use super::adopted::sofia;
use super::kept::{factor, signer};
use super::revealing::grown;
use super::*;
use crate::view::RequestForm;

const USES: [u32; 2] = [1, 2];

fn organization() -> Organization {
    World::request_body().organization
}

fn permission(world: &World, uses: u32) -> BreakGlass {
    BreakGlass {
        duration_seconds: 1800,
        from: NOW - 60,
        organizations: vec![organization()],
        persons: vec![world.mara.id.clone()],
        reason: "Payroll runs on Sunday.".into(),
        scope: domain::Scope::Read,
        until: NOW + 30 * 24 * 3600,
        uses,
    }
}

/// What both sign, with a code each; the second one had seen this.
struct Both {
    statements: Vec<String>,
    mfa: Vec<String>,
    enrols: Vec<String>,
    pk_tokens: Vec<String>,
}

impl Both {
    fn sign<B: Kind + Clone>(world: &World, body: B, seen: &str) -> Self {
        let (sofia, enrol) = sofia(world);
        let statements = vec![world.ben.sign(body.clone(), NOW - 20, ""), sofia.sign(body, NOW - 10, seen)];
        let signers = [&world.ben, &sofia].into_iter().zip(&statements);
        Self {
            mfa: signers.map(|(who, statement)| factor(world, who, Some(sha256(statement)))).collect(),
            enrols: vec![enrol],
            pk_tokens: vec![world.ben.pk_token.clone(), sofia.pk_token.clone()],
            statements,
        }
    }

    fn entry(&self, kind: EventKind, facts: &[(&str, String)]) -> String {
        let event = Event {
            v: 1,
            at: NOW * 1000,
            kind,
            source: Source::Audit,
            organization: Some(organization().id).filter(|_| kind == EventKind::OrganizationForgotten),
            session: None,
            statements: self.statements.iter().map(sha256).collect(),
            facts: facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            sealed: BTreeMap::new(),
        };
        serde_json::to_string(&event).unwrap()
    }
}

/// Two permissions and a forgetting in the log; whoever signed the first and the last of them second had seen this.
async fn filed_by_one_who_saw(seen: &str, who: fn(&World) -> &Person) -> Kept {
    let kept = kept().await;
    let world = &kept.world;
    let permissions = USES.map(|uses| {
        let body = permission(world, uses);
        (body.id(), Both::sign(world, body, if uses == USES[0] { seen } else { "" }))
    });
    let body = Forget { justification: "The customer left, and asked for it.".into(), organization: organization() };
    let forgetting = Both::sign(world, body, seen);
    let filed = permissions
        .iter()
        .map(|(id, both)| both.entry(EventKind::BreakGlassFiled, &[("permission", id.to_string())]))
        .chain([forgetting.entry(EventKind::OrganizationForgotten, &[])]);
    {
        let mut stored = kept.stored();
        let leaves: Vec<String> = stored.entries.iter().map(|receipt| receipt.leaf.clone()).chain(filed).collect();
        let receipts = grown(&mut stored, &leaves);
        let [.., first, second, last] = &receipts[..] else { panic!("three and more") };
        let permissions = permissions.into_iter().zip([first, second]).map(|((_, both), receipt)| {
            let Both { statements, mfa, enrols, pk_tokens } = both;
            let permission = BreakGlassPermission { signed: SignedBreakGlass { statements, mfa }, enrols, pk_tokens };
            LoggedPermission { permission, receipt: receipt.clone(), used: 0 }
        });
        let permissions = PermissionList { permissions: permissions.collect(), proposed: Vec::new() };
        let Both { statements, mfa, enrols, pk_tokens } = forgetting;
        let forgetting = Forgetting { statements, mfa, enrols, pk_tokens };
        let forgettings = vec![LoggedForgetting { forgetting, receipt: last.clone() }];
        let forgettings = ForgettingList { forgettings, proposed: Vec::new() };
        for (path, answer) in [
            ("/v1/time", serde_json::json!({ "now": (NOW + 60) * 1000 })),
            ("/v1/policies", serde_json::json!({ "adopted": [], "proposed": [] })),
            ("/v1/break-glass", serde_json::to_value(permissions).unwrap()),
            ("/v1/forgettings", serde_json::to_value(forgettings).unwrap()),
        ] {
            stored.others.insert(path.into(), answer);
        }
    }
    let mut person = kept.signed_in(who(&kept.world));
    person.factor = Some((factor(&kept.world, who(&kept.world), None), NOW - 30));
    kept.engine.inner.live().person = Some(Arc::new(person));
    kept
}

/// Mara uses the permission with so many uses, for what it does not name: why that is refused.
async fn used(kept: &Kept, uses: u32) -> String {
    let form = RequestForm {
        organization: "acme".into(),
        reason: "customer-reported-problem".into(),
        ticket: "SUP-4411".into(),
        justification: World::request_body().justification,
        scope: "read".into(),
        duration_seconds: 1800,
    };
    let id = permission(&kept.world, uses).id();
    kept.engine.use_break_glass(id.as_str(), form).await.unwrap_err().code
}

fn made_up() -> String {
    LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().sign(1, &[9; 32])
}

#[tokio::test]
async fn l_02_a_permission_by_one_who_saw_another_log_is_marked_and_not_used() {
    let cases = [(signer().sign(2, &[9; 32]), "not-compared", "log-broken"), (made_up(), "", "organization-not-named")];
    for (seen, mark_of_other, other_used) in cases {
        let kept = filed_by_one_who_saw(&seen, |world| &world.mara).await;
        let view = kept.engine.break_glass().await.unwrap();
        let said: Vec<&str> =
            view.permissions.iter().map(|one| one.signer_saw.as_deref().unwrap_or_default()).collect();
        assert_eq!(said, ["another-log", mark_of_other]);
        assert_eq!(used(&kept, USES[0]).await, "log-broken");
        assert_eq!(used(&kept, USES[1]).await, other_used);
    }
    let kept = filed_by_one_who_saw("", |world| &world.mara).await;
    assert_eq!(used(&kept, USES[0]).await, "organization-not-named", "who names nothing saw nothing");
}

#[tokio::test]
async fn l_02_a_forgetting_by_one_who_saw_another_log_is_marked() {
    for (seen, mark) in
        [(signer().sign(2, &[9; 32]), Some("another-log")), (made_up(), Some("another-log")), ("".into(), None)]
    {
        let kept = filed_by_one_who_saw(&seen, |world| &world.ben).await;
        let [one] = &kept.engine.forgettings().await.unwrap().forgotten[..] else { panic!("one") };
        assert_eq!(one.signer_saw.as_deref(), mark);
        assert_eq!(i64::from(one.at), NOW);
    }
}
