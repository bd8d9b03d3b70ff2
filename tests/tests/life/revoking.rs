//! The hands that take access away, and what has to be over then.

use std::time::{Duration, Instant};

use client::{CallError, GatewayClient};
use reqwest::Method;
use statement::{Revoke, Revoked, sha256};
use tests::forge::Person;
use wire::event::{Append, EventKind};
use wire::gateway::{Revocation, RevocationHeard};

use super::company::{AUDIT, GATEWAYS};
use super::machine::Machine;
use super::people::{Holder, Who};
use super::taken::{By, Taken, Way, What};
use super::tally::{Happened, count};
use super::window::{SessionKey, Window};

/// The broker is asked for leases every 5 s, and a lease that was not renewed is lost after 13 s.
const LEASED_NO_MORE: Duration = Duration::from_secs(9);
/// What a gateway heard is in the log within this time, while it runs.
const WRITTEN: Duration = Duration::from_secs(10);

impl Machine {
    pub(super) async fn revoke(&mut self, what: What, by: By, code: bool, way: Way) {
        let Some(revokes) = self.named_by(what) else { return };
        let signer = self.signer(what, by);
        let (taken, call) = self.sign(&signer, !matches!(by, By::Stranger), revokes, code);
        let mut at_length = false;
        match way {
            Way::Gateway(gateway) => {
                let answer = self.bring_to(gateway, &call).await;
                self.heard(gateway, taken, answer.as_ref());
                self.see_written().await;
            }
            Way::Race(gateway) => {
                let grant = self.grants.iter().rposition(|g| taken.means(g)).unwrap_or(self.grants.len() - 1);
                let key = SessionKey::new();
                let (opened, answer) = tokio::join!(self.knock(grant, gateway, &key), self.bring_to(gateway, &call));
                self.took(grant, opened);
                self.heard(gateway, taken, answer.as_ref());
                self.see_written().await;
            }
            Way::Killed(gateway) => {
                let answer = self.bring_to(gateway, &call).await;
                self.heard(gateway, taken, answer.as_ref());
                self.kill(gateway);
            }
            Way::Broker | Way::Hushed => {
                at_length = self.log_revocation(taken, &signer, &call).await && matches!(way, Way::Broker);
                if at_length {
                    self.lease_no_more();
                }
            }
        }
        self.see_over(at_length).await;
    }

    fn named_by(&self, what: What) -> Option<Revoked> {
        Some(match what {
            What::Grant(n) => Revoked::Grant(self.grants[self.named(n)].request.clone()),
            What::Opened(back) => Revoked::Grant(self.grants[self.windows[self.window(back)?].grant].request.clone()),
            What::Session(back) => Revoked::Sessions(vec![self.windows[self.window(back)?].session.clone()]),
            What::Permission(back) => {
                let at = self.permissions.len().checked_sub(1 + back % self.permissions.len().max(1))?;
                Revoked::Grant(self.permissions[at].id.clone())
            }
            What::Device(who) => Revoked::Device(self.people.who(who).thumbprint()),
            What::Person(who) => Revoked::Person(self.people.who(who).id()),
        })
    }

    fn signer(&self, what: What, by: By) -> Person {
        let who = match (by, what) {
            (By::Administrator, _) => return self.world.site.company.administrators[0].clone(),
            (By::Stranger, _) => return self.people.stranger.clone(),
            (By::Approver(n), _) => Who::Approver(n),
            (By::Engineer(n), _) => Who::Engineer(n),
            (By::Themselves, What::Device(who) | What::Person(who)) => who,
            (By::Themselves, What::Grant(n)) => Who::Engineer(self.grants[self.named(n)].engineer),
            (By::Themselves, What::Opened(_) | What::Session(_) | What::Permission(_)) => Who::Engineer(0),
        };
        self.people.who(who).clone()
    }

    fn sign(&self, signer: &Person, enrolled: bool, revokes: Revoked, code: bool) -> (Taken, Revocation) {
        let company = &self.world.site.company;
        let own = revokes == Revoked::Device(signer.thumbprint());
        let has = |role: &str| signer.account.roles.iter().any(|r| r == role);
        let may = enrolled
            && match revokes {
                Revoked::Grant(_) | Revoked::Sessions(_) => has("approver") || has("administrator"),
                Revoked::Device(_) => own || has("administrator"),
                Revoked::Person(_) => has("administrator"),
            };
        let is_over = self.revocations.iter().any(|r| self.seen.is_revoked_by(r) && r.is_of(&Holder::of(signer)));
        let lasts = may && !is_over && (code || own || matches!(revokes, Revoked::Grant(_)));
        let body = Revoke { reason: "The laptop was stolen.".into(), revokes: revokes.clone() };
        let statement = signer.sign(&company.trust.gateway_id, body, company.moments.open);
        let taken = Taken { statement: sha256(&statement), revokes, may, lasts, heard: [false; GATEWAYS] };
        let mut pk_tokens = vec![company.administrators[0].token.clone(), signer.token.clone()];
        pk_tokens.dedup();
        let mfa = code.then(|| company.mfa(signer, Some(&statement), company.moments.open));
        (taken, Revocation { statement, mfa, pk_tokens, enrols: self.people.enrols.clone() })
    }

