use domain::Organization;
use serve::Service;
use statement::{Forget, Forgetting, sha256};

use super::{Answer, Human, NOW, World};

/// What two administrators sign, unless a test changes it.
pub fn away(organization: &str) -> Forget {
    Forget {
        justification: "The customer left, and asked for it in writing.".into(),
        organization: Organization { id: organization.parse().expect("id"), name: "Kinloch Hotels".into() },
    }
}

impl World {
    pub fn forgetting(&self, body: &Forget, who: [&Human; 2]) -> Forgetting {
        self.forgetting_at(body, who, NOW - 40)
    }

    pub fn forgetting_at(&self, body: &Forget, who: [&Human; 2], at: i64) -> Forgetting {
        let statements: Vec<String> = who.iter().map(|w| w.state(body.clone(), at, 3600, "")).collect();
        let mfa = who.iter().zip(&statements).map(|(h, s)| self.attest_at(h, Some(sha256(s)), at)).collect();
        let mut pk_tokens: Vec<String> = who.iter().map(|h| h.token.clone()).collect();
        pk_tokens.dedup();
        Forgetting { statements, mfa, enrols: vec![self.enrolment(&self.ben, who[1]).0], pk_tokens }
    }

    pub async fn forget(&self, forgetting: &Forgetting) -> Answer {
        self.post_as(Service::Broker, "/v1/forgettings", forgetting).await
    }
}
