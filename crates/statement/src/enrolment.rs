use std::collections::{BTreeMap, BTreeSet};

use domain::{Digest, PersonId, Role, UnixSeconds};

use crate::{ADMINISTRATORS_WAIT, Directory, Enrol, Identity, Refusal, Signed, Trust};

/// Which Device belongs to which person, derived from `enrol` statements down to the first administrators' keys.
#[derive(Debug, Default, Clone)]
pub struct Enrolments {
    first: BTreeSet<Digest>,
    /// Each with the date of the first statement that says so.
    devices: BTreeMap<(PersonId, Digest), UnixSeconds>,
    /// What a new Device comes after: every enrolment that an enrolled administrator signed, also those whose signer's own
    /// Device was too new. So what counts follows from the statements, whatever order they come in.
    said: BTreeMap<(PersonId, Digest), UnixSeconds>,
    /// Whom a first administrator's key is of, as far as it has signed enrolments.
    founders: BTreeSet<PersonId>,
    /// PK tokens that signed the statements, believed or not.
    signers: BTreeSet<Digest>,
}

impl Enrolments {
    /// Believes each statement whose signer is believed, until no statement adds anything. Statements that cannot be
    /// believed (yet) add nothing; they do not spoil the rest.
    #[must_use]
    pub fn derive<T: AsRef<str>>(statements: &[T], directory: &Directory<'_>, trust: &Trust, now: UnixSeconds) -> Self {
        let verified: Vec<_> = statements.iter().filter_map(|s| directory.verify_enrol(s.as_ref()).ok()).collect();
        let mut known = Self {
            first: trust.first_administrators.iter().cloned().collect(),
            signers: statements.iter().filter_map(|s| directory.signer_of_enrol(s.as_ref())).collect(),
            ..Self::default()
        };
        known.believe(&verified, |known, (statement, signer)| known.check_said(statement, signer, trust, now));
        known.devices.clear();
        known.believe(&verified, |known, (statement, signer)| known.check_added(statement, signer, trust, now));
        known
    }

    fn believe(
        &mut self,
        verified: &[(Signed<Enrol>, Identity)],
        check: impl Fn(&Self, &(Signed<Enrol>, Identity)) -> Result<(), Refusal>,
    ) {
        let mut open: Vec<_> = verified.iter().collect();
        loop {
            let before = open.len();
            open.retain(|one| match check(self, one) {
                Ok(()) => {
                    self.note(&one.0, &one.1);
                    false
                }
                Err(_) => true,
            });
            if open.len() == before {
                return;
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
        self.check_added(statement, signer, trust, now)?;
        self.note(statement, signer);
        Ok(())
    }

    fn check_added(
        &self,
        statement: &Signed<Enrol>,
        signer: &Identity,
        trust: &Trust,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        self.check_said(statement, signer, trust, now)?;
        self.check_waited(signer, statement.payload().iat, ADMINISTRATORS_WAIT)
    }

    /// As [`Self::check_added`], however new the signer's own Device was.
    fn check_said(
        &self,
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
        Ok(())
    }

    fn note(&mut self, statement: &Signed<Enrol>, signer: &Identity) {
        if self.first.contains(&signer.device) {
            self.founders.insert(signer.person.clone());
        }
        let (body, signed_at) = (statement.body(), statement.payload().iat);
        for dates in [&mut self.devices, &mut self.said] {
            let since = dates.entry((body.person.clone(), body.device.clone())).or_insert(signed_at);
            *since = signed_at.min(*since);
        }
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
        if self.is_of(&who.person, &who.device) { Ok(()) } else { Err(Refusal::NotEnrolled) }
    }

    /// The same, of a Device that signs nothing here. What counts is the person that the enrolment names: two accounts may
    /// bear one name.
    #[must_use]
    pub fn is_of(&self, person: &PersonId, device: &Digest) -> bool {
        self.devices.contains_key(&(person.clone(), device.clone()))
    }

    /// [`Self::check`], and whether what this Device signed at `at` has waited `waits` seconds: a Device that was enrolled beside
    /// another one of the same person waits first. A person's first Device, and a first administrator's, wait for nothing.
    ///
    /// # Errors
    /// [`Refusal::NotEnrolled`], [`Refusal::DeviceTooNew`].
    pub fn check_waited(&self, who: &Identity, at: UnixSeconds, waits: i64) -> Result<(), Refusal> {
        match self.waits_until(&who.person, &who.device, waits)? {
            Some(until) if at < until => Err(Refusal::DeviceTooNew),
            _ => Ok(()),
        }
    }

    /// The moment until which this person's Device waits, when it is one that does.
    ///
    /// # Errors
    /// [`Refusal::NotEnrolled`].
    pub fn waits_until(&self, person: &PersonId, device: &Digest, waits: i64) -> Result<Option<UnixSeconds>, Refusal> {
        if self.first.contains(device) {
            return Ok(None);
        }
        let since = *self.devices.get(&(person.clone(), device.clone())).ok_or(Refusal::NotEnrolled)?;
        let is_asked = waits > 0 && self.is_another(person, device, since);
        Ok(is_asked.then(|| since.saturating_add(waits)))
    }

    /// Whether this person had another Device before.
    fn is_another(&self, person: &PersonId, device: &Digest, since: UnixSeconds) -> bool {
        let others = self.said.iter().filter(|((of, other), _)| of == person && other != device);
        self.founders.contains(person) || others.map(|(_, enrolled_at)| *enrolled_at).any(|at| at < since)
    }
}
