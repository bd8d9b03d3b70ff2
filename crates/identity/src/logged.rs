use std::sync::Arc;

use statement::{ProviderKeys, SeenKeys, sha256};
use wire::event::{Event, EventKind, Source};

use crate::IdentityError;

/// Reads the issuer's key sets as the audit service saw them one after another. Each comes with its Event, which the
/// caller has proven to stand in the pinned log, at its index.
///
/// # Errors
/// [`IdentityError::Unusable`]: an Event that is not the audit service's about exactly these bytes, or one that was
/// left out between two others.
pub fn logged_keys<'a>(
    logged: impl IntoIterator<Item = (u64, Event, &'a str)>,
) -> Result<Vec<SeenKeys>, IdentityError> {
    let mut seen: Vec<SeenKeys> = Vec::new();
    let mut last: Option<u64> = None;
    for (index, event, jwks) in logged {
        let fact = |name: &str| event.facts.get(name).map(String::as_str);
        let digest = sha256(jwks);
        if event.kind != EventKind::ProviderKeysSeen || event.source != Source::Audit {
            return Err(IdentityError::Unusable("an entry of the log is not about the issuer's keys"));
        }
        if fact("provider-keys") != Some(digest.as_str()) {
            return Err(IdentityError::Unusable("an entry of the log is about other keys"));
        }
        let previous = seen.last().map(|s| s.keys.digest().as_str());
        if last.is_some_and(|last| index <= last) || fact("previous") != previous {
            return Err(IdentityError::Unusable("an entry about the issuer's keys was left out"));
        }
        let keys = ProviderKeys::from_jwks(jwks.as_bytes())
            .map_err(|_| IdentityError::Unusable("a logged key set is not one"))?;
        last = Some(index);
        seen.push(SeenKeys { keys: Arc::new(keys), at: event.at.div_euclid(1000) });
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use statement::{DeviceKey, KnownKeys};
    use wire::event::Append;

    use super::*;

    fn jwks(kid: &str) -> String {
        let key = DeviceKey::generate().unwrap().0;
        serde_json::json!({ "keys": [crate::fake::jwk(kid, &key)] }).to_string()
    }

    fn event(jwks: &str, previous: Option<&str>, at: i64) -> Event {
        let mut facts = Append::new(EventKind::ProviderKeysSeen).fact("provider-keys", sha256(jwks).as_str()).facts;
        if let Some(previous) = previous {
            facts.insert("previous".into(), sha256(previous).to_string());
        }
        Event {
            v: 1,
            at,
            kind: EventKind::ProviderKeysSeen,
            source: Source::Audit,
            organization: None,
            session: None,
            statements: Vec::new(),
            facts,
            sealed: std::collections::BTreeMap::default(),
        }
    }

    #[test]
    fn sets_in_the_order_in_which_they_were_seen() {
        let (a, b) = (jwks("a"), jwks("b"));
        let logged = [(3, event(&a, None, 10_500), a.as_str()), (9, event(&b, Some(&a), 20_999), b.as_str())];
        let seen = logged_keys(logged).unwrap();
        assert_eq!(seen.iter().map(|s| s.at).collect::<Vec<_>>(), [10, 20]);
        let known = KnownKeys::from_seen(seen[1].keys.clone(), &seen, 100);
        assert_eq!(known.past().iter().map(|p| p.until).collect::<Vec<_>>(), [20]);
        assert!(logged_keys([]).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_entry_about_these_keys_is_refused() {
        let (a, b, c) = (jwks("a"), jwks("b"), jwks("c"));
        let good = event(&a, None, 1);
        let other_kind = Event { kind: EventKind::SignedIn, ..good.clone() };
        let of_the_gateway = Event { source: Source::Gateway, ..good.clone() };
        for (event, jwks) in [(other_kind, &a), (of_the_gateway, &a), (good.clone(), &b)] {
            assert!(logged_keys([(1, event, jwks.as_str())]).is_err());
        }
        let left_out = [(1, good.clone(), a.as_str()), (5, event(&c, Some(&b), 3), c.as_str())];
        assert!(logged_keys(left_out).is_err(), "b between them");
        assert!(logged_keys([(5, event(&b, Some(&a), 3), b.as_str())]).is_err(), "a before it");
        let unordered = [(5, good, a.as_str()), (5, event(&b, Some(&a), 3), b.as_str())];
        assert!(logged_keys(unordered).is_err());
        let text = "no key set";
        assert!(logged_keys([(1, event(text, None, 1), text)]).is_err());
    }
}
