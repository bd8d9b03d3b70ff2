use super::*;

/// A Session that was really signed, recorded and sealed, in a log of two entries.
pub(super) struct Kept {
    pub(super) engine: Engine,
    pub(super) joined: Arc<Joined>,
    pub(super) world: Arc<World>,
    pub(super) detail: SessionDetail,
    pub(super) id: SessionId,
    pub(super) audit: AuditClient,
    pub(super) stored: Arc<StdMutex<Stored>>,
    _folder: tempfile::TempDir,
}

/// What the audit service hands out.
pub(super) struct Stored {
    pub(super) note: String,
    /// The lines of each segment, by number.
    pub(super) segments: Vec<Vec<u8>>,
    /// What it shows of a Recording that is not sealed.
    pub(super) frames: Vec<Frame>,
    pub(super) asked: Vec<String>,
    /// Of the two entries.
    pub(super) entries: Vec<Receipt>,
    /// Pages of an export, in turn.
    pub(super) exports: Vec<wire::audit::ExportedSessions>,
    /// What it answers watchers with, one after the other.
    pub(super) parts: VecDeque<(u16, serde_json::Value)>,
    /// What it answers to other calls, by path.
    pub(super) others: BTreeMap<String, serde_json::Value>,
    /// What answers before all of these, where it does.
    pub(super) first: Option<Box<First>>,
}

/// From method, path and body.
pub(super) type First = dyn FnMut(&mut Stored, &str, &str, &[u8]) -> Option<(u16, Vec<u8>)> + Send;

pub(super) fn factor(world: &World, person: &Person, about: Option<Digest>) -> String {
    let purpose = if about.is_some() { MfaPurpose::Statement } else { MfaPurpose::SignIn };
    let body =
        Mfa { method: "totp".into(), purpose, statement: about, subject: sha256(&person.pk_token), address: None };
    let (aud, iat, exp) = (world.trust.gateway_id.clone(), NOW - 30, NOW + 3600);
    let payload = statement::Payload { aud, body, exp, iat, jti: "j".repeat(22), seen: String::new() };
    statement::sign(&world.broker, &world.broker.public().thumbprint(), &payload).unwrap()
}

/// Ten frames of one request and one page, in two segments.
pub(super) fn frames() -> Vec<Vec<Frame>> {
    let page =
        |seq| Captured::Page { page: "p1".into(), events: vec![serde_json::json!({ "n": seq, "x": 0.1 + 0.2 })] };
    let frame = |seq: u64| Frame {
        seq,
        at: NOW * 1000 + i64::try_from(seq).unwrap(),
        content: match seq {
            0 | 5 => {
                Captured::Refused { exchange: seq, method: "GET".into(), path: format!("/{seq}"), code: "c".into() }
            }
            _ => page(seq),
        },
    };
    vec![(0..5).map(frame).collect(), (5..10).map(frame).collect()]
}

pub(super) fn lines(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(|frame| serde_json::to_vec(frame).unwrap().into_iter().chain(*b"\n")).collect()
}

/// The manifest of these segments, as the audit service makes it.
pub(super) fn manifest(id: &SessionId, segments: &[Vec<Frame>]) -> Manifest {
    let key = SecretKey::generate().unwrap();
    let seal = |(number, frames): (u64, &Vec<Frame>)| seal_segment(&key, id, number, frames).unwrap().1;
    let entries: Vec<_> = (0..).zip(segments).map(seal).collect();
    let frames = entries.iter().map(|e| e.frames).sum();
    Manifest { session: id.clone(), segments: entries, frames, exchanges: 2, missing_batches: Vec::new() }
}

/// The bundle of the ordinary story, and the digest of the TLS certificate that it names.
fn bundle(world: &World) -> (Bundle, wire::broker::RequestView, Digest) {
    let shown = world.decided(world.shown(&world.mara, ""), &world.tomasz, Verdict::Approve);
    let decision = shown.decisions[0].statement.clone();
    let tls = sha256("a certificate");
    let body = SessionOpen { decisions: vec![sha256(&decision)], request: shown.id.clone(), tls_client: tls.clone() };
    let open = world.mara.sign(body, NOW, "");
    let mfa = vec![factor(world, &world.mara, None), factor(world, &world.tomasz, Some(sha256(&decision)))];
    let bundle = Bundle {
        pk_tokens: shown.pk_tokens.clone(),
        enrols: shown.enrols.clone(),
        request: shown.request.clone(),
        decisions: vec![decision],
        mfa,
        open,
        break_glass: None,
    };
    (bundle, shown, tls)
}

pub(super) fn leaf(kind: EventKind, id: &SessionId, statements: Vec<Digest>, facts: &[(&str, String)]) -> String {
    let event = Event {
        v: 1,
        at: NOW * 1000,
        kind,
        source: Source::Audit,
        organization: Some("kinloch-hotels".parse().unwrap()),
        session: Some(id.clone()),
        statements,
        facts: facts.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
        sealed: BTreeMap::new(),
    };
    serde_json::to_string(&event).unwrap()
}

