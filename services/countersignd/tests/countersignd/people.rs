use std::sync::Arc;

use client::{BrokerClient, Credentials, GatewayClient};
use domain::{Clock as _, Digest, Organization, PersonId, ReasonCategory, Scope, SystemClock};
use rcgen::{CertificateParams, KeyPair};
use statement::{
    Bundle, CicHeader, Decision, DeviceKey, Enrol, Kind, Payload, PkToken, Request, SessionOpen, Terms, Trust, Verdict,
    base64url, nonce_for, sha256, sign,
};
use totp_rs::{Builder, Secret, Totp};

use super::issuer::Issuer;
use super::rig::Installation;

/// Somebody with a Device, signed in.
pub struct Person {
    pub key: Arc<DeviceKey>,
    pub token: String,
    id: &'static str,
    trust: Trust,
    phone: Option<Totp>,
}

/// The four who take part, and the installation that the first of them administers.
pub struct Company {
    pub installation: Installation,
    pub ben: Person,
    pub mara: Person,
    pub tomasz: Person,
}

fn fresh() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    base64url(bytes)
}

impl Company {
    pub fn new() -> Self {
        Self::of_issuer(Issuer::start())
    }

    pub fn of_issuer(issuer: Issuer) -> Self {
        let keys: Vec<_> = (0..4).map(|_| Arc::new(DeviceKey::generate().unwrap().0)).collect();
        let administrators = [0, 1].map(|n: usize| keys[n].public().thumbprint());
        let installation = Installation::of_issuer(issuer, administrators);
        let person = |n: usize, id, role| Person::sign_in(&installation, keys[n].clone(), id, role);
        let (ben, mara) = (person(0, "e-ben", "administrator"), person(2, "e-mara", "engineer"));
        let tomasz = person(3, "e-tomasz", "approver");
        Self { installation, ben, mara, tomasz }
    }

    /// Second factors are confirmed and two people enrolled, at the broker as it runs.
    pub async fn enrol_everybody(&mut self) {
        let installation = &self.installation;
        self.ben.broker(installation).me().await.expect("signed in");
        // Each code is good once; the broker believes those of the steps beside its own.
        self.ben.confirm(installation).await;
        for (ahead, person) in [(0, &self.mara), (1, &self.tomasz)] {
            person.broker(installation).me().await.expect("signed in");
            let body = Enrol { device: person.key.public().thumbprint(), person: PersonId(person.id.into()) };
            let statement = self.ben.state(body, 600);
            let broker = self.ben.broker(installation);
            let taken = broker.code(&self.ben.code(ahead), Some(&sha256(&statement))).await.expect("a code");
            broker.enrol(&statement, Some(taken.attestation)).await.expect("enrolled");
        }
        self.mara.confirm(installation).await;
        self.tomasz.confirm(installation).await;
    }

    /// An approved request, and what its bundle is made of.
    pub async fn approved(&self) -> Bundle {
        self.approved_with_code(1).await
    }

    /// Two of them, as many as the approver has codes for at once.
    pub async fn two_approved(&self) -> [Bundle; 2] {
        [self.approved_with_code(0).await, self.approved_with_code(1).await]
    }

    /// Another one, once the approver's next code is there.
    pub async fn approved_again(&self) -> Bundle {
        let step = SystemClock.now() / 30;
        while SystemClock.now() / 30 == step {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        self.approved_with_code(1).await
    }

    async fn approved_with_code(&self, ahead: i64) -> Bundle {
        self.countersigned_with_code(self.mara.ask(), 1800, ahead).await
    }

    /// The same of this request, for so many seconds in all.
    pub async fn countersigned(&self, request: String, seconds: i64) -> Bundle {
        self.countersigned_with_code(request, seconds, 1).await
    }

    async fn countersigned_with_code(&self, request: String, seconds: i64, ahead: i64) -> Bundle {
        let broker = self.mara.broker(&self.installation);
        broker.send_request(&request).await.expect("asked");
        let decision = Decision {
            comment: String::new(),
            policy: self.mara.trust.policy.clone(),
            request: sha256(&request),
            terms: Terms { duration_seconds: seconds, scope: Scope::Read },
            verdict: Verdict::Approve,
        };
        let decision = self.tomasz.state(decision, 600);
        let approver = self.tomasz.broker(&self.installation);
        let code = self.tomasz.code(ahead);
        let mfa = approver.code(&code, Some(&sha256(&decision))).await.expect("a right code").attestation;
        approver.decide(&sha256(&request), &decision, Some(mfa)).await.expect("approved");
        let materials = broker.materials(&sha256(&request)).await.expect("approved");
        Bundle {
            pk_tokens: materials.pk_tokens,
            enrols: materials.enrols,
            mfa: materials.mfa,
            request: materials.request,
            decisions: materials.decisions,
            open: String::new(),
            break_glass: None,
        }
    }

    /// The bundle's exact bytes for a fresh connection, and that connection.
    pub fn opening(&self, bundle: &Bundle) -> (Vec<u8>, GatewayClient) {
        let (bytes, client, _) = self.opening_with_browser(bundle);
        (bytes, client)
    }

    /// The same, and what asks for pages with that connection's key.
    pub fn opening_with_browser(&self, bundle: &Bundle) -> (Vec<u8>, GatewayClient, Browser) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["session".into()]).unwrap().self_signed(&key).unwrap();
        let open = SessionOpen {
            decisions: bundle.decisions.iter().map(sha256).collect(),
            request: sha256(&bundle.request),
            tls_client: sha256(certificate.der()),
        };
        let bundle = Bundle { open: self.mara.state(open, 60), ..bundle.clone() };
        let ca = self.installation.text("gateway/ca.pem");
        let gateway = self.installation.address_for_desktops("gateway");
        let client = GatewayClient::new(&gateway, &ca, &certificate.pem(), &key.serialize_pem()).unwrap();
        let identity = format!("{}\n{}", certificate.pem(), key.serialize_pem());
        (serde_json::to_vec(&bundle).unwrap(), client, Browser::new(&gateway, &ca, &identity))
    }
}

