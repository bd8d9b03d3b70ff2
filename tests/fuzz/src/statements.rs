//! Statements, PK tokens and proofs of possession. An input that begins with `{` is a header and a payload, which are signed
//! here; any other is a compact form as a stranger sends it.

use statement::{
    Adopt, BreakGlass, CicHeader, Decision, Enrol, Forget, Kind, Lease, Mfa, PkToken, Request, ResetFactor, Reveal,
    Review, Revoke, SessionOpen, Unverified, Withdraw, WitnessKey, base64url, base64url_decode, check_id_token,
    nonce_for, sha256, verify_dpop,
};

use crate::keys::{NOW, keys, signed, two_lines};

pub fn statement(bytes: &[u8]) {
    assert!(kinds(bytes) <= 1, "one statement of two kinds");
}

/// As how many kinds of statement it is read.
#[must_use]
pub fn kinds(bytes: &[u8]) -> usize {
    let compact = match (bytes.first(), two_lines(bytes)) {
        (Some(b'{'), Some((header, payload))) => signed(&keys().device, header, payload),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let read_as = [
        as_kind::<Request>(&compact),
        as_kind::<Decision>(&compact),
        as_kind::<SessionOpen>(&compact),
        as_kind::<Withdraw>(&compact),
        as_kind::<BreakGlass>(&compact),
        as_kind::<Forget>(&compact),
        as_kind::<Reveal>(&compact),
        as_kind::<Enrol>(&compact),
        as_kind::<Review>(&compact),
        as_kind::<Mfa>(&compact),
        as_kind::<Lease>(&compact),
        as_kind::<WitnessKey>(&compact),
        as_kind::<Adopt>(&compact),
        as_kind::<Revoke>(&compact),
        as_kind::<ResetFactor>(&compact),
    ];
    read_as.iter().filter(|read| **read).count()
}

fn as_kind<B: Kind>(compact: &str) -> bool {
    let Ok(read) = Unverified::<B>::read(compact) else { return false };
    is_one_spelling(compact, 3);
    if let Ok(signed) = read.verify(&keys().device.public()) {
        assert_eq!(signed.compact(), compact);
        assert_eq!(*signed.digest(), sha256(compact));
        let again = serde_json::to_vec(signed.payload()).expect("writes");
        let twice: statement::Payload<B> = serde_json::from_slice(&again).expect("reads what it wrote");
        assert_eq!(serde_json::to_vec(&twice).expect("writes"), again, "read and written twice, it differs");
        let _ = signed.check_envelope("gateway", NOW);
    }
    true
}

/// Parts that decode and are encoded again give the same bytes: no second compact form means the same.
fn is_one_spelling(compact: &str, parts: usize) {
    let spelled: Vec<&str> = compact.split('.').collect();
    assert_eq!(spelled.len(), parts);
    for part in &spelled[..2] {
        assert_eq!(base64url(base64url_decode(part).expect("it was read")), *part);
    }
}

pub fn pk_token(bytes: &[u8]) {
    let Some((header, claims)) = two_lines(bytes).filter(|_| bytes.first() == Some(&b'{')) else {
        let text = String::from_utf8_lossy(bytes);
        let _ = check_id_token(&text, NOW);
        if let Ok(token) = PkToken::read(&text) {
            let verified = token.verify(&keys().trust, &keys().provider, NOW);
            assert!(verified.is_err(), "what nobody signed verifies");
        }
        return;
    };
    // The claims may name the nonce of this process's key, which no input can know.
    let cic = CicHeader::encoded(&keys().device.public(), [7; 32]);
    let claims = String::from_utf8_lossy(claims).replace("$nonce", &nonce_for(&cic));
    let id_token = signed(&keys().issuer, header, claims.as_bytes());
    let form = check_id_token(&id_token, NOW);
    let compact = PkToken::make(&id_token, &cic, &keys().device).expect("signs");
    let Ok(token) = PkToken::read(&compact) else { return };
    assert_eq!((token.compact(), token.digest()), (compact.as_str(), &sha256(&compact)));
    if let Ok(identity) = token.verify(&keys().trust, &keys().provider, NOW) {
        is_one_spelling(&compact, 5);
        assert_eq!(form, Ok(()), "two readers of one ID token differ");
        assert_eq!(identity.device, keys().device.public().thumbprint());
        let person = &identity.person.0;
        assert!(!person.is_empty() && person.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()));
        // Beside a reader that knows nothing of the product: the same issuer and client, however they are spelled.
        let other: serde_json::Value = serde_json::from_str(&claims).expect("JSON");
        assert_eq!(other["iss"], "https://id.test", "another issuer");
        assert!(other["aud"] == "desktop" || other["aud"] == serde_json::json!(["desktop"]), "another client");
    }
}

pub fn dpop(bytes: &[u8]) {
    let (url, device, token) = ("https://gateway.test/v1/me", keys().device.public(), sha256("token"));
    let proof = match (bytes.first(), two_lines(bytes)) {
        (Some(b'{'), Some((header, claims))) => {
            let jwk = serde_json::to_string(&device).expect("a JWK");
            let header = String::from_utf8_lossy(header).replace("\"$jwk\"", &jwk);
            let claims = String::from_utf8_lossy(claims).replace("$ath", token.as_str());
            signed(&keys().device, header.as_bytes(), claims.as_bytes())
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    if let Ok(claims) = verify_dpop(&proof, "GET", url, &token, &device, NOW) {
        is_one_spelling(&proof, 3);
        assert_eq!((claims.htm.as_str(), claims.htu.as_str(), &claims.ath), ("GET", url, &token));
        assert!(claims.iat.abs_diff(NOW) <= 30 && (16..=64).contains(&claims.jti.len()));
        let other = verify_dpop(&proof, "POST", url, &token, &device, NOW);
        assert!(other.is_err(), "one proof for two calls");
    }
}
