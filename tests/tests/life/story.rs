//! What has to hold in the log, entry by entry: no opening and no extension without two persons, none of a request that was
//! over, none of what was revoked before, none twice, none with more time than was granted, none of them as the other; and
//! by what was signed in advance only while that is good, and no oftener.

use std::collections::HashMap;

use domain::{Digest, SessionId};
use statement::Revoked;
use wire::event::{Event, EventKind};

use super::grants::Grant;
use super::taken::Taken;

/// What the policy allows a Session that may write, from its start to its end, in seconds.
pub const MOST: i64 = 3600;
/// By how much the audit service's clock goes wrong at most, and its writing may be behind its look at it.
const CLOCKS: i64 = 5;

/// What the entries so far say.
pub struct Story<'a> {
    grants: &'a [Grant],
    revocations: &'a [Taken],
    counted: HashMap<Digest, usize>,
    /// By their permission.
    uses: HashMap<Digest, usize>,
    open: HashMap<SessionId, Open<'a>>,
    /// Requests that were withdrawn.
    over: Vec<String>,
    /// With their places.
    revoked: Vec<(usize, &'a Taken)>,
}

/// When a Session began and when it has to end, as the log says, and what it rests on.
struct Open<'a> {
    index: usize,
    opened_at: i64,
    ends_at: i64,
    grants: Vec<&'a Grant>,
}

impl<'a> Story<'a> {
    pub fn of(grants: &'a [Grant], revocations: &'a [Taken]) -> Self {
        Self {
            grants,
            revocations,
            counted: HashMap::new(),
            uses: HashMap::new(),
            open: HashMap::new(),
            over: Vec::new(),
            revoked: Vec::new(),
        }
    }

    pub fn goes_on(&mut self, index: usize, event: &Event) {
        match event.kind {
            EventKind::RequestWithdrawn => self.over.extend(event.facts.get("request").cloned()),
            EventKind::Revoked => {
                let taken = self.revocations.iter().find(|r| event.statements.contains(&r.statement));
                let taken = taken.unwrap_or_else(|| panic!("entry {index} revokes what nobody did"));
                assert!(taken.lasts, "entry {index} revokes, and its signer may not, or gave no code");
                self.revoked.push((index, taken));
            }
            EventKind::SessionOpened => self.opens(index, event),
            EventKind::SessionExtended => self.extends(index, event),
            EventKind::SessionResumed => self.check_goes_on(index, event),
            EventKind::SessionEnded | EventKind::RecordingSealed => {
                event.session.as_ref().map(|session| self.open.remove(session));
            }
            _ => {}
        }
    }

    fn opens(&mut self, index: usize, event: &Event) {
        let grant = self.granted(event, index);
        assert!(grant.extends.is_none(), "entry {index} opens a Session with what extends one");
        let (opened_at, ends_at) = (time(event, "opened-at"), time(event, "ends-at"));
        assert!(ends_at - opened_at <= grant.seconds, "entry {index} opens for longer than was granted");
        if let Some(in_advance) = &grant.in_advance {
            let span = in_advance.from..in_advance.until;
            assert!(span.contains(&opened_at), "entry {index} opens by what was signed for another time");
            let written = event.at / 1000;
            assert!(written < in_advance.until + CLOCKS, "entry {index} opens long after what was signed had ended");
            let uses = self.uses.entry(in_advance.id.clone()).or_default();
            *uses += 1;
            assert!(*uses <= in_advance.uses, "entry {index} opens oftener than was signed");
        }
        let open = Open { index, opened_at, ends_at, grants: vec![grant] };
        self.open.insert(event.session.clone().expect("a Session"), open);
    }

    fn extends(&mut self, index: usize, event: &Event) {
        self.check_goes_on(index, event);
        let grant = self.granted(event, index);
        let session = event.session.as_ref().expect("a Session");
        let extends = grant.extends.as_ref().expect("a request that extends");
        assert_eq!(extends.session, *session, "entry {index} extends another Session than was signed");
        let open = self.open.get_mut(session).unwrap_or_else(|| panic!("entry {index} extends what is over"));
        let ends_at = time(event, "ends-at");
        assert!(time(event, "extended-at") < open.ends_at, "entry {index} extends after the end");
        assert!(extends.ends_at <= open.ends_at, "entry {index} adds more than its approver read");
        let most = grant.seconds.min(MOST);
        let signed = ends_at <= open.ends_at || ends_at - open.opened_at <= most;
        assert!(signed, "entry {index} extends past what two persons signed, or past the cap");
        open.ends_at = open.ends_at.max(ends_at);
        open.grants.push(grant);
    }

    /// What an entry lets count was signed by two persons, was neither over nor revoked, and counts once.
    fn granted(&mut self, event: &Event, index: usize) -> &'a Grant {
        let of = self.grants.iter().find(|g| event.statements.contains(&g.request));
        let grant = of.unwrap_or_else(|| panic!("entry {index} lets count what nobody asked for"));
        assert!(grant.is_right, "entry {index} counts without what two persons signed for exactly that");
        assert!(!self.over.iter().any(|o| o == grant.request.as_str()), "entry {index} lets count what was over");
        let revoked = self.revoked.iter().any(|(_, taken)| taken.means(grant));
        assert!(!revoked, "entry {index} lets count what was revoked, or whose signer was");
        let times = self.counted.entry(grant.request.clone()).or_default();
        *times += 1;
        assert_eq!(*times, 1, "entry {index} lets a Grant count again");
        grant
    }

    /// A Session goes on only while nothing was revoked since that it rests on. Not asked of approvers' and administrators'
    /// Devices and persons: whoever signed beside the requester is caught where it is heard (docs/decisions, 26).
    fn check_goes_on(&self, index: usize, event: &Event) {
        let session = event.session.as_ref().expect("a Session");
        let Some(open) = self.open.get(session) else { return };
        for (_, taken) in self.revoked.iter().filter(|(at, _)| *at > open.index) {
            let named = matches!(&taken.revokes, Revoked::Sessions(named) if named.contains(session));
            let requester = open.grants[0].signers.first().is_some_and(|holder| taken.is_of(holder));
            let rests = matches!(taken.revokes, Revoked::Grant(_)) && open.grants.iter().any(|g| taken.means(g));
            assert!(!(named || requester || rests), "entry {index} goes on with what was revoked");
        }
    }
}

fn time(event: &Event, name: &str) -> i64 {
    event.facts[name].parse().expect("a time")
}
