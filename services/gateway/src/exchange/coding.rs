//! Content codings of answers. The gateway asks for none; what comes in gzip all the same is unpacked, within bounds,
//! since what is recorded has to be what was seen. Every other coding is refused.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;

use crate::refused::Refused;

/// An unpacked body is no longer, in bytes.
const MOST: u64 = 32 * 1024 * 1024;
/// Nor longer than so many times what came.
const RATIO: u64 = 200;

/// How an answer's body is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    None,
    Gzip,
}

/// The coding that the headers name.
///
/// # Errors
/// [`Refused`] for one that cannot be recorded, and for codings over each other.
pub(crate) fn of(headers: &HeaderMap) -> Result<Coding, Refused> {
    let mut named = headers.get_all("content-encoding").iter().map(|v| v.as_bytes().to_ascii_lowercase());
    match (named.next().as_deref(), named.next()) {
        (None | Some(b"identity" | b""), None) => Ok(Coding::None),
        (Some(b"gzip" | b"x-gzip"), None) => Ok(Coding::Gzip),
        _ => Err(refused("content-coding", "The service sent a page in a form that cannot be recorded.")),
    }
}

/// The unpacked body; the headers then say what it is.
///
/// # Errors
/// [`Refused`] when it is broken or would unpack to too much.
pub(crate) fn plain(headers: &mut Vec<(String, Vec<u8>)>, zipped: &[u8]) -> Result<Bytes, Refused> {
    let most = MOST.min((zipped.len() as u64).saturating_mul(RATIO).max(64 * 1024));
    let mut out = Vec::new();
    let read = MultiGzDecoder::new(zipped).take(most + 1).read_to_end(&mut out);
    if read.is_err() {
        return Err(refused("content-coding", "The service sent a page that cannot be unpacked."));
    }
    if out.len() as u64 > most {
        return Err(too_large());
    }
    headers.retain(|(n, _)| {
        !matches!(n.as_str(), "content-encoding" | "etag" | "content-md5" | "digest" | "repr-digest" | "content-digest")
    });
    Ok(out.into())
}

/// A body that would unpack to too much.
pub(crate) fn too_large() -> Refused {
    refused("unpacks-to-too-much", "The service sent a page that unpacks to more than is carried.")
}

fn refused(code: &'static str, title: &str) -> Refused {
    Refused::new(502, code, title, "Tell its operators: it must heed Accept-Encoding: identity.")
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn g_27_bombs_and_broken_bodies() {
        let mut headers = vec![("content-encoding".to_owned(), b"gzip".to_vec()), ("a".to_owned(), b"b".to_vec())];
        assert_eq!(plain(&mut headers, &zip(b"hello")).unwrap(), "hello");
        assert_eq!(headers.len(), 1);
        let bomb = zip(&vec![0; 20_000_000]);
        assert!(bomb.len() < 40_000);
        assert_eq!(plain(&mut headers, &bomb).unwrap_err().code, "unpacks-to-too-much");
        assert_eq!(plain(&mut headers, b"not gzip").unwrap_err().code, "content-coding");
        assert_eq!(plain(&mut headers, &zip(b"hello")[..10]).unwrap_err().code, "content-coding");
    }

    #[test]
    fn a_page_that_came_packed_is_the_page_that_is_looked_at() {
        for page in crate::sieve::tests::pages().step_by(11) {
            assert_eq!(plain(&mut Vec::new(), &zip(&page)).unwrap(), page);
        }
    }

    #[test]
    fn only_plain_and_gzip_are_carried() {
        let named = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("content-encoding", value.parse().unwrap());
            }
            of(&headers).map_err(|r| r.code)
        };
        assert_eq!(named(&[]), Ok(Coding::None));
        assert_eq!(named(&["identity"]), Ok(Coding::None));
        assert_eq!(named(&["GZIP"]), Ok(Coding::Gzip));
        for bad in [&["br"][..], &["zstd"], &["deflate"], &["gzip, gzip"], &["gzip", "gzip"], &["identity", "gzip"]] {
            assert_eq!(named(bad), Err("content-coding"), "{bad:?}");
        }
    }
}
