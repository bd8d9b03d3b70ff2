//! One right file of each kind. The policy is small: it is read again for each byte that is changed.

use checkpoint::WitnessSigner;

use super::*;

pub fn company() -> Company {
    Company::with_a_small_policy(OPEN)
}

pub fn session() -> Case {
    Case::of(company())
}

/// Without a Session, with heads that two witnesses cosigned.
pub fn cosigned_period() -> (Vec<u8>, TrustFile) {
    let mut case = session();
    let log = &case.company.log;
    let verifier = checkpoint::LogVerifier::parse(&log.verifier_key()).expect("a key");
    let notes: Vec<String> = [(log.size() - 2, 1), (log.size(), 2)]
        .map(|(size, seed)| {
            let note = log.checkpoint_of(size);
            let witness = WitnessSigner::from_seed(&format!("witness.test/{seed}"), &[seed; 32]).expect("a name");
            let line = witness.cosign(&verifier.open(&note).expect("signed"), 1_800_003_000).line;
            note + &line
        })
        .to_vec();
    let content = case.period(vec![case.content.clone()]).0;
    let none = wire::evidence::PeriodContent { sessions: Vec::new(), ..content };
    (case.period_file_with(&none, &notes), case.trust)
}

pub fn period() -> (Vec<u8>, TrustFile) {
    let (first, mut case) = session().and_another();
    let second = case.content.clone();
    (case.period(vec![first, second]).1, case.trust)
}

pub fn extended() -> (Vec<u8>, TrustFile) {
    let case = Case::extended(company(), |company, good| company.more(good));
    (case.bytes, case.trust)
}

pub fn by_break_glass() -> (Vec<u8>, TrustFile) {
    let company = company();
    let good = company.good_by_break_glass();
    let case = Case::of_grant(company, good);
    (case.bytes, case.trust)
}

/// Two policies, the second by an administrator whom another one enrolled.
pub fn adopted() -> (Vec<u8>, TrustFile) {
    let mut company = company();
    company.adopt(&company.stricter_policy(3600));
    company.adopt_with_a_third(&company.stricter_policy(1800));
    let case = Case::of(company);
    (case.bytes, case.trust)
}

pub fn forgotten() -> (Vec<u8>, TrustFile) {
    let mut case = session();
    let content = case.forgotten();
    (case.forgotten_file(&content), case.trust)
}

/// Each by its name.
pub fn all() -> Vec<(&'static str, Vec<u8>, TrustFile)> {
    let session = session();
    let others = [
        ("period", period()),
        ("cosigned", cosigned_period()),
        ("extended", extended()),
        ("break-glass", by_break_glass()),
        ("adopted", adopted()),
        ("forgotten", forgotten()),
    ];
    let others = others.into_iter().map(|(name, (bytes, trust))| (name, bytes, trust));
    std::iter::once(("session", session.bytes, session.trust)).chain(others).collect()
}

#[test]
fn each_is_accepted() {
    for (name, bytes, trust) in all() {
        if let Err(why) = verify(&bytes, &trust) {
            panic!("{name}: {why}");
        }
    }
}
