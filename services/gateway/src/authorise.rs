//! Whether a request stays within its Grant: the one Organization, wherever its id stands, and the Scope.
//!
//! Pure: values in, a verdict out. Every place that could name an Organization is read as any service might read it,
//! and all of them must name the granted one.

use domain::{Organization, Scope};

use crate::json_fields;
use crate::path::{self, CanonicalPath};
use crate::redact;
use crate::refused::Refused;
use crate::targets::Target;

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
    let write = !matches!(asked.method, "GET" | "HEAD" | "OPTIONS");
    named_organizations(target, asked)?
        .iter()
        .all(|named| named == grant.organization.id.as_str())
        .then_some(())
        .ok_or_else(|| other_organization(grant))?;
    let path = asked.path.path();
    if matches!(asked.method, "GET" | "HEAD") && target.shared_paths.iter().any(|shared| path.starts_with(shared)) {
        return Ok(Authorised { write, send: false });
    }
    let base = base(grant, target, path)?;
    let path = if path.len() < base.len() { base.as_str() } else { path };
    let rule = |method: &str| target.rules.iter().find(|r| r.matches(method, path, &base, &grant.organization.id));
    let allowed = rule(asked.method).ok_or_else(|| no_rule(grant))?;
    if allowed.scope > grant.scope {
        return Err(above_scope(grant, write));
    }
    let send = rule("SOCKET").is_some_and(|r| r.scope <= grant.scope);
    Ok(Authorised { write, send })
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
    let named = named_organizations(target, asked);
    let same = named.is_ok_and(|all| all.iter().all(|n| n == grant.organization.id.as_str()));
    let shared = target.shared_paths.iter().any(|s| path.path().starts_with(s));
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

/// Whether a message that a person sends over a WebSocket names no other Organization.
#[must_use]
pub fn message_is_inside(grant: Grant<'_>, target: &Target, message: &[u8]) -> bool {
    let (named, _) = json_fields::values_of(message, &target.organization_json);
    named.iter().all(|n| n == grant.organization.id.as_str())
}

/// Every Organization that headers, query and body name.
fn named_organizations(target: &Target, asked: Asked<'_>) -> Result<Vec<String>, Refused> {
    let mut named = Vec::new();
    for (name, value) in asked.headers {
        if target.organization_headers.iter().any(|h| h.eq_ignore_ascii_case(name)) {
            named.push(value.clone());
        }
    }
    let mut parameters = asked.path.query_pairs();
    if !asked.body.is_empty() {
        named.extend(named_in_body(target, asked, &mut parameters)?);
    }
    named.extend(parameters.into_iter().filter(|(n, _)| is_parameter(n, &target.organization_query)).map(|(_, v)| v));
    Ok(named)
}

/// The body is read as JSON, as a form and as a multipart form, each whenever it can be: the service might.
fn named_in_body(
    target: &Target,
    asked: Asked<'_>,
    parameters: &mut Vec<(String, String)>,
) -> Result<Vec<String>, Refused> {
    let mut kinds = asked.headers.iter().filter(|(n, _)| n == "content-type").map(|(_, v)| v.as_str());
    let kind = kinds.next().unwrap_or_default();
    if kinds.next().is_some() {
        return Err(unreadable_body());
    }
    if asked.headers.iter().any(|(n, v)| n == "content-encoding" && !v.eq_ignore_ascii_case("identity")) {
        return Err(unreadable_body());
    }
    let form = redact::Form::of(kind);
    let text = std::str::from_utf8(asked.body);
    if text.is_err() && matches!(form, redact::Form::Json | redact::Form::UrlEncoded) {
        return Err(unreadable_body());
    }
    let text = text.map_or_else(|_| String::from_utf8_lossy(asked.body), std::borrow::Cow::Borrowed);
    let (named, one_document) = json_fields::values_of(asked.body, &target.organization_json);
    if !one_document && (form == redact::Form::Json || looks_like_json(&text)) {
        return Err(unreadable_body());
    }
    parameters.extend(path::pairs(&text));
    for (head, value) in text.split("\r\n--").filter_map(|p| p.split_once("\r\n\r\n")) {
        let name = redact::part_name(head).map_err(|_| unreadable_body())?;
        if let Some(name) = name {
            parameters.push((name, value.trim_end_matches("\r\n").to_owned()));
        }
    }
    Ok(named)
}

/// A text that some reader would take for JSON, lines of JSON or JSON behind a byte order mark included.
fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').starts_with(['{', '['])
}

/// `organization`, `Organization[]`, `organization[id]` and `filter[organization]` are all the parameter `organization`.
fn is_parameter(name: &str, wanted: &[String]) -> bool {
    name.split(['[', ']', '.']).map(str::trim).any(|segment| wanted.iter().any(|w| w.eq_ignore_ascii_case(segment)))
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
