use super::*;

/// What the services answer, and what they were sent.
pub(in crate::engine) struct Services {
    pub(in crate::engine) shown: Vec<Shown>,
    pub(super) posts: Vec<String>,
    /// Which statement the broker attests a code for, instead of the one that was asked.
    pub(super) attests: Option<domain::Digest>,
    pub(super) clock_off_ms: i64,
    pub(super) note: String,
    /// What the desktop told of its own refusals.
    pub(super) told: Vec<LocalRefusal>,
    /// Devices that wait for an administrator.
    pub(super) pending: Vec<PendingEnrolment>,
    pub(super) enrolled: Vec<NewEnrolment>,
    pub(super) resets: Vec<NewReset>,
    /// The broker takes no codes now.
    pub(super) no_codes: bool,
    /// Revocations that were brought, to the broker and to the gateway.
    pub(super) revoked: Vec<String>,
    pub(super) factor: Option<FactorView>,
    /// The broker takes no refusals now.
    pub(super) deaf: bool,
    /// The chain of enrolments that the broker hands to whoever is signed in, with its tokens.
    pub(super) enrols: (Vec<String>, Vec<String>),
    /// What other lists than the inbox show.
    pub(super) decided: Vec<Shown>,
    /// Nothing comes of the broker's stream.
    pub(super) quiet: bool,
    /// The log proves nothing between its Checkpoints now.
    pub(super) no_proofs: bool,
    /// What was cosigned here and handed in, and what is said of witnesses then.
    pub(super) cosigned: Vec<wire::audit::NewCosignature>,
    pub(super) witnesses: wire::audit::Witnesses,
    /// So many answers to a request that is sent are lost; it is there all the same.
    pub(super) loses: u32,
    /// What the broker says of the policies.
    pub(super) policies: serde_json::Value,
    /// The broker says that this Device was revoked.
    pub(super) out: bool,
    /// What it answers to other calls, by path.
    pub(super) others: std::collections::BTreeMap<&'static str, serde_json::Value>,
}

/// Tomasz's desktop, signed in, with services that a test can make lie.
pub(in crate::engine) struct Desk {
    pub(in crate::engine) world: Arc<World>,
    pub(super) services: Arc<StdMutex<Services>>,
    pub(in crate::engine) engine: Engine,
    pub(super) clock: Arc<FixedClock>,
    pub(super) folder: tempfile::TempDir,
    pub(super) store: Arc<CredentialStore>,
    pub(in crate::engine) file: JoinFile,
    /// The issuer answers nothing now.
    pub(super) issuer_away: Arc<std::sync::atomic::AtomicBool>,
}

/// The log of those tests in which it holds something.
const LEAVES: [&[u8]; 2] = [b"first", b"second"];

/// Its Checkpoint after so many entries.
pub(super) fn note(size: usize) -> String {
    let leaves = LEAVES.map(merkle::leaf_hash);
    signer().sign(size as u64, &merkle::root(&leaves[..size]))
}

pub(super) fn signer() -> LogSigner {
    LogSigner::from_seed("countersign.test/log", &[5; 32]).unwrap()
}

pub(in crate::engine) fn attestation(
    world: &World,
    subject: &domain::Digest,
    about: Option<domain::Digest>,
    at: i64,
) -> String {
    let purpose = if about.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
    let body = Mfa { method: "totp".into(), purpose, statement: about, subject: subject.clone(), address: None };
    let aud = world.trust.gateway_id.clone();
    let payload = Payload { aud, body, exp: at + 8 * 3600, iat: at, jti: "j".repeat(22), seen: String::new() };
    statement::sign(&world.broker, &world.broker.public().thumbprint(), &payload).unwrap()
}