/// Asks for pages of the Organization through the gateway.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    gateway: String,
    ca: String,
    identity: String,
}

impl Browser {
    fn new(gateway: &str, ca: &str, identity: &str) -> Self {
        let client = reqwest::Client::builder()
            .tls_certs_only(reqwest::Certificate::from_pem_bundle(ca.as_bytes()).unwrap())
            .identity(reqwest::Identity::from_pem(identity.as_bytes()).unwrap())
            .no_proxy()
            .timeout(std::time::Duration::from_secs(20))
            .build();
        Self { client: client.unwrap(), gateway: gateway.to_owned(), ca: ca.to_owned(), identity: identity.to_owned() }
    }

    /// The same without the connections that it has.
    pub fn anew(&self) -> Self {
        Self::new(&self.gateway, &self.ca, &self.identity)
    }

    /// Asks for a page.
    pub fn get(&self, name: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}/o/kinloch-hotels/{name}", self.gateway)).header("host", "payroll.test")
    }

    /// The status, once the whole answer came.
    pub async fn page(&self, name: &str) -> Result<u16, reqwest::Error> {
        let answer = self.get(name).header("sec-fetch-dest", "empty").send().await?;
        let status = answer.status().as_u16();
        answer.bytes().await.map(|_| status)
    }
}

impl Person {
    fn sign_in(installation: &Installation, key: Arc<DeviceKey>, id: &'static str, role: &str) -> Self {
        let (trust, now) = (installation.trust(), SystemClock.now());
        let cic = CicHeader::encoded(&key.public(), [7; 32]);
        let header = base64url(r#"{"alg":"ES256","kid":"p1","typ":"JWT"}"#);
        let claims = serde_json::json!({
            "iss": trust.issuer, "aud": trust.client_id, "sub": id, "nonce": nonce_for(&cic), "iat": now, "exp": now + 600,
            "name": id, "employee_id": id, "roles": [role],
        });
        let input = format!("{header}.{}", base64url(claims.to_string()));
        let signature = installation.issuer.key.sign(input.as_bytes()).unwrap();
        let token = PkToken::make(&format!("{input}.{}", base64url(signature)), &cic, &key).unwrap();
        Self { key, token, id, trust, phone: None }
    }

    pub fn broker(&self, installation: &Installation) -> BrokerClient {
        let credentials = Credentials::new(&self.token, self.key.clone(), Arc::new(SystemClock));
        BrokerClient::new(
            &installation.address_for_desktops("broker"),
            &installation.text("broker/ca.pem"),
            credentials,
        )
        .unwrap()
    }

    pub fn state<B: Kind>(&self, body: B, life: i64) -> String {
        let now = SystemClock.now();
        let aud = self.trust.gateway_id.clone();
        let payload = Payload { aud, body, exp: now + life, iat: now, jti: fresh(), seen: String::new() };
        sign(&self.key, &sha256(&self.token), &payload).unwrap()
    }

    /// A request for half an hour of reading.
    pub fn ask(&self) -> String {
        let request = Request {
            duration_seconds: 1800,
            break_glass: None,
            extends: None,
            justification: "The night audit shows the wrong balance.".into(),
            organization: Organization { id: "kinloch-hotels".parse().unwrap(), name: "Kinloch Hotels".into() },
            policy: self.trust.policy.clone(),
            reason: ReasonCategory::CustomerReportedProblem,
            scope: Scope::Read,
            ticket: "SUP-4711".into(),
        };
        self.state(request, 3600)
    }

    async fn confirm(&mut self, installation: &Installation) {
        let broker = self.broker(installation);
        let secret = broker.begin_second_factor().await.expect("begun").secret;
        let secret = Secret::try_from_base32(&secret).unwrap();
        self.phone = Some(Builder::new().with_secret(secret).with_step_duration(30).build_noncompliant());
        // A code of the last step is not believed for long.
        while SystemClock.now() % 30 > 26 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        broker.confirm_second_factor(&self.code(-1)).await.expect("confirmed");
    }

    /// The code of another step; one step before and one ahead are still believed.
    fn code(&self, ahead: i64) -> String {
        let at = u64::try_from(SystemClock.now() + 30 * ahead).unwrap();
        self.phone.as_ref().unwrap().generate(at).to_string()
    }
}

/// The digest that names a request.
pub fn id_of(request: &str) -> Digest {
    sha256(request)
}
