//! Which headers travel on, in both directions.

use crate::head::RequestHead;

const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
    "http2-settings",
];
/// Set by proxies in front of services, which believe them.
const CLAIMS: [&str; 24] = [
    "authorization",
    "from",
    "remote-user",
    "x-remote-user",
    "x-user",
    "x-user-id",
    "x-username",
    "x-email",
    "x-groups",
    "x-roles",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "client-ip",
    "forwarded",
    "via",
    "x-original-url",
    "x-rewrite-url",
    "x-original-host",
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-organization-override",
];
const CLAIM_PREFIXES: [&str; 15] = [
    "proxy-",
    "x-forwarded-",
    "countersign-",
    "x-countersign-",
    "x-auth-",
    "x-authenticated-",
    "x-remote-",
    "x-webauth-",
    "x-client-cert",
    "x-ssl-",
    "ssl-client-",
    "x-ms-client-",
    "x-goog-",
    "cf-access-",
    "x-amzn-",
];
const NOT_RETURNED: [&str; 5] = ["alt-svc", "refresh", "service-worker-allowed", "clear-site-data", "proxy-connection"];

/// The headers of a request as the service gets them, without `Host`, the assertion and framing, which are ours to set.
#[must_use]
pub fn to_service(head: &RequestHead) -> Vec<(String, String)> {
    let named: Vec<String> = head.tokens("connection").map(str::to_ascii_lowercase).collect();
    head.headers.iter().filter(|(name, _)| travels(name) && !named.contains(name)).cloned().collect()
}

fn travels(name: &str) -> bool {
    !HOP_BY_HOP.contains(&name)
        && !CLAIMS.contains(&name)
        && !CLAIM_PREFIXES.iter().any(|p| name.starts_with(p))
        && !matches!(name, "host" | "accept-encoding" | "sec-websocket-extensions")
}

/// The headers of an answer as the person gets them, without framing.
#[must_use]
pub fn to_person(headers: &http::HeaderMap) -> Vec<(String, Vec<u8>)> {
    let named: Vec<String> = headers
        .get_all(http::header::CONNECTION)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(|t| t.trim().to_ascii_lowercase())
        .collect();
    let stays = |name: &str| {
        HOP_BY_HOP.contains(&name)
            || NOT_RETURNED.contains(&name)
            || name.starts_with("countersign-")
            || named.iter().any(|n| n == name)
    };
    headers
        .iter()
        .filter(|(name, _)| !stays(name.as_str()))
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_claims_identity_or_belongs_to_the_hop_travels() {
        let head = RequestHead::read(
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\n\
              Countersign-Assertion: x\r\nX-Remote-User: root\r\nAuthorization: Basic x\r\nCookie: a=b\r\nAccept: */*\r\nTE: trailers\r\n\
              Accept-Encoding: br\r\nX-HTTP-Method-Override: DELETE\r\nProxy-Authorization: x\r\nX-Client-Cert: x\r\n\r\n",
        )
        .unwrap();
        let names: Vec<String> = to_service(&head).into_iter().map(|(n, _)| n).collect();
        assert_eq!(names, ["cookie", "accept"]);
    }

    #[test]
    fn answers_lose_what_belongs_to_the_hop() {
        let mut headers = http::HeaderMap::new();
        for (name, value) in [
            ("connection", "x-a"),
            ("x-a", "1"),
            ("transfer-encoding", "chunked"),
            ("set-cookie", "a=b"),
            ("set-cookie", "c=d"),
            ("refresh", "0;url=//evil"),
        ] {
            headers.append(name, value.parse().unwrap());
        }
        let names: Vec<String> = to_person(&headers).into_iter().map(|(n, _)| n).collect();
        assert_eq!(names, ["set-cookie", "set-cookie"]);
    }
}