pub(super) fn answer(
    world: &World,
    kid: &domain::Digest,
    services: &mut Services,
    method: &str,
    path: &str,
    body: &[u8],
) -> (u16, Vec<u8>) {
    if path == "/v1/refusals" {
        if services.deaf {
            return (503, Vec::new());
        }
        services.told.push(serde_json::from_slice(body).unwrap());
        return (204, Vec::new());
    }
    if path == "/v1/cosignatures" {
        services.cosigned.push(serde_json::from_slice(body).unwrap());
        return (200, json!(services.witnesses).to_string().into_bytes());
    }
    if services.out && ["/v1/me", "/v1/stream"].contains(&path) {
        let problem = wire::problem::Problem::new(403, "revoked", "This computer's key was revoked.", "Tell somebody.");
        return (403, json!(problem).to_string().into_bytes());
    }
    if method == "POST" {
        services.posts.push(path.to_owned());
    }
    let json = |value: serde_json::Value| (200, value.to_string().into_bytes());
    match (method, path) {
        ("GET", "/v1/time") => json(json!(Time { now: NOW * 1000 + services.clock_off_ms })),
        ("GET", "/checkpoint") => (200, services.note.clone().into_bytes()),
        ("GET", p) if p.starts_with("/v1/consistency?") && services.no_proofs => {
            let title = "The log answers nothing now.";
            let problem = wire::problem::Problem::new(503, "audit-unreachable", title, "Try again.");
            (503, json!(problem).to_string().into_bytes())
        }
        ("GET", p) if p.starts_with("/v1/consistency?") => {
            let path = merkle::consistency_path(1, &LEAVES.map(merkle::leaf_hash));
            let path = path.iter().map(|h| statement::base64url(h).parse().unwrap()).collect();
            json(json!(wire::audit::Consistency { from: 1, to: 2, path }))
        }
        ("GET", "/v1/me") => json(json!(Me {
            person: world.tomasz.id.clone(),
            name: world.tomasz.name.clone(),
            roles: Vec::new(),
            device: world.tomasz.thumbprint(),
            enrolled: true,
            second_factor: true,
            factor: services.factor.clone(),
            now: NOW,
            enrols: services.enrols.0.clone(),
            enrol_tokens: services.enrols.1.clone(),
        })),
        ("GET", "/v1/policies") => json(services.policies.clone()),
        ("GET", "/v1/organizations") => json(json!([World::request_body().organization])),
        ("GET", "/v1/requests?view=decided") => json(json!(services.decided)),
        ("GET", p) if p.starts_with("/v1/requests?") => json(json!(services.shown)),
        ("GET", p) if p.starts_with("/v1/requests/") => json(json!(services.shown[0])),
        ("GET", "/v1/stream") if services.quiet => (fake::NEVER, Vec::new()),
        ("GET", "/v1/stream") => {
            let push = json!({ "kind": "request", "id": services.shown[0].id, "state": "waiting" });
            (200, format!(": hello\n\ndata: {{\"kind\":\"hello\"}}\n\ndata: {push}\n\n").into_bytes())
        }
        ("POST", "/v1/codes") if services.no_codes => {
            let problem = wire::problem::Problem::new(503, "audit-unreachable", "No code is taken now.", "Try again.");
            (503, json!(problem).to_string().into_bytes())
        }
        ("POST", "/v1/codes") => {
            let code: Code = serde_json::from_slice(body).unwrap();
            let about = services.attests.clone().or(code.statement);
            json(json!(Attestation { attestation: attestation(world, kid, about, NOW) }))
        }
        ("GET", "/v1/enrolments") => json(json!(services.pending)),
        ("POST", "/v1/enrolments") => {
            services.enrolled.push(serde_json::from_slice(body).unwrap());
            services.pending.clear();
            (204, Vec::new())
        }
        ("POST", "/v1/revocations") => {
            services.revoked.push(String::from_utf8(body.to_vec()).unwrap());
            let is_gateways = serde_json::from_slice::<wire::gateway::Revocation>(body).is_ok();
            if is_gateways { json(json!({"ended": []})) } else { (204, Vec::new()) }
        }
        ("POST", "/v1/factor-resets") => {
            services.resets.push(serde_json::from_slice(body).unwrap());
            (204, Vec::new())
        }
        ("POST", "/v1/requests") if services.loses > 0 => {
            services.loses -= 1;
            services.shown = vec![world.shown_as_sent(&world.tomasz, body)];
            (502, Vec::new())
        }
        ("POST", "/v1/requests") if services.shown[0].id == world.shown_as_sent(&world.tomasz, body).id => {
            let problem = wire::problem::Problem::new(409, "sent-already", "This request was sent before.", "Look.");
            (409, json!(problem).to_string().into_bytes())
        }
        ("POST", _) => json(json!(services.shown[0])),
        ("GET", path) if services.others.contains_key(path) => json(services.others[path].clone()),
        _ => (404, Vec::new()),
    }
}

