//! Recordings: sealing and opening beside the cipher alone on the same bytes, and a whole segment from frames to what is kept.

use anyhow::Context as _;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use domain::{Digest, SessionId};
use recording::{Captured, Frame, SecretKey, cobblestone, open_segment, seal_segment};
use statement::sha256;

use crate::measure::{Case, RUNS, time};

const SMALL: usize = 64 * 1024;
const LARGE: usize = 16 * 1024 * 1024;
const KIB: usize = 1024;
const UNIT: &str = "KiB a second";
const ALONE: &str = "AES-256-GCM alone";
/// Answers of 4 KiB, as many as a segment holds of them.
const FRAMES: u64 = 2_000;
const SEGMENTS: usize = 40;

pub fn cases() -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, length, times) in [("64k", SMALL, 16_384), ("16m", LARGE, 64)] {
        cases.extend(of_bytes(name, length, times)?);
    }
    cases.extend(of_segment()?);
    Ok(cases)
}

/// `repeats` makes a run long enough for a clock that counts in ticks of 4 ms.
fn of_bytes(name: &str, length: usize, repeats: usize) -> anyhow::Result<[Case; 2]> {
    let (key, alone, plain) = (SecretKey::generate()?, alone()?, page(length));
    let (sealed, closed) = (cobblestone::seal(&key, b"bench", &plain)?, seal(&alone, &plain));
    anyhow::ensure!(cobblestone::open(&key, b"bench", &sealed)? == plain && open(&alone, &closed) == plain, "others");
    let (mut sealing, mut opening) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let ours = again(repeats, || drop(std::hint::black_box(cobblestone::seal(&key, b"bench", &plain))));
        sealing.push((ours, again(repeats, || drop(std::hint::black_box(seal(&alone, &plain))))));
        let ours = again(repeats, || drop(std::hint::black_box(cobblestone::open(&key, b"bench", &sealed))));
        opening.push((ours, again(repeats, || drop(std::hint::black_box(open(&alone, &closed))))));
    }
    let work = length / KIB * repeats;
    Ok([
        Case::rates(&format!("seal/{name}"), ALONE, UNIT, work, &sealing),
        Case::rates(&format!("open/{name}"), ALONE, UNIT, work, &opening),
    ])
}

/// JSON, compression, digests and the cipher, beside the cipher on the frames' contents.
fn of_segment() -> anyhow::Result<[Case; 2]> {
    let (key, alone, session) = (SecretKey::generate()?, alone()?, SessionId::from(sha256("a session")));
    let content: Vec<Vec<u8>> = (0..FRAMES).map(|_| page(4 * KIB)).collect();
    let frames: Vec<Frame> = (0..).zip(&content).map(|(seq, bytes)| frame(seq, bytes)).collect();
    let plain = content.concat();
    let (sealed, entry) = seal_segment(&key, &session, 0, &frames)?;
    anyhow::ensure!(open_segment(&key, &session, &entry, &sealed)? == frames, "others");
    let closed = seal(&alone, &plain);
    let (mut sealing, mut opening) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let ours = again(SEGMENTS, || drop(std::hint::black_box(seal_segment(&key, &session, 0, &frames))));
        sealing.push((ours, again(SEGMENTS, || drop(std::hint::black_box(seal(&alone, &plain))))));
        let ours = again(SEGMENTS, || drop(std::hint::black_box(open_segment(&key, &session, &entry, &sealed))));
        opening.push((ours, again(SEGMENTS, || drop(std::hint::black_box(open(&alone, &closed))))));
    }
    let work = plain.len() / KIB * SEGMENTS;
    Ok([
        Case::rates("segment/seal", ALONE, UNIT, work, &sealing),
        Case::rates("segment/open", ALONE, UNIT, work, &opening),
    ])
}

fn again(repeats: usize, work: impl Fn()) -> std::time::Duration {
    time(|| (0..repeats).for_each(|_| work()))
}

fn alone() -> anyhow::Result<LessSafeKey> {
    let key = UnboundKey::new(&AES_256_GCM, &[7; 32]).ok().context("a key")?;
    Ok(LessSafeKey::new(key))
}

/// Both sides leave what they were given as it was.
fn seal(key: &LessSafeKey, plain: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
    bytes.extend_from_slice(plain);
    let sealed = key.seal_in_place_append_tag(nonce(), Aad::empty(), &mut bytes);
    assert!(sealed.is_ok(), "the cipher takes it");
    bytes
}

fn open(key: &LessSafeKey, sealed: &[u8]) -> Vec<u8> {
    let mut bytes = sealed.to_vec();
    let length = key.open_in_place(nonce(), Aad::empty(), &mut bytes).map_or(0, |plain| plain.len());
    bytes.truncate(length);
    bytes
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// What an application answers: text that compresses as pages do, and some that does not.
fn page(length: usize) -> Vec<u8> {
    let mut text = String::new();
    let mut n = 0_u64;
    while text.len() < length {
        let mark: Digest = sha256(n.to_be_bytes());
        text.push_str(&format!("<tr><td>{n}</td><td>Person {n}</td><td>{mark}</td></tr>"));
        n += 1;
    }
    text.truncate(length);
    text.into_bytes()
}

fn frame(seq: u64, bytes: &[u8]) -> Frame {
    let content = Captured::parts(seq, 0, bytes).next().expect("a part");
    Frame { seq, at: 1_790_000_000_000, content }
}