    async fn bring_to(&self, gateway: usize, call: &Revocation) -> Result<RevocationHeard, CallError> {
        let address = self.world.addresses[gateway];
        let client = GatewayClient::anonymous(&format!("https://{address}"), &self.world.site.ca.pem);
        client.expect("a client").revoke(call).await
    }

    /// Whatever it means here is over from now on, and stays so.
    fn heard(&mut self, gateway: usize, mut taken: Taken, answer: Result<&RevocationHeard, &CallError>) {
        match answer {
            Ok(heard) => {
                assert!(taken.may, "a gateway heard whoever may not revoke that");
                count(Happened::RevocationHeard);
                taken.heard[gateway] = true;
                for window in self.windows.iter_mut().filter(|w| heard.ended.contains(&w.session)) {
                    count(Happened::RevocationEnded);
                    window.ended.get_or_insert((Instant::now(), gateway));
                }
            }
            Err(error) => {
                count(Happened::Refused);
                assert!(!taken.may || self.skewed[gateway], "a gateway did not hear a revocation: {error}");
            }
        }
        self.revocations.push(taken);
    }

    /// The last one that a gateway heard is written down, when it is one that lasts.
    async fn see_written(&mut self) {
        let until = Instant::now() + WRITTEN;
        let is_owed = |r: &Taken| r.lasts && r.heard.contains(&true);
        while self.revocations.last().is_some_and(is_owed) {
            self.seen.read(&self.world).await;
            if self.revocations.last().is_some_and(|r| self.seen.is_revoked_by(r)) {
                return;
            }
            assert!(Instant::now() < until, "what a gateway heard is not in the log");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// As the broker writes it down, which need not have heard it from anybody; whether the log has it.
    async fn log_revocation(&mut self, taken: Taken, signer: &Person, call: &Revocation) -> bool {
        let append = Append::new(EventKind::Revoked).statement(&call.statement).statement(&signer.token);
        let append = match &taken.revokes {
            Revoked::Grant(request) => append.fact("request", request.as_str()),
            Revoked::Device(device) => append.fact("revoked-device", device.as_str()),
            Revoked::Person(person) => append.personal("revoked-person", &person.0),
            Revoked::Sessions(named) => append.fact("sessions", Revoked::digest_of_sessions(named).as_str()),
        };
        let answer = self.world.broker.append(&call.mfa.iter().fold(append, |append, mfa| append.statement(mfa))).await;
        let told = answer.is_ok();
        assert!(taken.lasts || !told, "the log took a revocation of whoever may not, or that had no code");
        // With a clock that went back the audit service writes nothing for a moment.
        assert!(told || !taken.lasts || self.skewed[AUDIT], "the log took no revocation: {:?}", answer.err());
        count(if told { Happened::RevocationLogged } else { Happened::Refused });
        if let Ok(receipt) = answer {
            self.seen.acknowledged(receipt);
        }
        self.revocations.push(taken);
        told
    }

    /// The broker names to the gateways what the last revocation means, and leases it no more.
    fn lease_no_more(&mut self) {
        let Some(last) = self.revocations.last() else { return };
        let opened = self.windows.iter().filter(|w| last.means_window(w, &self.grants)).map(|w| w.grant);
        let asked = (0..self.grants.len()).filter(|n| last.means(&self.grants[*n]));
        for n in opened.chain(asked) {
            let request = self.grants[n].request.clone();
            self.world.site.cut.add([request.clone()]);
            self.cut.entry(request).or_insert(Instant::now() + LEASED_NO_MORE);
        }
    }

    /// Goes on in every window that the last revocation means, at once and, when the log took it and the broker cuts it,
    /// until it is over.
    async fn see_over(&mut self, at_length: bool) {
        let Some(last) = self.revocations.last() else { return };
        let meant = |w: &Window| last.means_window(w, &self.grants);
        let meant: Vec<usize> = (0..self.windows.len()).filter(|n| meant(&self.windows[*n])).collect();
        for window in meant.into_iter().rev().take(4) {
            let mut passed = self.go_on(window, Method::GET).await;
            while passed && at_length {
                count(Happened::CutByBroker);
                tokio::time::sleep(Duration::from_millis(200)).await;
                passed = self.go_on(window, Method::GET).await;
            }
        }
    }

    /// Whether something that was heard at this gateway means this.
    pub(super) fn is_heard(&self, gateway: usize, window: &Window) -> bool {
        self.revocations.iter().any(|r| r.heard[gateway] && r.means_window(window, &self.grants))
    }

    /// A gateway remembers no revocation when it is killed, and one that nobody wrote down no longer than its clock says.
    pub(super) fn forget(&mut self, gateway: usize, lasting: bool) {
        for taken in self.revocations.iter_mut().filter(|r| lasting || !r.lasts) {
            taken.heard[gateway] = false;
        }
    }
}
