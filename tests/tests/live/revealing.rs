//! Opening a mark, on the real gateway and the real audit service: what the gateway masked and sealed comes back to the reviewer
//! who proposed it, once the approver has signed the same, and stands nowhere else.

use client::CallError;
use domain::Organization;
use statement::{Reveal, sha256};
use tests::forge::Person;
use tests::site::now;
use wire::audit::SessionDetail;
use wire::event::EventKind;
use wire::revealing::NewReveal;

use super::world::{Inside, PERSON, World};

impl World {
    fn reveal_by(&self, who: &Person, body: &Reveal, proposal: Option<domain::Digest>) -> NewReveal {
        let company = &self.site.company;
        let statement = who.sign(&company.trust.gateway_id, body.clone(), now());
        let mfa = company.mfa(who, Some(&statement), now());
        NewReveal { proposal, statement, mfa }
    }

    async fn sealed(&self, inside: &Inside) -> SessionDetail {
        self.entry(EventKind::RecordingSealed, &inside.session).await;
        self.reviewer().session(&inside.session).await.expect("a Session")
    }

    /// The lines of the whole Recording, as a reviewer is given them.
    async fn recorded(&self, detail: &SessionDetail) -> String {
        let session = &detail.summary.session;
        let mut lines = String::new();
        for segment in &detail.manifest.as_ref().expect("sealed").segments {
            let bytes = self.reviewer().segment(session, segment.number).await.expect("a segment");
            lines.push_str(&String::from_utf8(bytes).expect("JSON lines"));
        }
        lines
    }
}

fn code<T>(answer: Result<T, CallError>) -> String {
    answer.err().and_then(|error| error.code().map(str::to_owned)).expect("a refusal")
}

/// The digits of every mark in these lines.
fn marks(lines: &str) -> Vec<String> {
    let found = lines.split("[masked ").skip(1).filter_map(|rest| rest.split_once(']'));
    found.filter_map(|(mark, _)| mark.rsplit_once(' ').map(|(_, digits)| digits.to_owned())).collect()
}

fn folders_hold(world: &World, value: &str) -> bool {
    let mut folders = vec![world.site.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if std::fs::read(&entry).is_ok_and(|b| b.windows(value.len()).any(|w| w == value.as_bytes())) {
                return true;
            }
        }
    }
    false
}

#[test]
fn l_01_a_mark_that_the_gateway_made_is_opened_by_two_people_and_by_nobody_else() {
    let world = World::that_masks();
    let company = &world.site.company;
    world.runtime.block_on(async {
        let inside = world.open("kinloch-hotels").await;
        assert_eq!(inside.get("person").await, 200);
        inside.end().await;
        let detail = world.sealed(&inside).await;
        let recorded = world.recorded(&detail).await;
        assert!(!recorded.contains(PERSON));
        let [mark] = &marks(&recorded)[..] else { panic!("one mark: {recorded}") };
        let body = Reveal {
            justification: "The customer asks who was called on Friday.".into(),
            marks: vec![mark.clone()],
            organization: Organization { id: "kinloch-hotels".parse().expect("id"), name: "Kinloch Hotels".into() },
            reader: company.reviewer.thumbprint(),
            session: inside.session.clone(),
        };
        let (reviewer, approver) = (world.reviewer(), world.audit_for(&company.approver));
        let proposal = world.reveal_by(&company.reviewer, &body, None);
        let id = sha256(&proposal.statement);
        reviewer.sign_reveal(&proposal).await.expect("proposed");
        assert_eq!(code(reviewer.read_marks(&id).await), "no-approval");
        let list = approver.reveals().await.expect("what waits");
        let whose = &list.reveals[0].session;
        assert_eq!(sha256(&whose.open).as_str(), inside.session.as_str(), "whose Session it was comes with its proof");
        let opened: wire::event::Event = serde_json::from_str(&whose.opened.leaf).expect("an Event");
        assert_eq!((opened.kind, opened.source), (EventKind::SessionOpened, wire::event::Source::Audit));
        let alone = world.reveal_by(&company.reviewer, &body, Some(id.clone()));
        assert_eq!(code(reviewer.sign_reveal(&alone).await), "same-person");
        let second = world.reveal_by(&company.approver, &body, Some(id.clone()));
        approver.sign_reveal(&second).await.expect("countersigned");

        let given = reviewer.read_marks(&id).await.expect("the values");
        let values: Vec<(&str, &str)> = given.marks.iter().map(|m| (m.mark.as_str(), m.value.as_str())).collect();
        assert_eq!(values, [(mark.as_str(), PERSON)], "what the gateway masked");
        assert_eq!(code(approver.read_marks(&id).await), "missing-role");
        for kind in [EventKind::RevealProposed, EventKind::MarksRevealed, EventKind::MarksRead] {
            let entry = world.entry(kind, &inside.session).await;
            assert_eq!(entry.event.facts["reveal"], id.as_str(), "{kind:?}");
            assert!(!serde_json::to_string(&entry).expect("JSON").contains(PERSON), "{kind:?}");
        }
    });
    assert!(!folders_hold(&world, PERSON), "no file of either service holds it");
}
