use statement::{Forget, Forgetting};
use wire::event::{Append, Event, EventKind, Source};
use wire::evidence::{ForgottenContent, ProvenEnrolment, ProvenEvent};

use super::evidence::enter;
use super::{Account, Case, Person, file};

impl Case {
    /// What the log has left of the Session when two administrators had its Organization forgotten a day later; one of them was
    /// enrolled by the other.
    #[must_use]
    pub fn forgotten(&mut self) -> ForgottenContent {
        let at = self.good.opened_at + 24 * 3600;
        let company = &mut self.company;
        let enroller = company.administrators[0].clone();
        let first = Person::sign_in_on(&company.provider, enroller.account.clone(), enroller.device.clone(), at - 300);
        let third = Account::new("e-0003", "Noor Haddad", &["administrator"]);
        let third = Person::sign_in(&company.provider, third, at - 300);
        let enrol = company.enrol(&enroller, &third.id(), &third.thumbprint());
        let (enrolled, attestation) = enter(company, &enroller, &enrol);
        let body = Forget {
            justification: "The customer left, and asked for it in writing.".to_owned(),
            organization: company.ask().organization,
        };
        let who = [&first, &third];
        let statements = who.map(|w| w.sign(&company.trust.gateway_id, body.clone(), at));
        let mfa = [0, 1].map(|n| company.mfa(who[n], Some(&statements[n]), at));
        let mut append = Append::new(EventKind::OrganizationForgotten).organization(&body.organization.id);
        append.statements = statements.to_vec();
        let forgotten = company.log.append(Source::Audit, &append, (at + 60) * 1000);
        let pk_tokens = [&enroller, &first, &third].map(|p| p.token.clone()).to_vec();
        let log = &company.log;
        let of_session =
            self.content.events.iter().filter(|one| {
                serde_json::from_str::<Event>(&one.receipt.leaf).is_ok_and(|event| event.session.is_some())
            });
        ForgottenContent {
            session: self.content.session.clone(),
            events: of_session.map(|one| bare(log.proven(one.receipt.index))).collect(),
            forgetting: Forgetting {
                statements: statements.to_vec(),
                mfa: mfa.to_vec(),
                enrols: vec![enrol],
                pk_tokens,
            },
            forgotten: log.proven(forgotten),
            enrolled: vec![ProvenEnrolment { entry: log.proven(enrolled), attestation }],
        }
    }

    /// The file of it.
    #[must_use]
    pub fn forgotten_file(&mut self, content: &ForgottenContent) -> Vec<u8> {
        let append = Append::new(EventKind::EvidenceMade).session(&content.session);
        file(&mut self.company.log, content, (append, self.good.opened_at + 25 * 3600), &[])
    }
}

/// Its personal fields went with the key.
fn bare(proven: ProvenEvent) -> ProvenEvent {
    ProvenEvent { personal: std::collections::BTreeMap::new(), ..proven }
}
