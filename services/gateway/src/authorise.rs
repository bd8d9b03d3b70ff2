//! Whether a request stays within its Grant: the one Organization, wherever its id stands, and the Scope.
//!
//! Pure: values in, a verdict out. All that a request names ([`places`]) must be the granted Organization, and a method
//! that it asks to be taken for must be allowed as well as its own.

mod places;

use domain::{Organization, Scope};

use crate::json_fields::{self, Whole};
use crate::path::CanonicalPath;
use crate::refused::Refused;
use crate::targets::Target;
use places::Named;

/// Methods that a request can have.
const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// What a request is measured against.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    pub organization: &'a Organization,
    pub scope: Scope,
}

/// What of a request is measured.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub method: &'a str,
    pub path: &'a CanonicalPath,
    pub headers: &'a [(String, String)],
    /// The whole body; empty when there is none.
    pub body: &'a [u8],
}

/// A request that stays within the Grant. Only [`authorise`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorised {
    write: bool,
    send: bool,
}

impl Authorised {
    /// Whether its record must be acknowledged before it is forwarded.
    #[must_use]
    pub const fn is_write(self) -> bool {
        self.write
    }

    /// Whether the person may send messages when this becomes a WebSocket.
    #[must_use]
    pub const fn may_send(self) -> bool {
        self.send
    }
}

/// Decides.
///
/// # Errors
/// [`Refused`] with what to tell the person.
pub fn authorise(grant: Grant<'_>, target: &Target, asked: Asked<'_>) -> Result<Authorised, Refused> {
    if !target.serves(&grant.organization.id) {
        return Err(outside(grant));
    }
    let named = Named::read(target, asked)?;
    is_only(&named, grant).then_some(()).ok_or_else(|| other_organization(grant))?;
    let methods: Vec<&str> = std::iter::once(asked.method).chain(named.methods.iter().map(String::as_str)).collect();
    let write = methods.iter().any(|m| !matches!(*m, "GET" | "HEAD" | "OPTIONS"));
    let path = asked.path.path();
    if methods.iter().all(|m| matches!(*m, "GET" | "HEAD")) && target.shares(path) {
        return Ok(Authorised { write, send: false });
    }
    let base = base(grant, target, path)?;
    let path = if path.len() < base.len() { base.as_str() } else { path };
    let rule = |method: &str| target.rules.iter().find(|r| r.matches(method, path, &base, &grant.organization.id));
    for method in methods {
        let allowed = METHODS.contains(&method).then(|| rule(method)).flatten().ok_or_else(|| no_rule(grant))?;
        if allowed.scope > grant.scope {
            return Err(above_scope(grant, write));
        }
    }
    let send = rule("SOCKET").is_some_and(|r| r.scope <= grant.scope);
    Ok(Authorised { write, send })
}

fn is_only(named: &Named, grant: Grant<'_>) -> bool {
    named.organizations.iter().all(|named| named == grant.organization.id.as_str())
}

/// Whether a `Location` of the service leads to a place that this Grant opens.
#[must_use]
pub fn is_inside(grant: Grant<'_>, targets: &[&Target], location: &url::Url) -> bool {
    let Some(host) = location.host_str() else { return false };
    let port_fits = location.port_or_known_default() == Some(443);
    let Some(target) = targets.iter().find(|t| t.hosts.iter().any(|h| h == host)) else { return false };
    let plain = location.username().is_empty() && location.password().is_none();
    let query = location.query().map(|q| format!("?{q}")).unwrap_or_default();
    let Ok(path) = CanonicalPath::read(&format!("{}{query}", location.path())) else { return false };
    let asked = Asked { method: "GET", path: &path, headers: &[], body: b"" };
    let same = Named::read(target, asked).is_ok_and(|named| is_only(&named, grant));
    let shared = target.shares(path.path());
    location.scheme() == "https" && port_fits && plain && same && (shared || base(grant, target, path.path()).is_ok())
}

/// The Organization's path with its id, when the request lies in it.
fn base(grant: Grant<'_>, target: &Target, path: &str) -> Result<String, Refused> {
    let (before, after) = target.path_around_id();
    let rest = path.strip_prefix(before).ok_or_else(|| outside(grant))?;
    let id = rest.split('/').next().unwrap_or_default();
    if id != grant.organization.id.as_str() {
        return Err(if id.is_empty() { outside(grant) } else { other_organization(grant) });
    }
    let base = format!("{before}{id}{after}");
    let inside = path.starts_with(&base) || path == base.trim_end_matches('/');
    if inside { Ok(base) } else { Err(outside(grant)) }
}

/// Whether a message that a person sends over a WebSocket names no other Organization. Where a target's messages may
/// name one, a message must be JSON to its end (several documents behind each other, as Socket.IO has them, too): behind
/// a byte that this reader stumbles over another one could read on.
#[must_use]
pub fn message_is_inside(grant: Grant<'_>, target: &Target, message: &[u8]) -> bool {
    if target.organization_json.is_empty() {
        return true;
    }
    let (named, whole) = json_fields::values_of(message, &target.organization_json);
    whole != Whole::Broken && named.iter().all(|n| n == grant.organization.id.as_str())
}

fn only(grant: Grant<'_>) -> String {
    format!(
        "Your access is for {} only. Go back, or ask for access to the other one in Countersign.",
        grant.organization.name
    )
}

/// What is told to whoever reaches for another Organization.
#[must_use]
pub fn other_organization(grant: Grant<'_>) -> Refused {
    Refused::new(403, "other-organization", "That page belongs to another Organization.", only(grant))
}

fn outside(grant: Grant<'_>) -> Refused {
    let title = format!("That page is not part of {}.", grant.organization.name);
    Refused::new(403, "outside-organization", title, "Go back to the Organization's own pages.")
}

fn no_rule(grant: Grant<'_>) -> Refused {
    let title = format!("{} does not open that.", grant.scope.label());
    Refused::new(403, "no-rule", title, "Go back. No Scope opens it until the rules for this service name it.")
}

fn above_scope(grant: Grant<'_>, write: bool) -> Refused {
    let scope = grant.scope.label();
    let title = if write {
        format!("{scope} does not allow changes here.")
    } else {
        format!("{scope} does not open that page.")
    };
    Refused::new(403, "scope", title, "Nothing was changed. Go back, or ask for a wider Scope in Countersign.")
}

fn unreadable_body() -> Refused {
    Refused::new(
        400,
        "unreadable-body",
        "The request's content could not be read.",
        "Nothing was sent. Go back and try again.",
    )
}

#[cfg(test)]
mod tests;
