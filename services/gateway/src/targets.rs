//! `targets.toml`: which services there are, where an Organization's id stands in their requests, and what each Scope
//! may do there.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use domain::{OrgId, Scope};
use serde::Deserialize;

use crate::Error;

/// The file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    pub targets: Vec<Target>,
}

/// One service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub name: String,
    /// The `aud` of assertions for it.
    pub audience: String,
    /// Ids, or `*`.
    pub organizations: Vec<String>,
    /// Host names that its pages are reached under.
    pub hosts: Vec<String>,
    /// `https://address:port`.
    pub upstream: url::Url,
    /// The name that its certificate must hold.
    pub upstream_name: String,
    /// The only CA that its certificate is checked against, PEM.
    pub upstream_ca: PathBuf,
    /// Address blocks that the upstream may resolve to.
    pub allowed_addresses: Vec<Block>,
    /// Where a session window begins; `{organization}` stands for the id.
    pub start: String,
    /// For example `/o/{organization}/`.
    pub organization_path: String,
    #[serde(default)]
    pub organization_headers: Vec<String>,
    #[serde(default)]
    pub organization_query: Vec<String>,
    #[serde(default)]
    pub organization_json: Vec<String>,
    /// Path prefixes without an Organization, for GET and HEAD.
    #[serde(default)]
    pub shared_paths: Vec<String>,
    /// The first that matches decides; when none does, the request is refused.
    pub rules: Vec<Rule>,
}

/// What a Scope may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Methods, `*` for all, `SOCKET` for messages that a person sends over a WebSocket. GET stands for HEAD too.
    pub methods: Vec<String>,
    /// A prefix of the path, or with `*` (within a segment) or `**` (across them) a pattern of all of it. It begins with
    /// the Organization's path, or else counts from there.
    pub path: String,
    /// The narrowest Scope that may.
    pub scope: Scope,
}

/// A block of addresses, `address/bits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Block {
    address: IpAddr,
    bits: u8,
}

impl Targets {
    /// Reads and checks the file; the paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`Error::Config`] saying what is wrong in it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::Config(format!("{}: {e}", path.display())))?;
        let mut targets: Self = toml::from_str(&text).map_err(|e| Error::Config(format!("{}: {e}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for target in &mut targets.targets {
            target.upstream_ca = folder.join(&target.upstream_ca);
            target.check()?;
        }
        let mut hosts: Vec<&str> = targets.targets.iter().flat_map(|t| t.hosts.iter().map(String::as_str)).collect();
        let count = hosts.len();
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.len() != count {
            return Err(Error::Config("a host name stands in two targets".into()));
        }
        Ok(targets)
    }

    /// The services that serve this Organization.
    pub fn of<'a>(&'a self, organization: &'a OrgId) -> impl Iterator<Item = &'a Target> {
        self.targets.iter().filter(move |t| t.serves(organization))
    }
}

impl Target {
    /// Whether this service has the Organization.
    #[must_use]
    pub fn serves(&self, organization: &OrgId) -> bool {
        self.organizations.iter().any(|o| o == "*" || o == organization.as_str())
    }

    /// Where the session window begins.
    #[must_use]
    pub fn start_for(&self, organization: &OrgId) -> String {
        self.start.replace("{organization}", organization.as_str())
    }

    /// What stands before and after the id in [`Self::organization_path`].
    #[must_use]
    pub fn path_around_id(&self) -> (&str, &str) {
        self.organization_path.split_once("{organization}").unwrap_or((&self.organization_path, ""))
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |what: &str| Err(Error::Config(format!("target {}: {what}", self.name)));
        if self.upstream.scheme() != "https" || self.upstream.host_str().is_none() {
            return wrong("upstream is not an https address");
        }
        if !matches!(self.upstream.path(), "" | "/") || self.upstream.query().is_some() {
            return wrong("upstream has a path");
        }
        if self.allowed_addresses.is_empty() {
            return wrong("no allowed_addresses");
        }
        let (before, after) = self.path_around_id();
        if !self.organization_path.contains("{organization}") || !before.ends_with('/') || !after.starts_with('/') {
            return wrong("organization_path does not hold {organization} as a segment of its own");
        }
        if self.shared_paths.iter().any(|p| !p.starts_with('/') || p.len() < 2 || before.starts_with(p.as_str())) {
            return wrong("a shared path is not below the root, or holds the Organizations");
        }
        Ok(())
    }
}

impl Rule {
    /// Whether this rule speaks about the request. `path` is canonical, `base` the Organization's path with its id.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str, base: &str, organization: &OrgId) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        if !self.methods.iter().any(|m| m == method || (m == "*" && method != "SOCKET")) {
            return false;
        }
        let pattern = self.path.replace("{organization}", organization.as_str());
        if self.path.contains("{organization}") {
            return path_matches(&pattern, path);
        }
        let Some(rest) = path.strip_prefix(base.trim_end_matches('/')) else { return false };
        path_matches(&pattern, rest)
    }
}

