//! `targets.toml`: which services there are, where an Organization's id stands in their requests, and what each Scope
//! may do there.

mod block;

use std::path::{Path, PathBuf};

use domain::{OrgId, Organization, Scope};
use serde::Deserialize;

use crate::Error;
use crate::mask::Rules;
pub use block::Block;

/// The file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    pub targets: Vec<Target>,
    /// Every Organization by the name that people sign for.
    pub organizations: Vec<Organization>,
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
    /// Cookies that a page could set to choose an Organization.
    #[serde(default)]
    pub organization_cookies: Vec<String>,
    /// Media types that are carried although nobody looks for an Organization in them.
    #[serde(default)]
    pub other_bodies: Vec<String>,
    /// Paths without an Organization, with all below them, for GET and HEAD.
    #[serde(default)]
    pub shared_paths: Vec<String>,
    /// What is masked before it is recorded.
    pub mask: Option<Rules>,
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
            target.hosts.iter_mut().for_each(|host| host.make_ascii_lowercase());
            target.check()?;
        }
        targets.check_organizations()?;
        let mut hosts: Vec<&str> = targets.targets.iter().flat_map(|t| t.hosts.iter().map(String::as_str)).collect();
        let count = hosts.len();
        hosts.sort_unstable();
        hosts.dedup();
        if hosts.len() != count {
            return Err(Error::Config("a host name stands in two targets".into()));
        }
        Ok(targets)
    }

    /// The Organization with this id, as people read it.
    #[must_use]
    pub fn organization(&self, id: &OrgId) -> Option<&Organization> {
        self.organizations.iter().find(|o| o.id == *id)
    }

    fn check_organizations(&self) -> Result<(), Error> {
        let wrong = |what: String| Err(Error::Config(what));
        for (n, one) in self.organizations.iter().enumerate() {
            if one.name.trim().is_empty() {
                return wrong(format!("the Organization {} has no name", one.id));
            }
            let mut before = self.organizations.iter().take(n);
            if let Some(same) = before.find(|o| o.id == one.id || o.name.eq_ignore_ascii_case(&one.name)) {
                return wrong(format!("the Organizations {} and {} cannot be told apart", same.id, one.id));
            }
        }
        let ids = self.targets.iter().flat_map(|t| &t.organizations).filter(|id| *id != "*");
        for id in ids {
            if !self.organizations.iter().any(|o| o.id.as_str() == id) {
                return wrong(format!("the Organization {id} has no [[organizations]] entry with its name"));
            }
        }
        Ok(())
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

    /// Whether the path belongs to no Organization.
    #[must_use]
    pub fn shares(&self, path: &str) -> bool {
        self.shared_paths.iter().any(|shared| is_below(shared, path))
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
    is_below(pattern, path)
}

fn is_below(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
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

#[cfg(test)]
mod tests;
