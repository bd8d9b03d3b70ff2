use domain::{Clock as _, Digest, Organization, SessionId};
use recording::{Original, seal_whole_batch};
use statement::{Reveal, sha256};
use wire::audit::Acknowledged;
use wire::event::Receipt;
use wire::revealing::NewReveal;

use super::{Answer, Human, World, frames};

/// What nobody may find anywhere but in the answer to whoever may read it.
pub const CANARY: &str = "zora.canary@kinloch.example";
pub const MARK: &str = "7f3a91c2d0b4e6f8";
pub const OTHER_MARK: &str = "0011223344556677";

pub fn originals() -> Vec<Original> {
    let original = |mark: &str, value: &str| Original { mark: mark.into(), rule: "e-mail".into(), value: value.into() };
    vec![original(MARK, CANARY), original(OTHER_MARK, "DE89 3704 0044 0532 0130 00"), original(MARK, "of later")]
}

impl World {
    /// A sealed Session with two marks.
    pub async fn masked(&self) -> SessionId {
        let (session, _, _) = self.session().await;
        self.batch_beside(&session, 0, &originals()).await.json::<Acknowledged>();
        self.batch(&session, 1, &frames(5, 5)).await.json::<Acknowledged>();
        self.end(&session, 2).await.json::<Receipt>();
        session
    }

    pub async fn batch_beside(&self, session: &SessionId, number: u64, originals: &[Original]) -> Answer {
        let (public, from) = (self.ingest.public().expect("public"), number * 5);
        let sealed = seal_whole_batch(&public, session, number, &frames(from, 5), originals).expect("seals");
        self.put_batch(session, number, sealed).await
    }

    /// What `reader` would sign.
    pub fn wanted(&self, reader: &Human, session: &SessionId) -> Reveal {
        Reveal {
            justification: "The customer asks who was called on Friday.".into(),
            marks: vec![MARK.into()],
            organization: Organization { id: "kinloch-hotels".parse().expect("id"), name: "Kinloch Hotels".into() },
            reader: reader.key.public().thumbprint(),
            session: session.clone(),
        }
    }

    /// Signed now, with a code.
    pub fn reveal_by(&self, who: &Human, body: &Reveal, proposal: Option<&Digest>) -> NewReveal {
        let now = self.clock.now();
        let statement = who.state(body.clone(), now, 3600, "");
        let mfa = self.attest_at(who, Some(sha256(&statement)), now);
        NewReveal { proposal: proposal.cloned(), statement, mfa }
    }

    pub async fn sign_reveal(&self, who: &Human, new: &NewReveal) -> Answer {
        let body = serde_json::to_vec(new).expect("json");
        self.person(who, axum::http::Method::POST, "/v1/reveals", Some(body)).await
    }

    pub async fn propose_reveal(&self, who: &Human, session: &SessionId) -> Digest {
        let new = self.reveal_by(who, &self.wanted(who, session), None);
        self.sign_reveal(who, &new).await.json::<Receipt>();
        sha256(&new.statement)
    }

    /// Proposed by one, countersigned by the other.
    pub async fn revealed(&self, [reader, second]: [&Human; 2], session: &SessionId) -> Digest {
        let id = self.propose_reveal(reader, session).await;
        let new = self.reveal_by(second, &self.wanted(reader, session), Some(&id));
        self.sign_reveal(second, &new).await.json::<Receipt>();
        id
    }

    pub async fn read_marks(&self, who: &Human, id: &Digest) -> Answer {
        self.get_person(who, &format!("/v1/reveals/{id}")).await
    }
}