/// An engine of this profile: the first, or another process of it.
fn engine(folder: &tempfile::TempDir, store: &Arc<CredentialStore>, clock: &Arc<FixedClock>) -> Engine {
    Engine::new(EngineConfig {
        profile: "tomasz".into(),
        data_dir: folder.path().to_owned(),
        keyring: Some(store.clone()),
        clock: clock.clone(),
    })
    .unwrap()
}

impl Desk {
    pub(in crate::engine) async fn new() -> Self {
        Self::with_roles(&["approver", "engineer", "administrator"]).await
    }

    pub(in crate::engine) async fn with_roles(roles: &[&str]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let mut world = World::at(&issuer);
        world.trust.log_key = signer().verifier_key();
        let clock = Arc::new(FixedClock::at(NOW));
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<CredentialStore> = mock::Store::new().unwrap();
        let engine = engine(&folder, &store, &clock);
        let device = engine.inner.unlocked().await.unwrap().device.clone();
        world.tomasz = Person::with_key(&world.idp, &issuer, "e-tomasz", "Tomasz Wieczorek", roles, device);
        let world = Arc::new(world);
        let keys = jwks(&world.idp);
        let discovery = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
        .to_string();
        let issuer_away = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let away = issuer_away.clone();
        let provider = move |_: &str, path: &str, _: &[u8]| {
            if away.load(std::sync::atomic::Ordering::SeqCst) {
                return (503, Vec::new());
            }
            (200, if path == "/jwks" { keys.clone() } else { discovery.clone() }.into_bytes())
        };
        tokio::spawn(fake::plain(listener, Arc::new(provider)));

        let note = signer().sign(0, &merkle::root(&[]));
        let shown = vec![world.shown(&world.mara, "")];
        let services = Arc::new(StdMutex::new(Services {
            shown,
            posts: Vec::new(),
            attests: None,
            clock_off_ms: 0,
            note,
            told: Vec::new(),
            pending: Vec::new(),
            enrolled: Vec::new(),
            resets: Vec::new(),
            no_codes: false,
            revoked: Vec::new(),
            factor: None,
            deaf: false,
            enrols: (Vec::new(), Vec::new()),
            decided: Vec::new(),
            quiet: false,
            no_proofs: false,
            cosigned: Vec::new(),
            witnesses: wire::audit::Witnesses::default(),
            loses: 0,
            policies: json!({"adopted": [], "proposed": []}),
            out: false,
            others: std::collections::BTreeMap::new(),
        }));
        let (behind, of, kid) = (services.clone(), world.clone(), sha256(&world.tomasz.pk_token));
        let fake = Fake::start(Arc::new(move |method, path, body| {
            answer(&of, &kid, &mut behind.lock().unwrap(), method, path, body)
        }))
        .await;
        let file = JoinFile {
            operator: "Kestrel".into(),
            broker: fake.address.clone(),
            audit: fake.address.clone(),
            gateway: fake.address.clone(),
            ca: fake.ca_pem,
            trust: world.trust.clone(),
            policy: Policy::compiled_in().text().to_owned(),
            witnesses: Vec::new(),
        };
        let desk = Self { world, services, engine, clock, folder, store, file, issuer_away };
        desk.engine.join(&serde_json::to_string(&desk.file).unwrap()).await.unwrap();
        desk.sign_in(Some(NOW - 10)).await;
        desk
    }

    /// As after a sign-in in the browser; with a code at that time.
    pub(in crate::engine) async fn sign_in(&self, code_at: Option<i64>) {
        let inner = &self.engine.inner;
        let pk_token = self.world.tomasz.pk_token.clone();
        let mfa = code_at.map(|at| attestation(&self.world, &sha256(&pk_token), None, at));
        let keys = inner.unlocked().await.unwrap();
        inner.profile.keep_sign_in(&keys.sealer, &KeptSignIn { pk_token, mfa }).unwrap();
        inner.live().person = None;
    }

    /// The same profile in another process.
    pub(super) fn again(&self) -> Engine {
        engine(&self.folder, &self.store, &self.clock)
    }

    /// What the broker was told of refusals here, once everything is told.
    pub(super) async fn told(&self) -> Vec<LocalRefusal> {
        self.engine.settle().await;
        self.services().told.clone()
    }

    pub(in crate::engine) fn services(&self) -> std::sync::MutexGuard<'_, Services> {
        self.services.lock().unwrap()
    }

    pub(super) fn id(&self) -> String {
        self.services().shown[0].id.to_string()
    }

    pub(in crate::engine) fn posts(&self) -> Vec<String> {
        self.services().posts.clone()
    }
}
