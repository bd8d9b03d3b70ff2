//! The examples of RFC 9449: a thumbprint after RFC 7638 of a P-256 key (the only kind of which the product takes
//! thumbprints; the example in RFC 7638 itself is of RSA), and a proof of possession.

use serde_json::json;

use crate::{EcJwk, Refusal, b64, verify_dpop};

fn key() -> EcJwk {
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    });
    serde_json::from_value(jwk).expect("a JWK")
}

const HEADER: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkR\
                      ZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQS\
                      IsImNydiI6IlAtMjU2In19";
const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const URL: &str = "https://resource.example.org/protectedresource";

#[test]
fn the_thumbprint_of_section_6_1() {
    assert_eq!(key().thumbprint().as_str(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

#[test]
fn the_proof_of_section_7_1() {
    let payload = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90\
                   ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtz\
                   bVFFbyJ9";
    let signature = "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let proof = format!("{HEADER}.{payload}.{signature}");
    let at = |now| verify_dpop(&proof, "GET", URL, &b64::sha256(TOKEN), &key(), now).map(|claims| claims.jti);
    assert_eq!(at(1_562_262_618), Ok("e1j3V_bKic8-LAEB".to_owned()));
    assert_eq!(at(1_562_262_618 + 31), Err(Refusal::Expired));
}

/// The proof of section 4.1 is for a token endpoint and names no access token.
#[test]
fn the_proof_of_section_4_1_is_no_proof_here() {
    let payload = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuI\
                   iwiaWF0IjoxNTYyMjYyNjE2fQ";
    let signature = "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let input = format!("{HEADER}.{payload}");
    let bytes = b64::decode(signature).expect("base64url");
    assert_eq!(key().verify(input.as_bytes(), &bytes), Ok(()));
    let proof = format!("{input}.{signature}");
    let url = "https://server.example.com/token";
    let said = verify_dpop(&proof, "POST", url, &b64::sha256(TOKEN), &key(), 1_562_262_616).map(drop);
    assert_eq!(said, Err(Refusal::Malformed("proof")));
}
