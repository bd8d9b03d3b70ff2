//! The enrolments that some signers rest on: what somebody needs to see for themselves that those Devices were enrolled.

use std::collections::BTreeSet;

use domain::{Digest, UnixSeconds};
use serve::ProblemResponse;
use statement::PkToken;

use crate::audit::Audit;
use crate::roster::Link;

/// `enrol` statements from first administrators down, and the PK tokens of whoever signed them.
#[derive(Default)]
pub(crate) struct Chain {
    pub enrols: Vec<String>,
    pub tokens: Vec<String>,
}

/// The chain to the Devices of these PK tokens, each as of the moment at which its holder signed something.
pub(crate) async fn to_signers(audit: &Audit, signers: &[(String, UnixSeconds)]) -> Result<Chain, ProblemResponse> {
    if signers.is_empty() {
        return Ok(Chain::default());
    }
    let links = audit.roster.links(audit).await?;
    let known = audit.known_keys(None).await?;
    let sets = || std::iter::once(known.current()).chain(known.past().iter().map(|p| &p.keys));
    let devices = signers.iter().filter_map(|(token, at)| {
        let token = PkToken::read(token).ok()?;
        sets().find_map(|keys| token.verify(&audit.trust, keys, *at).ok()).map(|who| who.device)
    });
    Ok(walk(&links, devices.collect()))
}

/// From the Devices up: whoever enrolled one of them is looked for next.
fn walk(links: &[Link], devices: BTreeSet<Digest>) -> Chain {
    let (mut taken, mut signers, mut wanted) = (BTreeSet::new(), BTreeSet::new(), devices);
    loop {
        let before = taken.len();
        for link in links {
            if wanted.contains(&link.device) && taken.insert(link.statement.clone()) {
                wanted.insert(link.signer.clone());
                signers.insert(link.token.clone());
            }
        }
        if taken.len() == before {
            return Chain { enrols: taken.into_iter().collect(), tokens: signers.into_iter().collect() };
        }
    }
}
