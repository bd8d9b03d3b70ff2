use domain::{Digest, UnixSeconds};
use recording::{Manifest, SegmentEntry};
use statement::{Adopt, Adoption, Enrol, Review, ReviewVerdict, Unverified, sha256};
use wire::event::{Append, EventKind, Source};
use wire::evidence::{Content, ProvenEnrolment, ProvenEvent, ProvenPolicy, SignedExtension};
use wire::join::TrustFile;

use super::{Company, Good, Moments, More, Person, remade};

/// One Session from the request to the review, with everything that its Evidence file holds.
pub struct Case {
    pub company: Company,
    pub good: Good,
    pub content: Content,
    pub trust: TrustFile,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Case {
    /// The ordinary story: asked, countersigned, opened, one refusal, ended, sealed, reviewed.
    #[must_use]
    pub fn new(open: UnixSeconds) -> Self {
        Self::of(Company::new(open))
    }

    /// The ordinary story in this company.
    #[must_use]
    pub fn of(company: Company) -> Self {
        let good = company.good();
        Self::of_grant(company, good)
    }

    /// The story of another Grant in this company.
    #[must_use]
    pub fn of_grant(company: Company, good: Good) -> Self {
        let reviewer = (company.administrators[1].clone(), company.enrol_reviewer());
        Self::telling(company, good, &[reviewer])
    }

    /// The same with these `enrol` statements, each beside who signed it, where the reviewer's would be.
    #[must_use]
    pub fn of_grant_with(company: Company, good: Good, enrols: &[(Person, String)]) -> Self {
        Self::telling(company, good, enrols)
    }

    /// The ordinary story, with these `enrol` statements, each beside who signed it, where the reviewer's would be.
    #[must_use]
    pub fn with_reviewer_enrols(company: Company, enrols: &[(Person, String)]) -> Self {
        let good = company.good();
        Self::telling(company, good, enrols)
    }

    /// The ordinary story with more time in it: it ends behind its first end.
    #[must_use]
    pub fn extended(company: Company, more: impl FnOnce(&Company, &Good) -> More) -> Self {
        let good = company.good();
        let more = more(&company, &good);
        let reviewer = (company.administrators[1].clone(), company.enrol_reviewer());
        let opened = opened_event(&company, &good);
        Self::telling_of(company, good, &[reviewer], (&opened, Some(more)))
    }

    /// The same with another policy in force from ten minutes into the Session on; more time is asked for under that.
    #[must_use]
    pub fn extended_under(mut company: Company, policy: &str) -> Self {
        let good = company.good();
        let opened = opened_event(&company, &good);
        company.adopt_at(policy, good.opened_at + 600);
        let more = company.more(&good);
        let reviewer = (company.administrators[1].clone(), company.enrol_reviewer());
        Self::telling_of(company, good, &[reviewer], (&opened, Some(more)))
    }

    fn telling(company: Company, good: Good, enrols: &[(Person, String)]) -> Self {
        let opened = opened_event(&company, &good);
        Self::telling_of(company, good, enrols, (&opened, None))
    }

    fn telling_of(
        mut company: Company,
        good: Good,
        enrols: &[(Person, String)],
        (opened, more): (&Append, Option<More>),
    ) -> Self {
        let content = told(&mut company, &good, enrols, (opened, more.as_ref()));
        let (trust, bytes) = (company.trust_file(), remade(&mut company, &content));
        Self { company, good, content, trust, bytes }
    }

    /// The file of another content, with a fresh receipt of the same log: what the log's own operator could make.
    #[must_use]
    pub fn remade_with(&mut self, change: impl FnOnce(&mut Content)) -> Vec<u8> {
        let mut content = self.content.clone();
        change(&mut content);
        remade(&mut self.company, &content)
    }

    /// A second Session of the same Organization, a quarter of an hour later; gives the content about the first one beside it.
    #[must_use]
    pub fn and_another(self) -> (Content, Self) {
        let mut company = self.company;
        company.moments = Moments::before(self.good.opened_at - 1 + 900);
        (self.content, Self::of(company))
    }

    /// Writes one more Event at this second, and proves it.
    pub fn logged(&mut self, source: Source, append: &Append, at: UnixSeconds) -> ProvenEvent {
        let index = self.company.log.append(source, append, at * 1000);
        self.company.log.proven(index)
    }
}

/// What the audit service writes down when the gateway opens.
#[must_use]
pub fn opened_event(company: &Company, good: &Good) -> Append {
    let bundle_json = serde_json::to_string(&good.bundle).expect("a bundle");
    let opening = good.verify(company).expect("a good bundle");
    let scope = serde_json::to_value(opening.terms().scope).expect("a Scope");
    let mut append = Append::new(EventKind::SessionOpened)
        .organization(&opening.organization().id)
        .session(&good.session())
        .fact("bundle", sha256(bundle_json).to_string())
        .fact("tls-client", good.tls_client.to_string())
        .fact("opened-at", good.opened_at.to_string())
        .fact("ends-at", (good.opened_at + opening.terms().duration_seconds).to_string())
        .fact("provider-keys", sha256(company.provider.jwks()).to_string())
        .fact("policy", company.trust.policy.to_string())
        .fact("scope", scope.as_str().unwrap_or_default())
        .personal("requester", opening.request().identity.name.clone())
        .statement(&good.bundle.request);
    append.statements.extend(good.bundle.decisions.iter().cloned());
    if let (Some(signed), Some(permitted)) = (&good.bundle.break_glass, opening.break_glass()) {
        append = append.fact("break-glass", permitted.id().as_str()).fact("use", "1");
        append.statements.extend(signed.statements.iter().cloned());
    }
    append.statement(&good.bundle.open)
}

/// What the audit service writes down when the gateway extends.
#[must_use]
pub fn extended_event(company: &Company, good: &Good, more: &More, ends_at: UnixSeconds) -> Append {
    let bundle_json = serde_json::to_string(&more.bundle).expect("a bundle");
    let mut append = Append::new(EventKind::SessionExtended)
        .organization(&company.ask().organization.id)
        .session(&good.session())
        .fact("bundle", sha256(bundle_json).to_string())
        .fact("tls-client", more.tls_client.to_string())
        .fact("extended-at", more.extended_at.to_string())
        .fact("ends-at", ends_at.to_string())
        .fact("provider-keys", sha256(company.provider.jwks()).to_string())
        .fact("policy", company.trust.policy.to_string())
        .statement(&more.bundle.request);
    append.statements.extend(more.bundle.decisions.iter().cloned());
    append.statement(&more.bundle.open)
}

fn told(
    company: &mut Company,
    good: &Good,
    reviewer_enrols: &[(Person, String)],
    (opened, more): (&Append, Option<&More>),
) -> Content {
    let (session, opened_at) = (good.session(), good.opened_at);
    let over = ended_at(good, more);
    let manifest = manifest(good);
    let manifest_digest = sha256(serde_json::to_vec(&manifest).expect("plain structs"));
    let review = review(company, good, &manifest_digest, over + 300);
    company.log.append(Source::Audit, &Append::new(EventKind::LogStarted), company.moments.enrol * 1000);
    let first = company.administrators[0].clone();
    // Statements are signed anew for each bundle.
    let more_enrols = more.iter().flat_map(|more| &more.bundle.enrols);
    let of_signers = good.bundle.enrols.iter().chain(more_enrols).map(|enrol| (&first, enrol));
    let of_reviewer = reviewer_enrols.iter().map(|(by, enrol)| (by, enrol));
    let enrolled: Vec<_> = of_signers.chain(of_reviewer).map(|(by, enrol)| enter(company, by, enrol)).collect();
    let (before, during): (Vec<_>, Vec<_>) =
        company.adoptions.clone().into_iter().partition(|adoption| signed_at(adoption) < opened_at);
    let mut adopted: Vec<_> = before.iter().map(|adoption| adopt(company, adoption)).collect();
    let mut indices = write_opening(company, good, opened);
    adopted.extend(during.iter().map(|adoption| adopt(company, adoption)));
    indices.extend(write_rest(company, good, &manifest_digest, &review, more));
    let proven = |(index, attestation)| ProvenEnrolment { entry: company.log.proven(index), attestation };
    let mut reviewer_tokens = vec![company.reviewer.token.clone(), company.administrators[1].token.clone()];
    reviewer_tokens.extend(reviewer_enrols.iter().map(|(by, _)| by.token.clone()));
    reviewer_tokens.dedup();
    Content {
        session,
        bundle_json: serde_json::to_string(&good.bundle).expect("a bundle"),
        tls_client: good.tls_client.clone(),
        opened_at,
        provider_keys: company.provider.jwks(),
        more_keys: company.past.iter().map(|p| String::from_utf8(p.keys.raw().to_vec()).expect("text")).collect(),
        extensions: more
            .map(|more| SignedExtension {
                bundle_json: serde_json::to_string(&more.bundle).expect("a bundle"),
                provider_keys: company.provider.jwks(),
            })
            .into_iter()
            .collect(),
        policy: company.policies.pinned_text().to_owned(),
        policies: adopted,
        events: indices.into_iter().map(|i| company.log.proven(i)).collect(),
        manifest: Some(manifest),
        reviews: vec![review],
        reviewer_tokens,
        reviewer_enrols: reviewer_enrols.iter().map(|(_, enrol)| enrol.clone()).collect(),
        enrolled: enrolled.into_iter().map(proven).collect(),
    }
}

/// The broker's entry of an enrolment, and the attestation of its code, given when the statement was signed.
pub(super) fn enter(company: &mut Company, by: &Person, enrol: &str) -> (u64, String) {
    let signed_at = Unverified::<Enrol>::read(enrol).expect("an enrolment").issued_at();
    let attestation = company.mfa(by, Some(enrol), signed_at);
    let append = enrolled_event(by, enrol, &attestation);
    (company.log.append(Source::Broker, &append, company.moments.enrol * 1000), attestation)
}

fn signed_at(adoption: &Adoption) -> UnixSeconds {
    Unverified::<Adopt>::read(&adoption.statements[0]).expect("an adoption").issued_at()
}

/// The broker's entry of an adopted policy, with what proves it.
fn adopt(company: &mut Company, adoption: &Adoption) -> ProvenPolicy {
    let first = company.administrators[0].clone();
    let entered: Vec<_> = adoption.enrols.iter().map(|enrol| enter(company, &first, enrol)).collect();
    let append = adopted_event(adoption);
    let index = company.log.append(Source::Broker, &append, signed_at(adoption) * 1000);
    let proven = |(index, attestation)| ProvenEnrolment { entry: company.log.proven(index), attestation };
    let enrolled = entered.into_iter().map(proven).collect();
    ProvenPolicy { adoption: adoption.clone(), entry: company.log.proven(index), enrolled }
}

/// What the audit service writes down when two administrators adopted a policy.
#[must_use]
pub fn adopted_event(adoption: &Adoption) -> Append {
    let version = policy::Policy::read(&adoption.text).map_or(0, |p| p.heading().version);
    let mut append = Append::new(EventKind::PolicyAdopted)
        .fact("policy", sha256(&adoption.text).to_string())
        .fact("version", version.to_string());
    append.statements.clone_from(&adoption.statements);
    append
}

/// What the broker writes down when an administrator enrols.
#[must_use]
pub fn enrolled_event(by: &Person, enrol: &str, attestation: &str) -> Append {
    let device = Unverified::<Enrol>::read(enrol).map(|enrol| enrol.unverified_body().device.to_string());
    Append::new(EventKind::Enrolled)
        .fact("attestation", sha256(attestation).to_string())
        .fact("device", device.expect("an enrolment"))
        .statement(enrol)
        .statement(attestation)
        .statement(&by.token)
}

/// In the ordinary story five minutes; with more time, behind the first end.
fn ended_at(good: &Good, more: Option<&More>) -> UnixSeconds {
    good.opened_at + if more.is_some() { 2000 } else { 300 }
}

fn write_opening(company: &mut Company, good: &Good, opened: &Append) -> Vec<u64> {
    let (moments, session, opened_at) = (company.moments, good.session(), good.opened_at);
    let organization = company.ask().organization.id;
    let about = |kind| Append::new(kind).organization(&organization);
    let asked = about(EventKind::RequestSigned)
        .statement(&good.bundle.request)
        .personal("name", company.engineer.account.name.clone())
        .personal("justification", company.ask().justification);
    let (filed, told) = (super::glass::filed_event(good), super::glass::told_events(good));
    let log = &mut company.log;
    let mut indices: Vec<u64> =
        filed.iter().map(|event| log.append(Source::Audit, event, moments.adopt * 1000)).collect();
    indices.push(log.append(Source::Broker, &asked, moments.request * 1000));
    for decision in &good.bundle.decisions {
        let approved = about(EventKind::Approved).statement(decision);
        indices.push(log.append(Source::Broker, &approved, moments.decide * 1000));
    }
    indices.push(log.append(Source::Audit, opened, opened_at * 1000 + 40));
    let told: Vec<u64> = told.iter().map(|e| log.append(Source::Audit, e, opened_at * 1000 + 40)).collect();
    if let Some(first) = told.get(1) {
        let seen =
            about(EventKind::NoticeSeen).session(&session).fact("notice", first.to_string()).fact("to", "person");
        indices.extend(&told);
        indices.push(log.append(Source::Audit, &seen, (opened_at + 30) * 1000));
    }
    let refused = about(EventKind::ExchangeRefused).session(&session).fact("code", "scope-exceeded");
    indices.push(log.append(Source::Gateway, &refused, (opened_at + 60) * 1000));
    indices
}

fn write_rest(company: &mut Company, good: &Good, manifest: &Digest, review: &str, more: Option<&More>) -> Vec<u64> {
    let (over, session) = (ended_at(good, more), good.session());
    let organization = company.ask().organization.id;
    let about = |kind| Append::new(kind).organization(&organization);
    let during = |kind| about(kind).session(&session);
    let extended = more.map(|more| (more, extended_event(company, good, more, good.opened_at + 2700)));
    let log = &mut company.log;
    let mut indices = Vec::new();
    if let Some((more, extended)) = &extended {
        let at = more.extended_at * 1000;
        let asked = about(EventKind::RequestSigned).statement(&more.bundle.request);
        indices.push(log.append(Source::Broker, &asked, at - 100_000));
        for decision in &more.bundle.decisions {
            let approved = about(EventKind::Approved).statement(decision);
            indices.push(log.append(Source::Broker, &approved, at - 50_000));
        }
        indices.push(log.append(Source::Audit, extended, at + 40));
    }
    let mut ended = during(EventKind::SessionEnded).fact("reason", "ended-by-requester");
    if more.is_some() {
        ended = ended.fact("ended-at", over.to_string());
    }
    indices.push(log.append(Source::Gateway, &ended, over * 1000));
    let sealed =
        during(EventKind::RecordingSealed).fact("manifest", manifest.to_string()).fact("reason", "ended-by-requester");
    indices.push(log.append(Source::Audit, &sealed, (over + 1) * 1000));
    let reviewed = during(EventKind::ReviewSigned).statement(review);
    indices.push(log.append(Source::Audit, &reviewed, (over + 301) * 1000));
    indices
}

fn manifest(good: &Good) -> Manifest {
    let segment = |number: u64, first_frame: u64| SegmentEntry {
        number,
        first_frame,
        frames: 20,
        bytes: 4096,
        sealed: sha256(format!("sealed {number}")),
        plain: sha256(format!("plain {number}")),
    };
    Manifest {
        session: good.session(),
        segments: vec![segment(0, 0), segment(1, 20)],
        frames: 40,
        exchanges: 7,
        missing_batches: Vec::new(),
    }
}

fn review(company: &Company, good: &Good, manifest: &Digest, at: UnixSeconds) -> String {
    let body = Review {
        manifest: manifest.clone(),
        note: "Looked at the payslip in question only.".to_owned(),
        session: good.session(),
        verdict: ReviewVerdict::NothingToReport,
    };
    company.reviewer.sign(&company.trust.gateway_id, body, at)
}
