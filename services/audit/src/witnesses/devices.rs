//! Desktops as witnesses. A key is a Device's when the Device key said so in a `witness-key` statement; the name says which.

use checkpoint::WitnessVerifier;
use domain::UnixSeconds;
use serve::{ProblemResponse, refused};
use statement::{Refusal, Signed, Unverified, WitnessKey, check_witness_key};
use wire::audit::NewCosignature as Brought;

use crate::audit::Audit;
use crate::people::Person;
use crate::problem;
use crate::sequencer::{Command, NewCosignature};
use crate::store::Bound;

/// A cosignature's time is this near, in seconds.
const NEAR_SECONDS: u64 = 60;

impl Audit {
    /// Verifies what a desktop brings, and keeps it as what its Device saw last.
    pub(crate) async fn take_cosignature(&self, person: &Person, brought: &Brought) -> Result<(), ProblemResponse> {
        let statement = binding(self, person, &brought.statement).map_err(|r| refused(&r))?;
        let key = WitnessVerifier::parse(&statement.body().key).map_err(|_| not_a_cosignature())?;
        let (head, own) = self.verifier.open_cosigned(&brought.checkpoint).map_err(|_| problem::other_log())?;
        self.check_seen(&own).await?;
        self.check_seen(&statement.payload().seen).await?;
        let cosignature = key.cosigned(&brought.checkpoint).map_err(|_| not_a_cosignature())?;
        let at = UnixSeconds::try_from(cosignature.at).map_err(|_| not_a_cosignature())?;
        if at.abs_diff(self.now()) > NEAR_SECONDS {
            return Err(not_a_cosignature());
        }
        let new = NewCosignature {
            witness: key.name().to_owned(),
            verifier_key: key.verifier_key(),
            size: head.size,
            note: own + &cosignature.line,
            at,
            bound: Some(Bound {
                statement: brought.statement.clone(),
                token: person.pk_token.clone(),
                signed_at: statement.payload().iat,
            }),
        };
        self.writer.perform(Command::Cosign(Box::new(new))).await.map(|_| ())
    }
}

/// The statement is this caller's own and fresh, and names this log and this Device.
fn binding(audit: &Audit, person: &Person, compact: &str) -> Result<Signed<WitnessKey>, Refusal> {
    let statement = Unverified::<WitnessKey>::read(compact)?;
    if *statement.kid() != person.identity.kid {
        return Err(Refusal::UnknownSigner);
    }
    let signed = statement.verify(&person.identity.device_key)?;
    check_witness_key(&signed, &person.identity, &audit.trust, audit.now())?;
    Ok(signed)
}

fn not_a_cosignature() -> ProblemResponse {
    problem::conflict(
        "not-a-cosignature",
        "This is no cosignature of now by this Device's witness key.",
        "Update Countersign on this computer, and set its clock.",
    )
}
