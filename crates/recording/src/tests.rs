use domain::SessionId;

use super::*;

fn session(letter: char) -> SessionId {
    format!("{}A", letter.to_string().repeat(42)).parse().expect("a session id")
}

fn frames(from: u64, count: u64) -> Vec<Frame> {
    (from..from + count)
        .map(|seq| Frame {
            seq,
            at: 1_800_000_000_000 + i64::try_from(seq).expect("small"),
            content: Captured::Response {
                exchange: seq,
                status: 200,
                headers: vec![("content-type".into(), "text/html".into())],
            },
        })
        .collect()
}

fn ingest() -> (IngestSecret, IngestPublic) {
    let secret = IngestSecret::generate().expect("randomness");
    let public = secret.public().expect("a key");
    (secret, public)
}

#[test]
fn a_batch_comes_back_whole() {
    let (secret, public) = ingest();
    let sealed = seal_batch(&public, &session('a'), 3, &frames(10, 4)).expect("seals");
    assert_eq!(open_batch(&secret, &session('a'), 3, &sealed), Ok(frames(10, 4)));
    assert_eq!(
        open_batch(&secret, &session('a'), 3, &seal_batch(&public, &session('a'), 3, &[]).expect("seals")),
        Ok(vec![])
    );
}

#[test]
fn a_batch_opens_for_its_own_session_number_and_key_only() {
    let (secret, public) = ingest();
    let (other_secret, _) = ingest();
    let sealed = seal_batch(&public, &session('a'), 3, &frames(0, 2)).expect("seals");
    assert_eq!(open_batch(&secret, &session('b'), 3, &sealed), Err(SealError::Tampered));
    assert_eq!(open_batch(&secret, &session('a'), 4, &sealed), Err(SealError::Tampered));
    assert_eq!(open_batch(&other_secret, &session('a'), 3, &sealed), Err(SealError::Tampered));
    for place in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[place] ^= 1;
        assert!(open_batch(&secret, &session('a'), 3, &altered).is_err(), "byte {place}");
    }
    for cut in 0..sealed.len() {
        assert!(open_batch(&secret, &session('a'), 3, &sealed[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn ingest_keys_have_one_text_form() {
    let (secret, public) = ingest();
    assert_eq!(public.to_string().parse(), Ok(public.clone()));
    let again: IngestSecret = secret.encoded().parse().expect("its own text");
    assert_eq!(again.public(), Ok(public.clone()));
    for bad in ["", "AAAA", &format!("{public}="), &format!(" {public}")] {
        assert_eq!(bad.parse::<IngestPublic>(), Err(IngestKeyError), "{bad:?}");
        assert!(bad.parse::<IngestSecret>().is_err(), "{bad:?}");
    }
}

#[test]
fn a_batch_that_unpacks_to_too_much_or_skips_a_frame_is_refused() {
    let mut gap = frames(0, 1);
    gap.extend(frames(2, 1));
    let (secret, public) = ingest();
    let sealed = seal_batch(&public, &session('a'), 0, &gap).expect("seals");
    assert_eq!(open_batch(&secret, &session('a'), 0, &sealed), Err(SealError::NotFrames));
    let bomb = lines::compress(&vec![b' '; 4096]).expect("compresses");
    assert_eq!(lines::decompress(&bomb, 4095), Err(SealError::TooLong));
    assert_eq!(lines::decompress(&bomb, 4096).map(|b| b.len()), Ok(4096));
}

struct Sealed {
    key: SecretKey,
    parts: Vec<(Vec<u8>, SegmentEntry)>,
}

fn three_segments(session: &SessionId) -> Sealed {
    let key = SecretKey::generate().expect("randomness");
    let parts = (0..3).map(|n| seal_segment(&key, session, n, &frames(n * 5, 5)).expect("seals")).collect();
    Sealed { key, parts }
}

#[test]
fn segments_come_back_whole() {
    let session = session('s');
    let Sealed { key, parts } = three_segments(&session);
    for (n, (bytes, entry)) in (0..).zip(&parts) {
        assert_eq!(open_segment(&key, &session, entry, bytes), Ok(frames(n * 5, 5)));
    }
    assert_eq!(seal_segment(&key, &session, 0, &[]).map(|_| ()), Err(SealError::NotFrames));
}

#[test]
fn r_01_swapped_segments_are_refused() {
    let session = session('s');
    let Sealed { key, parts } = three_segments(&session);
    assert_eq!(open_segment(&key, &session, &parts[0].1, &parts[1].0), Err(SealError::Tampered));
    let mut relabelled = parts[1].1.clone();
    relabelled.number = 0;
    assert_eq!(open_segment(&key, &session, &relabelled, &parts[1].0), Err(SealError::Tampered));
}

#[test]
fn r_02_r_03_r_04_dropping_or_doubling_a_segment_changes_the_manifest() {
    let session = session('s');
    let Sealed { parts, .. } = three_segments(&session);
    let manifest = |segments: Vec<SegmentEntry>| Manifest {
        session: session.clone(),
        segments,
        frames: 15,
        exchanges: 15,
        missing_batches: vec![],
    };
    let all: Vec<SegmentEntry> = parts.iter().map(|(_, e)| e.clone()).collect();
    let whole = manifest(all.clone()).digest();
    for altered in [&all[..2], &[all[0].clone(), all[2].clone()], &[all.clone(), vec![all[2].clone()]].concat()] {
        assert_ne!(manifest(altered.to_vec()).digest(), whole);
    }
}

#[test]
fn r_05_a_segment_of_another_session_under_the_same_key_is_refused() {
    let (here, there) = (session('s'), session('t'));
    let key = SecretKey::generate().expect("randomness");
    let (bytes, entry) = seal_segment(&key, &there, 0, &frames(0, 5)).expect("seals");
    assert_eq!(open_segment(&key, &here, &entry, &bytes), Err(SealError::Tampered));
    assert!(open_segment(&key, &there, &entry, &bytes).is_ok());
}

#[test]
fn r_06_an_older_valid_segment_of_the_same_place_is_refused() {
    let session = session('s');
    let key = SecretKey::generate().expect("randomness");
    let (older, _) = seal_segment(&key, &session, 0, &frames(0, 4)).expect("seals");
    let (_, entry) = seal_segment(&key, &session, 0, &frames(0, 5)).expect("seals");
    assert_eq!(open_segment(&key, &session, &entry, &older), Err(SealError::Tampered));
}

#[test]
fn any_flipped_bit_of_a_segment_is_refused() {
    let session = session('s');
    let Sealed { key, parts } = three_segments(&session);
    let (bytes, entry) = &parts[0];
    for place in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 0x10;
        assert!(open_segment(&key, &session, entry, &altered).is_err(), "byte {place}");
    }
}

#[test]
fn a_wrapped_key_opens_in_its_own_place_only() {
    let (outer, inner) = (SecretKey::generate().expect("randomness"), SecretKey::generate().expect("randomness"));
    let wrapped = outer.wrap(b"organization/a", &inner).expect("wraps");
    assert!(outer.unwrap(b"organization/a", &wrapped).is_ok_and(|k| k.bytes() == inner.bytes()));
    assert!(outer.unwrap(b"organization/b", &wrapped).is_err());
    assert!(inner.unwrap(b"organization/a", &wrapped).is_err());
}

/// Whatever is wrong with sealed bytes, nothing of what a cipher left in its buffer comes out: not the chunks that were
/// still good, not the end of a batch.
#[test]
fn r_16_nothing_is_read_of_what_does_not_open() {
    let (key, (secret, public)) = (SecretKey::generate().expect("randomness"), ingest());
    let plain: Vec<u8> = (0..40_000_u32).flat_map(u32::to_be_bytes).collect();
    let sealed = cobblestone::seal(&key, b"place", &plain).expect("seals");
    for place in (0..sealed.len()).step_by(4099).chain([sealed.len() - 1]) {
        let mut altered = sealed.clone();
        altered[place] ^= 0x80;
        assert_eq!(cobblestone::open(&key, b"place", &altered), Err(SealError::Tampered), "byte {place}");
    }
    let wrapped = key.wrap(b"place", &SecretKey::generate().expect("randomness")).expect("wraps");
    for place in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[place] ^= 1;
        assert!(key.unwrap(b"place", &altered).is_err(), "byte {place}");
    }
    let batch = seal_batch(&public, &session('a'), 0, &frames(0, 200)).expect("seals");
    let mut altered = batch.clone();
    *altered.last_mut().expect("not empty") ^= 1;
    assert_eq!(open_batch(&secret, &session('a'), 0, &altered), Err(SealError::Tampered));
    let (sealed, entry) = seal_segment(&key, &session('a'), 0, &frames(0, 200)).expect("seals");
    let mut altered = sealed.clone();
    *altered.last_mut().expect("not empty") ^= 1;
    // Even where the entry was made to fit the altered bytes, the cipher does not.
    let fitting = SegmentEntry { sealed: crate::segment::sha256(&altered), ..entry };
    assert_eq!(open_segment(&key, &session('a'), &fitting, &altered), Err(SealError::Tampered));
}

fn original(mark: &str, value: &str) -> Original {
    Original { mark: mark.into(), rule: "e-mail".into(), value: value.into() }
}

#[test]
fn originals_come_beside_the_frames_and_never_as_frames() {
    let (secret, public) = ingest();
    let originals = vec![original("0011223344556677", "zora@kinloch.example"), original("1122334455667788", "a\nb")];
    let sealed = seal_whole_batch(&public, &session('a'), 3, &frames(10, 4), &originals).expect("seals");
    let batch = open_whole_batch(&secret, &session('a'), 3, &sealed).expect("opens");
    let plain_bytes = batch.plain_bytes;
    assert_eq!(batch, Batch { frames: frames(10, 4), originals, plain_bytes });
    let lines: usize = frames(10, 4).iter().map(|f| serde_json::to_vec(f).expect("JSON").len() + 1).sum();
    assert!(plain_bytes > lines as u64 + 40, "frames and what stands beside them: {plain_bytes}");
    assert_eq!(open_batch(&secret, &session('a'), 3, &sealed), Ok(frames(10, 4)));
    let without = seal_batch(&public, &session('a'), 3, &frames(10, 4)).expect("seals");
    assert!(open_whole_batch(&secret, &session('a'), 3, &without).expect("opens").originals.is_empty());
}

#[test]
fn r_05_originals_open_in_their_own_place_alone() {
    let key = SecretKey::from_bytes(&[1; 32]).expect("32 bytes");
    let originals = vec![original("0011223344556677", "zora@kinloch.example")];
    let sealed = seal_originals(&key, &session('a'), 3, &originals).expect("seals");
    assert_eq!(open_originals(&key, &session('a'), 3, &sealed), Ok(originals));
    let other = SecretKey::from_bytes(&[2; 32]).expect("32 bytes");
    assert_eq!(open_originals(&other, &session('a'), 3, &sealed), Err(SealError::Tampered));
    assert_eq!(open_originals(&key, &session('b'), 3, &sealed), Err(SealError::Tampered));
    assert_eq!(open_originals(&key, &session('a'), 4, &sealed), Err(SealError::Tampered));
    let (segment, entry) = seal_segment(&key, &session('a'), 3, &frames(0, 2)).expect("seals");
    assert_eq!(open_originals(&key, &session('a'), 3, &segment), Err(SealError::Tampered));
    let posing = SegmentEntry { bytes: sealed.len() as u64, sealed: segment::sha256(&sealed), ..entry };
    assert_eq!(open_segment(&key, &session('a'), &posing, &sealed), Err(SealError::Tampered));
}