/// The receipts of the two leaves of a log.
pub(super) fn receipts(signer: &LogSigner, leaves: [String; 2]) -> [Receipt; 2] {
    let hashes = leaves.each_ref().map(|leaf| merkle::leaf_hash(leaf.as_bytes()));
    let checkpoint = signer.sign(2, &merkle::root(&hashes));
    let beside = |place: usize| vec![statement::base64url(hashes[1 - place]).parse().unwrap()];
    let [opened, sealed] = leaves;
    [
        Receipt { index: 0, leaf: opened, inclusion: beside(0), checkpoint: checkpoint.clone() },
        Receipt { index: 1, leaf: sealed, inclusion: beside(1), checkpoint },
    ]
}

pub(super) fn signer() -> LogSigner {
    LogSigner::from_seed("countersign.test/log", &[5; 32]).unwrap()
}

fn detail(world: &World, change: impl FnOnce(&mut Manifest)) -> (SessionDetail, SessionId) {
    let (bundle, shown, tls) = bundle(world);
    let id = SessionId::from(sha256(&bundle.open));
    let facts = [
        ("bundle", sha256(serde_json::to_vec(&bundle).unwrap()).to_string()),
        ("tls-client", tls.to_string()),
        ("provider-keys", world.provider.current().digest().to_string()),
        ("opened-at", NOW.to_string()),
        ("ends-at", (NOW + 1800).to_string()),
    ];
    let opened = leaf(EventKind::SessionOpened, &id, vec![shown.id, sha256(&bundle.open)], &facts);
    let mut manifest = manifest(&id, &frames());
    change(&mut manifest);
    let facts = [("manifest", manifest_digest(&manifest).to_string()), ("reason", "ended-by-requester".to_owned())];
    let sealed = leaf(EventKind::RecordingSealed, &id, Vec::new(), &facts);
    let [opened, sealed] = receipts(&signer(), [opened, sealed]);
    let summary = SessionSummary {
        session: id.clone(),
        organization: shown.organization,
        person: world.mara.id.clone(),
        name: world.mara.name.clone(),
        approvers: vec![world.tomasz.name.clone()],
        scope: domain::Scope::Read,
        reason: shown.reason,
        ticket: shown.ticket,
        opened_at: NOW,
        ends_at: NOW + 1800,
        ended_at: Some(NOW + 30),
        ended_by: Some("ended-by-requester".into()),
        exchanges: 2,
        writes: 0,
        refused: 2,
        activity: String::new(),
        review: None,
        findings: None,
        so_far: None,
        due: false,
        break_glass: None,
        expired_at: None,
    };
    let (reviews, enrols) = (Vec::new(), Vec::new());
    let detail = SessionDetail {
        summary,
        bundle,
        opened,
        extensions: Vec::new(),
        sealed: Some(sealed),
        manifest: Some(manifest),
        expired: None,
        examination: None,
        reviews,
        reviewer_enrols: enrols.clone(),
        reviewer_enrol_tokens: enrols,
    };
    (detail, id)
}

fn answer(stored: &mut Stored, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    stored.asked.push(path.to_owned());
    if let Some(mut first) = stored.first.take() {
        let answered = first(stored, method, path, body);
        stored.first = Some(first);
        if let Some(answer) = answered {
            return answer;
        }
    }
    if let Some(answer) = stored.others.get(path) {
        return (200, serde_json::to_vec(answer).unwrap());
    }
    if let Some(index) = path.strip_prefix("/v1/inclusion?index=").and_then(|p| p.split('&').next()) {
        let Receipt { index, leaf, inclusion: path, .. } = stored.entries[index.parse::<usize>().unwrap()].clone();
        return (
            200,
            serde_json::to_vec(&wire::audit::Inclusion { index, size: stored.entries.len() as u64, path, leaf })
                .unwrap(),
        );
    }
    if path == "/v1/sessions/export" && !stored.exports.is_empty() {
        return (200, serde_json::to_vec(&stored.exports.remove(0)).unwrap());
    }
    if let Some((_, number)) = path.split_once("/segments/") {
        let lines = number.parse::<usize>().ok().and_then(|n| stored.segments.get(n));
        return lines.map_or((404, Vec::new()), |lines| (200, lines.clone()));
    }
    if path.ends_with("/watches") {
        return (200, serde_json::to_vec(&stored.entries[0]).unwrap());
    }
    if path.contains("/watches/") {
        let (status, part) = stored.parts.pop_front().expect("a part");
        return (status, serde_json::to_vec(&part).unwrap());
    }
    if let Some((_, query)) = path.split_once("/frames?stream=") {
        let (stream, from) = query.split_once("&from=").unwrap_or((query, "0"));
        let from: u64 = from.parse().unwrap();
        let of = |f: &&Frame| matches!(f.content, Captured::Page { .. }) == (stream == "dom") && f.seq >= from;
        // Three on a page.
        let mut frames: Vec<Frame> = stored.frames.iter().filter(of).take(4).cloned().collect();
        let next = (frames.len() == 4).then(|| frames.pop().unwrap().seq);
        let page = Frames { frames, live: true, missing_batches: vec![7], next };
        return (200, serde_json::to_vec(&page).unwrap());
    }
    (200, stored.note.clone().into_bytes())
}

