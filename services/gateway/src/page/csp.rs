//! Content-Security-Policy with room for one script of ours, and for nothing else.

/// What a policy has to allow.
#[derive(Debug, Clone, Copy)]
pub struct Allow<'a> {
    /// Fresh for each answer.
    pub nonce: &'a str,
    /// The script's exact address.
    pub script: &'a str,
}

/// The header's value, which may hold several policies, with the recorder allowed in each.
#[must_use]
pub fn allowing(value: &str, allow: &Allow<'_>) -> String {
    value.split(',').map(|policy| one(policy, allow)).collect::<Vec<_>>().join(",")
}

fn one(policy: &str, allow: &Allow<'_>) -> String {
    let mut directives: Vec<(String, Vec<String>)> = Vec::new();
    for directive in policy.split(';') {
        let mut words = directive.split_ascii_whitespace().map(str::to_owned);
        let Some(name) = words.next() else { continue };
        let name = name.to_ascii_lowercase();
        // Of a directive that is written twice only the first counts.
        if !directives.iter().any(|(n, _)| *n == name) {
            directives.push((name, words.collect()));
        }
    }
    widen(&mut directives, &["script-src-elem", "script-src", "default-src"], |sources| {
        // A nonce would switch 'unsafe-inline' off and with it the page's own scripts; the exact address does not.
        let inline = sources.iter().any(|s| s == "'unsafe-inline'");
        let strict =
            sources.iter().any(|s| s == "'strict-dynamic'" || s.starts_with("'nonce-") || s.starts_with("'sha"));
        if inline && !strict { allow.script.to_owned() } else { format!("'nonce-{}'", allow.nonce) }
    });
    widen(&mut directives, &["connect-src", "default-src"], |_| "'self'".to_owned());
    let text: Vec<String> =
        directives.into_iter().map(|(n, v)| if v.is_empty() { n } else { format!("{n} {}", v.join(" ")) }).collect();
    text.join("; ")
}

/// Adds a source to the first of these directives that is there; `default-src` is copied, never widened itself.
fn widen(directives: &mut Vec<(String, Vec<String>)>, names: &[&str], source: impl Fn(&[String]) -> String) {
    let Some(at) = names.iter().find_map(|n| directives.iter().position(|(d, _)| d == n)) else { return };
    let mut sources = directives[at].1.clone();
    let added = source(&sources);
    sources.retain(|s| s != "'none'");
    if !sources.contains(&added) {
        sources.push(added);
    }
    if directives[at].0 == "default-src" {
        let name = if names[0] == "script-src-elem" { "script-src" } else { names[0] };
        directives.push((name.to_owned(), sources));
    } else {
        directives[at].1 = sources;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorder_is_allowed_and_nothing_else() {
        let allow = Allow { nonce: "N", script: "https://p.test/r.js" };
        let cases = [
            ("default-src 'self'", "default-src 'self'; script-src 'self' 'nonce-N'; connect-src 'self'"),
            ("default-src 'none'", "default-src 'none'; script-src 'nonce-N'; connect-src 'self'"),
            ("script-src 'none'; connect-src https://a", "script-src 'nonce-N'; connect-src https://a 'self'"),
            (
                "script-src 'self'; script-src-elem 'sha256-x'",
                "script-src 'self'; script-src-elem 'sha256-x' 'nonce-N'",
            ),
            ("script-src 'self' 'unsafe-inline'", "script-src 'self' 'unsafe-inline' https://p.test/r.js"),
            ("Script-Src a; script-src b", "script-src a 'nonce-N'"),
            (
                "img-src *, default-src 'self'",
                "img-src *,default-src 'self'; script-src 'self' 'nonce-N'; connect-src 'self'",
            ),
            ("upgrade-insecure-requests", "upgrade-insecure-requests"),
        ];
        for (given, wanted) in cases {
            assert_eq!(allowing(given, &allow), wanted);
        }
    }
}
