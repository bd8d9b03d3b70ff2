use std::net::IpAddr;

use statement::{Opening, Terms};

use crate::ask::{Ask, Decider, Somebody};
use crate::evaluate::Approvers;
use crate::refusal::{self, PolicyRefusal};
use crate::{Allowed, Policy};

impl Policy {
    /// Whether the policy opens this Grant: what was asked, what was granted of it, and who countersigned. What was
    /// asked and what was granted are both asked about, because several approvers can narrow a request to something that
    /// no rule speaks of, and because narrowing must not save a signature. Whom the policy does not let countersign
    /// does not count.
    ///
    /// Gateway, audit service, verifier and a service that believes none of them all call this one.
    ///
    /// # Errors
    /// [`PolicyRefusal`] with the reason in words; besides those of [`Policy::evaluate`], `too-few-approvals`,
    /// `may-not-approve`.
    pub fn admit(&self, opening: &Opening) -> Result<Allowed, PolicyRefusal> {
        self.admit_asked(&of_opening(opening), opening)
    }

    /// The same for whoever sees the connection with which it is opened: also from there it has to be allowed. What is
    /// attested is only where the requester was at sign-in, and the broker's word.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub fn admit_from(&self, opening: &Opening, address: IpAddr) -> Result<Allowed, PolicyRefusal> {
        let attested = of_opening(opening);
        let allowed = self.admit_asked(&attested, opening)?;
        if attested.requester.address == Some(address) {
            return Ok(allowed);
        }
        let requester = Somebody { address: Some(address), ..attested.requester };
        self.admit_asked(&Ask { requester, ..attested }, opening)
    }

    fn admit_asked(&self, asked: &Ask<'_>, opening: &Opening) -> Result<Allowed, PolicyRefusal> {
        if opening.break_glass().is_some() {
            return self.admit_in_advance(asked, opening);
        }
        let decided = opening.decisions().iter().zip(opening.decided_with());
        let decided: Vec<Decider<'_>> = decided.map(|(d, factor)| Decider::of(d, factor)).collect();
        self.would_admit(asked, opening.terms(), &decided)
    }

    /// By break-glass: what may be asked for holds as ever, and how many have to sign, and of whom, holds for those who signed in
    /// advance. Who may countersign which request is not asked: they saw none.
    fn admit_in_advance(&self, asked: &Ask<'_>, opening: &Opening) -> Result<Allowed, PolicyRefusal> {
        self.may_ask(asked)?;
        let signed: Vec<Somebody<'_>> = opening.countersigners().map(Somebody::from).collect();
        let roles = union(signed.iter().flat_map(|who| who.roles.iter().copied()));
        let groups = union(signed.iter().flat_map(|who| who.groups.iter().cloned()));
        let count = u32::try_from(signed.len()).unwrap_or(u32::MAX);
        let approvers = Approvers { count, roles: &roles, groups: &groups };
        self.may_open(asked, asked, &approvers)?;
        Ok(Allowed { approvals: count })
    }

    /// What [`Self::admit`] would say of these facts. It is for advice and for cases that somebody wrote down: nobody
    /// verified them, and so nothing may be opened with the answer.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub fn would_admit(
        &self,
        asked: &Ask<'_>,
        granted: Terms,
        decided: &[Decider<'_>],
    ) -> Result<Allowed, PolicyRefusal> {
        let granted = asked.on(granted);
        self.may_ask(asked)?;
        self.may_ask(&granted)?;
        let (permitted, refused) = self.approvers(asked, decided)?;
        let roles = union(permitted.iter().flat_map(|who| who.roles.iter().copied()));
        let groups = union(permitted.iter().flat_map(|who| who.groups.iter().cloned()));
        let enough = |count: u32| {
            let approvers = Approvers { count, roles: &roles, groups: &groups };
            self.may_open(asked, asked, &approvers)?;
            self.may_open(asked, &granted, &approvers)
        };
        let count = u32::try_from(permitted.len()).unwrap_or(u32::MAX);
        enough(count).map_err(|too_few| refused.unwrap_or(too_few))?;
        // For whoever reads the Evidence: fewer than these would not have done.
        let approvals = (1..count).find(|fewer| enough(*fewer).is_ok()).unwrap_or(count);
        Ok(Allowed { approvals })
    }

    /// Whom the policy lets countersign, and why it does not let the first one whom it does not.
    fn approvers<'a>(
        &self,
        asked: &Ask<'_>,
        decided: &[Decider<'a>],
    ) -> Result<(Vec<Somebody<'a>>, Option<PolicyRefusal>), PolicyRefusal> {
        let (mut permitted, mut refused) = (Vec::new(), None);
        for decides in decided {
            match self.may_approve(asked, decides) {
                Ok(()) => permitted.push(decides.who),
                Err(why) if why.code == refusal::no_answer().code => return Err(why),
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        Ok((permitted, refused))
    }
}

fn of_opening(opening: &Opening) -> Ask<'_> {
    Ask::of(opening.request(), Some(opening.asked_with()))
}

fn union<T: Ord>(of: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = of.collect();
    all.sort_unstable();
    all.dedup();
    all
}