pub(super) async fn kept() -> Kept {
    kept_with(|_| ()).await
}

/// With another manifest in the log.
pub(super) async fn kept_with(change: impl FnOnce(&mut Manifest)) -> Kept {
    kept_as(change, None).await
}

/// With another log, of which this is the head.
pub(super) async fn kept_under(note: &str) -> Kept {
    kept_as(|_| (), Some(note.to_owned())).await
}

async fn kept_as(change: impl FnOnce(&mut Manifest), note: Option<String>) -> Kept {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let mut world = World::at(&issuer);
    world.trust.log_key = signer().verifier_key();
    let keys = jwks(&world.idp);
    let discovery = serde_json::json!({ "issuer": issuer, "jwks_uri": format!("{issuer}/jwks") }).to_string();
    let provider = move |_: &str, path: &str, _: &[u8]| {
        (200, if path == "/jwks" { keys.clone() } else { discovery.clone() }.into_bytes())
    };
    tokio::spawn(fake::plain(listener, Arc::new(provider)));
    let (detail, id) = detail(&world, change);
    let note = note.unwrap_or_else(|| detail.opened.checkpoint.clone());
    let entries = vec![detail.opened.clone(), detail.sealed.clone().unwrap()];
    let segments = frames().iter().map(|s| lines(s)).collect();
    let frames = frames().concat();
    let (asked, exports, parts, others) = (Vec::new(), Vec::new(), VecDeque::new(), BTreeMap::new());
    let stored = Stored { note, segments, frames, asked, entries, exports, parts, others, first: None };
    let stored = Arc::new(StdMutex::new(stored));
    let behind = stored.clone();
    let service =
        Fake::start(Arc::new(move |method, path, body| answer(&mut behind.lock().unwrap(), method, path, body))).await;
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::at(NOW + 60));
    let engine = Engine::new(EngineConfig {
        profile: "ines".into(),
        data_dir: folder.path().to_owned(),
        keyring: Some(mock::Store::new().unwrap()),
        clock: clock.clone(),
    })
    .unwrap();
    let file = JoinFile {
        operator: "Kestrel".into(),
        broker: service.address.clone(),
        audit: service.address.clone(),
        gateway: service.address.clone(),
        ca: service.ca_pem,
        trust: world.trust.clone(),
        policy: Policy::compiled_in().text().to_owned(),
        witnesses: Vec::new(),
    };
    engine.join(&serde_json::to_string(&file).unwrap()).await.unwrap();
    let joined = engine.inner.joined().unwrap();
    let credentials = Credentials::new(&world.ines.pk_token, world.ines.device.clone(), clock);
    let audit = AuditClient::new(&joined.log.client, credentials, "a factor".into());
    Kept { engine, joined, world: Arc::new(world), detail, id, audit, stored, _folder: folder }
}

impl Kept {
    pub(super) async fn proof(&self, detail: &SessionDetail) -> crate::view::ProofView {
        self.engine.inner.proof(&self.joined, &self.id, detail).await.unwrap()
    }

    pub(super) async fn replay(&self) -> RecordingView {
        self.replay_of(&self.detail).await
    }

    pub(super) async fn replay_of(&self, detail: &SessionDetail) -> RecordingView {
        let bounds = crate::replay::BOUNDS;
        self.engine.inner.replay(&self.joined, &self.audit, &self.id, detail, bounds).await.unwrap()
    }

    pub(super) fn stored(&self) -> std::sync::MutexGuard<'_, Stored> {
        self.stored.lock().unwrap()
    }

    /// Somebody of the world, signed in.
    pub(super) fn signed_in(&self, who: &Person) -> SignedIn {
        let directory = Directory::new([&who.pk_token], &self.world.trust, &self.world.provider).unwrap();
        let identity = directory.identity(&sha256(&who.pk_token), NOW).unwrap();
        let clock = Arc::new(FixedClock::at(NOW + 60));
        let credentials = Credentials::new(&who.pk_token, who.device.clone(), clock);
        let file = &self.joined.file;
        let broker = client::BrokerClient::new(&file.broker, &file.ca, credentials.clone()).unwrap();
        SignedIn { identity, credentials, broker, factor: None }
    }
}
