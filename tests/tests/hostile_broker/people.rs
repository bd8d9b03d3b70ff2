//! Offers in which somebody signs who may not, or more than they may.

use domain::Scope;
use statement::{Bundle, Mfa, MfaPurpose, Payload, Terms, Verdict, sha256, sign};
use tests::forge::Person;

use super::{Broker, NOON, seeded::Seeded};

impl Broker {
    pub(super) fn terms() -> Terms {
        Terms { duration_seconds: 1800, scope: Scope::Read }
    }

    /// Puts a decision of `who` in place of the approver's, with every attestation that a broker can give.
    pub(super) fn decide_as(&self, b: &mut Bundle, who: &Person, terms: Terms) {
        let decision = self.company.approve(who, &b.request, terms);
        b.pk_tokens.push(who.token.clone());
        b.mfa.push(self.company.mfa(who, Some(&decision), self.company.moments.decide));
        b.open = self.company.open(
            &self.company.engineer,
            &b.request,
            std::slice::from_ref(&decision),
            &self.good.tls_client,
        );
        b.decisions = vec![decision];
    }

    pub(super) fn unenrolled_approver(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = &self.unenrolled[seed.below(2)];
        self.decide_as(b, who, Self::terms());
        "an approver whom nobody enrolled"
    }

    pub(super) fn second_account_approves(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = &self.second_account;
        let administrator = &self.company.administrators[seed.below(2)];
        b.pk_tokens.push(administrator.token.clone());
        b.enrols.push(self.company.enrol(administrator, &who.id(), &who.thumbprint()));
        self.decide_as(b, who, Self::terms());
        "one person's two accounts"
    }

    pub(super) fn invented_employee(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = [&self.invented.approver, &self.invented.second_approver][seed.below(2)];
        b.enrols.extend(self.invented.good().bundle.enrols);
        b.pk_tokens.extend(self.invented.administrators.iter().map(|a| a.token.clone()));
        self.decide_as(b, who, Self::terms());
        "an invented employee"
    }

    pub(super) fn enrol_by_the_wrong_hands(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let who = &self.unenrolled[seed.below(2)];
        let signers = [
            &self.company.engineer,
            &self.company.approver,
            &self.unenrolled[1],
            &self.invented.administrators[0],
            who,
        ];
        let signer = signers[seed.below(signers.len())];
        b.pk_tokens.push(signer.token.clone());
        b.enrols.push(self.company.enrol(signer, &who.id(), &who.thumbprint()));
        self.decide_as(b, who, Self::terms());
        "an enrolment by the wrong hands"
    }

    pub(super) fn requester_approves(&self, b: &mut Bundle, _: &mut Seeded) -> &'static str {
        self.decide_as(b, &self.company.engineer, Self::terms());
        "the requester's own approval"
    }

    pub(super) fn wrong_role(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let administrator = &self.company.administrators[seed.below(2)];
        let reviewer = &self.company.reviewer;
        b.pk_tokens.push(administrator.token.clone());
        b.enrols.push(self.company.enrol(administrator, &reviewer.id(), &reviewer.thumbprint()));
        let who = if seed.below(2) == 0 { reviewer } else { administrator };
        self.decide_as(b, who, Self::terms());
        "somebody without the role"
    }

    pub(super) fn widen_the_terms(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let more = i64::try_from(seed.below(100_000)).expect("fits");
        let terms = match seed.below(3) {
            0 => Terms { duration_seconds: 1801 + more, scope: Scope::Read },
            1 => Terms { duration_seconds: 1800, scope: Scope::ReadWrite },
            _ => Terms { duration_seconds: 1800, scope: Scope::Administer },
        };
        self.decide_as(b, &self.company.approver, terms);
        "widened terms"
    }

    pub(super) fn deny_becomes_approve(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let denial = self.company.decide(&self.company.approver, &b.request, Self::terms(), Verdict::Deny);
        if seed.below(2) == 0 {
            let [head, body, signature]: [&str; 3] = denial.split('.').collect::<Vec<_>>().try_into().expect("three");
            let body = statement::base64url_decode(body).expect("base64url");
            let body = String::from_utf8(body).expect("text").replace(r#""deny""#, r#""approve""#);
            b.decisions = vec![format!("{head}.{}.{signature}", statement::base64url(body))];
        } else {
            b.decisions = vec![denial];
        }
        b.mfa.push(self.company.mfa(&self.company.approver, Some(&b.decisions[0]), self.company.moments.decide));
        b.open = self.company.open(&self.company.engineer, &b.request, &b.decisions, &self.good.tls_client);
        "a denial turned round"
    }

    /// The broker may attest what it likes; it still has no decision.
    pub(super) fn attest_itself(&self, b: &mut Bundle, seed: &mut Seeded) -> &'static str {
        let body = Mfa {
            method: "totp".into(),
            purpose: MfaPurpose::Statement,
            statement: Some(sha256(seed.next().to_be_bytes())),
            subject: self.company.approver.kid(),
            address: None,
        };
        let payload = Payload {
            aud: self.company.trust.gateway_id.clone(),
            body,
            exp: NOON,
            iat: NOON - 60,
            jti: "x".into(),
            seen: String::new(),
        };
        let kid = self.company.broker.public().thumbprint();
        let attestation = sign(&self.company.broker, &kid, &payload).expect("signs");
        b.decisions = vec![attestation.clone()];
        b.mfa.push(attestation);
        "attestations in place of decisions"
    }
}
