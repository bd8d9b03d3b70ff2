use std::collections::BTreeSet;

use domain::{Digest, PersonId, Role, UnixSeconds};

use crate::{Directory, Enrol, Identity, Refusal, Signed, Trust};

/// Which Device belongs to which person, derived from `enrol` statements down to the first administrators' keys.
#[derive(Debug, Default, Clone)]
pub struct Enrolments {
    first: BTreeSet<Digest>,
    devices: BTreeSet<(PersonId, Digest)>,
    /// PK tokens that signed the statements, believed or not.
    signers: BTreeSet<Digest>,
}

impl Enrolments {
    /// Believes each statement whose signer is believed, until no statement adds anything. Statements that cannot be
    /// believed (yet) add nothing; they do not spoil the rest.
    #[must_use]
    pub fn derive<T: AsRef<str>>(statements: &[T], directory: &Directory<'_>, trust: &Trust, now: UnixSeconds) -> Self {
        let mut open: Vec<_> = statements.iter().filter_map(|s| directory.verify_enrol(s.as_ref()).ok()).collect();
        let mut known = Self {
            first: trust.first_administrators.iter().cloned().collect(),
            devices: BTreeSet::new(),
            signers: statements.iter().filter_map(|s| directory.signer_of_enrol(s.as_ref())).collect(),
        };
        loop {
            let before = open.len();
            open.retain(|(statement, signer)| known.add(statement, signer, trust, now).is_err());
            if open.len() == before {
                return known;
            }
        }
    }

    /// Adds one enrolment that an enrolled administrator signed for somebody else.
    ///
    /// # Errors
    /// [`Refusal`] naming the first check that failed.
    pub fn add(
        &mut self,
        statement: &Signed<Enrol>,
        signer: &Identity,
        trust: &Trust,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        statement.check_issued(&trust.gateway_id, now)?;
        if !signer.roles.contains(&Role::Administrator) {
            return Err(Refusal::MissingRole);
        }
        self.check(signer)?;
        let body = statement.body();
        if body.person == signer.person {
            return Err(Refusal::SamePerson);
        }
        if body.device == signer.device {
            return Err(Refusal::SameDevice);
        }
        self.devices.insert((body.person.clone(), body.device.clone()));
        Ok(())
    }

    /// Digests of the PK tokens whose Device signed one of the statements. An enrolment that can no longer be verified
    /// and was renewed since still travels beside the new one, and its signer's token with it.
    pub fn signers(&self) -> impl Iterator<Item = &Digest> {
        self.signers.iter()
    }

    /// Whether this Device may sign in and, with the role, enrol others: it is a first administrator's, or somebody
    /// enrolled it for this person. A first administrator's key belongs to whoever the identity provider binds it to,
    /// which is why this is not enough for a request or a decision ([`Self::check_person`]).
    ///
    /// # Errors
    /// [`Refusal::NotEnrolled`].
    pub fn check(&self, who: &Identity) -> Result<(), Refusal> {
        if self.first.contains(&who.device) { Ok(()) } else { self.check_person(who) }
    }

    /// Whether an enrolled administrator said that this Device is this person's.
    ///
    /// # Errors
    /// [`Refusal::NotEnrolled`].
    pub fn check_person(&self, who: &Identity) -> Result<(), Refusal> {
        let enrolled = self.devices.contains(&(who.person.clone(), who.device.clone()));
        if enrolled { Ok(()) } else { Err(Refusal::NotEnrolled) }
    }
}
