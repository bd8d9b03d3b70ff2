//! This computer as a witness: it cosigns what it verified, hands that in, and looks at what the other witnesses saw.

use std::sync::Arc;

use checkpoint::{WitnessSigner, WitnessVerifier};
use client::AuditClient;
use domain::UnixSeconds;
use statement::{Directory, Enrolments, KnownKeys, WitnessKey, device_witness, verify_witness_key};
use wire::audit::{DeviceWitness, NewCosignature, OutsideWitness, WitnessTrouble, Witnesses};

use super::{Inner, SignedIn, Unlocked};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{count, key_short, seconds};
use crate::view::{Notice, UiError, WitnessKind, WitnessView};

/// The same Checkpoint is cosigned again after this time, in seconds: that it is still the last one is news too.
const AGAIN: UnixSeconds = 300;

impl Inner {
    /// In the background, when there is something new to say. Neither the keyring nor a person is asked for it.
    pub(super) fn cosign_later(&self, joined: &Arc<Joined>) {
        if let Some(inner) = self.me.upgrade() {
            let joined = joined.clone();
            tokio::spawn(async move {
                if let Err(error) = inner.cosign(&joined).await {
                    tracing::info!(code = error.code, "the log is not cosigned now");
                }
            });
        }
    }

    /// Cosigns the last Checkpoint, hands it in, and holds what the others saw to the log as seen from here.
    pub(super) async fn cosign(&self, joined: &Joined) -> Result<(), UiError> {
        let _one_at_a_time = self.cosigning.lock().await;
        let (keys, person) = {
            let live = self.live();
            (live.keys.clone(), live.person.clone())
        };
        let (Some(keys), Some(person)) = (keys, person) else { return Ok(()) };
        let Some((attestation, _)) = &person.factor else { return Ok(()) };
        let signer = witness_signer(joined, &keys)?;
        let Some((last, checkpoint)) = joined.log.cosign(&signer)? else { return Ok(()) };
        let now = self.now();
        let told = self.live().cosigned;
        if told.is_some_and(|(size, at)| size == last.size && now < at + AGAIN) {
            return Ok(());
        }
        let body = WitnessKey { key: signer.verifier().verifier_key() };
        let statement = self.sign(joined, &person, body, 8 * 3600)?;
        let audit = AuditClient::new(&joined.log.client, person.credentials.clone(), attestation.clone());
        let answer =
            audit.cosign(&NewCosignature { checkpoint, statement }).await.map_err(call("the audit service"))?;
        self.live().cosigned = Some((last.size, now));
        let seen = self.seen_by(joined, &person, &answer).await;
        let seen = seen.inspect_err(|error| self.report_error(error, None, None))?;
        joined.log.show_witnesses(seen);
        self.tell(Notice::State);
        Ok(())
    }

    /// Each witness with what it saw, as far as that holds here. One that saw another log breaks the log.
    async fn seen_by(
        &self,
        joined: &Joined,
        person: &SignedIn,
        answer: &Witnesses,
    ) -> Result<Vec<WitnessView>, UiError> {
        let mut seen = Vec::new();
        for outside in &answer.outside {
            let pinned = joined.file.witnesses.contains(&outside.key);
            let mut view = outside_view(outside, pinned);
            if let Some(note) = &outside.checkpoint {
                match cosigned(note, &outside.key) {
                    Some(at) => (view.size, view.at) = (count(joined.log.agrees(note).await?.size), Some(at)),
                    None => view.trouble = "What the audit service shows is not its cosignature.".into(),
                }
            }
            seen.push(view);
        }
        let missing = joined.file.witnesses.iter().filter(|key| answer.outside.iter().all(|o| o.key != **key));
        seen.extend(missing.map(|key| WitnessView {
            trouble: "The audit service does not show heads to it.".into(),
            ..nothing_seen(WitnessKind::Outside, name_of(key), true)
        }));
        let tokens: Vec<&str> =
            answer.devices.iter().map(|d| &d.token).chain(&answer.tokens).map(String::as_str).collect();
        let provider = joined.keys_for(&tokens).await?;
        for device in &answer.devices {
            if let Some((mut view, at)) = self.device(joined, person, answer, device, &tokens, &provider) {
                joined.log.signers_agree(&answer.enrols, std::slice::from_ref(&device.statement)).await?;
                (view.size, view.at) = (count(joined.log.agrees(&device.checkpoint).await?.size), Some(at));
                seen.push(view);
            }
        }
        Ok(seen)
    }

    /// Another computer's, when an enrolled Device said that this is its key and the key cosigned; others are left out.
    fn device(
        &self,
        joined: &Joined,
        person: &SignedIn,
        answer: &Witnesses,
        device: &DeviceWitness,
        tokens: &[&str],
        provider: &KnownKeys,
    ) -> Option<(WitnessView, u32)> {
        let trust = &joined.file.trust;
        let directory = Directory::of_stored(tokens, trust, provider);
        let enrolments = Enrolments::derive(&answer.enrols, &directory, trust, self.now());
        let signer = verify_witness_key(&device.statement, &directory, &enrolments, trust, self.now()).ok()?;
        if signer.identity.device == person.identity.device {
            return None;
        }
        let at = cosigned(&device.checkpoint, &signer.statement.body().key)?;
        let key_short = key_short(&signer.identity.device);
        let view = nothing_seen(WitnessKind::Computer, &signer.identity.name, true);
        Some((WitnessView { key_short, ..view }, at))
    }
}

/// When the witness of this key cosigned the head in the note.
fn cosigned(note: &str, key: &str) -> Option<u32> {
    let at = WitnessVerifier::parse(key).ok()?.cosigned(note).ok()?.at;
    Some(seconds(i64::try_from(at).ok()?))
}

fn witness_signer(joined: &Joined, keys: &Unlocked) -> Result<WitnessSigner, UiError> {
    let name = device_witness(&joined.file.trust, &keys.device.public().thumbprint());
    WitnessSigner::from_seed(&name, &keys.witness).map_err(|_| {
        fault("bad-join-file", "The log's name cannot stand before a witness.", "Ask your administrator for a new one.")
    })
}

fn outside_view(outside: &OutsideWitness, pinned: bool) -> WitnessView {
    let trouble = match outside.trouble {
        None => "",
        Some(WitnessTrouble::Unreachable) => "It does not answer the audit service.",
        Some(WitnessTrouble::Refused { .. }) => "It refuses what the audit service shows it.",
        Some(WitnessTrouble::NoCosignature) => "It answers with something else than its cosignature.",
        Some(WitnessTrouble::Ahead { .. }) => "It says that it has seen a longer log. Tell security.",
        Some(WitnessTrouble::NotConsistent) => "It says that it has seen another log. Tell security.",
    };
    WitnessView { trouble: trouble.into(), ..nothing_seen(WitnessKind::Outside, name_of(&outside.key), pinned) }
}

fn name_of(key: &str) -> &str {
    key.split('+').next().unwrap_or_default()
}

fn nothing_seen(kind: WitnessKind, name: &str, pinned: bool) -> WitnessView {
    let name = domain::shown(name, 120);
    WitnessView { kind, name, key_short: String::new(), size: 0, at: None, pinned, trouble: String::new() }
}