/// A pattern without `*` is a prefix that ends at a segment's end.
fn path_matches(pattern: &str, path: &str) -> bool {
    if pattern.contains('*') {
        return glob(pattern.as_bytes(), path.as_bytes());
    }
    path.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || pattern.ends_with('/') || rest.starts_with('/'))
}

fn glob(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=path.len()).any(|n| glob(rest, &path[n..])),
        [b'*', rest @ ..] => {
            let segment = path.iter().position(|b| *b == b'/').unwrap_or(path.len());
            (0..=segment).any(|n| glob(rest, &path[n..]))
        }
        [first, rest @ ..] => path.first() == Some(first) && glob(rest, &path[1..]),
    }
}

impl Block {
    /// Whether the address lies in the block.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(block), IpAddr::V4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                u32::from(block) & mask == u32::from(ip) & mask
            }
            (IpAddr::V6(block), IpAddr::V6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                u128::from(block) & mask == u128::from(ip) & mask
            }
            _ => false,
        }
    }
}

impl TryFrom<String> for Block {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text} is not a block of addresses");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits: u8 = bits.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(methods: &[&str], pattern: &str, method: &str, path: &str) -> bool {
        let rule = Rule {
            methods: methods.iter().map(|m| (*m).to_owned()).collect(),
            path: pattern.into(),
            scope: Scope::Read,
        };
        rule.matches(method, path, "/o/kinloch-hotels/", &"kinloch-hotels".parse().unwrap())
    }

    #[test]
    fn rules_match_by_method_and_path() {
        let path = "/o/kinloch-hotels/employees/7";
        assert!(matches(&["GET"], "/o/{organization}/employees", "GET", path));
        assert!(matches(&["GET"], "/o/{organization}/", "HEAD", path));
        assert!(matches(&["*"], "/o/{organization}/**", "POST", path));
        assert!(matches(&["GET"], "/employees/*", "GET", path));
        assert!(matches(&["GET"], "/", "GET", path));
        assert!(!matches(&["GET"], "/o/{organization}/employ", "GET", path));
        assert!(!matches(&["GET"], "/o/{organization}/*", "GET", path));
        assert!(!matches(&["GET"], "/o/delmar-foods/", "GET", path));
        assert!(!matches(&["GET"], "/", "POST", path));
        assert!(!matches(&["*"], "/", "SOCKET", path));
        assert!(matches(&["SOCKET"], "/", "SOCKET", path));
    }

    #[test]
    fn g_32_blocks_hold_what_they_say() {
        let block = |t: &str| Block::try_from(t.to_owned());
        let ip = |t: &str| t.parse::<IpAddr>().unwrap();
        assert!(block("127.0.0.1/32").unwrap().holds(ip("127.0.0.1")));
        assert!(block("127.0.0.1/32").unwrap().holds(ip("::ffff:127.0.0.1")));
        assert!(!block("127.0.0.1/32").unwrap().holds(ip("127.0.0.2")));
        assert!(!block("10.0.0.0/8").unwrap().holds(ip("169.254.169.254")));
        assert!(block("10.0.0.0/8").unwrap().holds(ip("10.255.0.1")));
        assert!(block("fd00::/8").unwrap().holds(ip("fd12::1")));
        assert!(!block("fd00::/8").unwrap().holds(ip("::1")));
        for bad in ["10.0.0.0", "10.0.0.0/33", "x/8", "::/129", ""] {
            assert!(block(bad).is_err(), "{bad}");
        }
    }
}
