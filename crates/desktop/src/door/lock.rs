use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::PROXY_AUTHORIZATION;
use zeroize::Zeroizing;

use super::DoorError;

/// The user name in the proxy's address.
pub(super) const USER: &str = "session";

/// The secret of one door. It has no `Debug` on purpose.
pub(super) struct Lock {
    secret: Zeroizing<String>,
    /// What a caller has to send after `Basic `.
    expected: Zeroizing<String>,
}

impl Lock {
    /// A lock with 32 random bytes.
    pub(super) fn fresh() -> Result<Self, DoorError> {
        let mut random = Zeroizing::new([0_u8; 32]);
        aws_lc_rs::rand::fill(random.as_mut_slice()).map_err(|_| DoorError::Randomness)?;
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        let expected = Zeroizing::new(STANDARD.encode(format!("{USER}:{}", secret.as_str())));
        Ok(Self { secret, expected })
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Whether these headers hold the secret, exactly once; compared in constant time.
    pub(super) fn opens_for(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(PROXY_AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return false };
        let Some((scheme, credentials)) = value.to_str().ok().and_then(|v| v.split_once(' ')) else { return false };
        scheme.eq_ignore_ascii_case("basic")
            && verify_slices_are_equal(credentials.trim().as_bytes(), self.expected.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(lock: &Lock, values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(PROXY_AUTHORIZATION, value.parse().expect("a value"));
        }
        lock.opens_for(&headers)
    }

    #[test]
    fn only_this_secret_opens() {
        let (lock, other) = (Lock::fresh().expect("randomness"), Lock::fresh().expect("randomness"));
        let good = format!("Basic {}", lock.expected.as_str());
        assert!(opens(&lock, &[&good]));
        assert!(opens(&lock, &[&good.replace("Basic", "basic")]));
        assert!(!opens(&other, &[&good]));
        assert!(!opens(&lock, &[]));
        assert!(!opens(&lock, &[&good, &good]));
        assert!(!opens(&lock, &[&good.replace("Basic", "Bearer")]));
        assert!(!opens(&lock, &[&good[..good.len() - 1]]));
        assert!(!opens(&lock, &["Basic", "Basic "]));
        assert_eq!(lock.secret().len(), 43);
    }
}
