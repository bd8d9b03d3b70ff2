use http::header::{
    CONNECTION, EXPECT, HOST, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{HeaderMap, HeaderValue};

/// Only for the one hop, whether or not `Connection` says so. hyper frames each message anew.
const ONE_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
];

/// Takes out what belongs to the hop behind; an upgrade that is asked for (or agreed to) is asked for again.
pub(super) fn for_next_hop(headers: &mut HeaderMap) {
    let named = named_in_connection(headers);
    let upgrade = wants_upgrade(&named).then(|| headers.get(UPGRADE).cloned()).flatten();
    for name in named.iter().chain(&ONE_HOP) {
        // `Connection` may not take out what says where a message goes or how long it is.
        if !matches!(name.as_str(), "host" | "content-length") {
            headers.remove(name);
        }
    }
    headers.remove(UPGRADE);
    headers.remove(EXPECT);
    if let Some(protocol) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol);
    }
}

/// Whether `Host` stands exactly once and is `host`, with or without its port.
pub(super) fn is_for(headers: &HeaderMap, host: &str) -> bool {
    let mut values = headers.get_all(HOST).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Ok(value) = value.to_str() else { return false };
    value.strip_suffix(":443").unwrap_or(value).eq_ignore_ascii_case(host)
}

fn named_in_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(',')).filter_map(|name| name.trim().parse().ok()).collect()
}

fn wants_upgrade(named: &[HeaderName]) -> bool {
    named.contains(&UPGRADE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_hops_own_headers_stay_behind() {
        let mut given = headers(&[
            ("host", "payroll.test"),
            ("proxy-authorization", "Basic c2Vzc2lvbjpz"),
            ("proxy-connection", "keep-alive"),
            ("connection", "keep-alive, x-secret-hop, host, content-length"),
            ("content-length", "3"),
            ("x-secret-hop", "1"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("cookie", "__Host-a=1"),
        ]);
        for_next_hop(&mut given);
        assert_eq!(given, headers(&[("host", "payroll.test"), ("content-length", "3"), ("cookie", "__Host-a=1")]));
    }

    #[test]
    fn an_upgrade_is_asked_for_again() {
        let mut given = headers(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")]);
        for_next_hop(&mut given);
        assert_eq!(given, headers(&[("connection", "upgrade"), ("upgrade", "websocket")]));
    }

    #[test]
    fn one_host_and_the_right_one() {
        assert!(is_for(&headers(&[("host", "payroll.test")]), "payroll.test"));
        assert!(is_for(&headers(&[("host", "Payroll.test:443")]), "payroll.test"));
        assert!(!is_for(&headers(&[("host", "payroll.test:444")]), "payroll.test"));
        assert!(!is_for(&headers(&[("host", "payroll.test"), ("host", "payroll.test")]), "payroll.test"));
        assert!(!is_for(&headers(&[("host", "payroll.test.evil.test")]), "payroll.test"));
        assert!(!is_for(&headers(&[]), "payroll.test"));
    }
}
