//! Every place of a request that could name an Organization or another method, read as any service might read it.
//! What is not read, and therefore not carried unless the target lists its media type: everything that is no JSON, form,
//! multipart form or plain text. Languages inside a value (a GraphQL document in a JSON member) are not read.

use std::borrow::Cow;

use super::{Asked, unreadable_body};
use crate::json_fields::{self, Whole};
use crate::multipart;
use crate::path;
use crate::redact::{Form, looks_like_multipart};
use crate::refused::Refused;
use crate::targets::Target;

/// Parameters and members by which frameworks let a request be another method's.
const OVERRIDES: [&str; 4] = ["_method", "_http_method", "x-http-method-override", "x-http-method"];
/// Encodings of text in which ASCII stands for itself. Others could spell a name that is not seen here.
const CHARSETS: [&str; 5] = ["utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252"];

/// What a request names.
#[derive(Debug, Default)]
pub struct Named {
    pub organizations: Vec<String>,
    /// Methods that it asks to be taken for, in upper case.
    pub methods: Vec<String>,
}

impl Named {
    /// Reads headers, query and body.
    ///
    /// # Errors
    /// [`Refused`] when two readers could disagree about the body.
    pub fn read(target: &Target, asked: Asked<'_>) -> Result<Self, Refused> {
        let mut named = Self::default();
        for (name, value) in asked.headers {
            if target.organization_headers.iter().any(|h| h.eq_ignore_ascii_case(name)) {
                named.organizations.push(value.clone());
            }
            if name == "cookie" {
                named.organizations.extend(in_cookies(target, value));
            }
        }
        named.add_parameters(target, asked.path.query_pairs());
        if !asked.body.is_empty() {
            named.add_body(target, asked)?;
        }
        Ok(named)
    }

    fn add_parameters(&mut self, target: &Target, parameters: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in parameters {
            if is_parameter(&name, &OVERRIDES) {
                self.add_method(&value);
            }
            if is_parameter(&name, &target.organization_query) {
                self.organizations.push(value);
            }
        }
    }

    fn add_method(&mut self, value: &str) {
        if !value.trim().is_empty() {
            self.methods.push(value.trim().to_ascii_uppercase());
        }
    }

    /// The body is read as JSON and as a form, whenever it can be: the service might. A multipart form is only that.
    fn add_body(&mut self, target: &Target, asked: Asked<'_>) -> Result<(), Refused> {
        let content_type = content_type(target, asked)?;
        let form = Form::of(content_type);
        if form == Form::Multipart {
            return self.add_multipart(target, content_type, asked.body);
        }
        if looks_like_multipart(asked.body) {
            return Err(unreadable_body());
        }
        let text = std::str::from_utf8(asked.body);
        if text.is_err() && matches!(form, Form::Json | Form::UrlEncoded) {
            return Err(unreadable_body());
        }
        let text = text.map_or_else(|_| String::from_utf8_lossy(asked.body), Cow::Borrowed);
        self.add_json(target, asked.body, form == Form::Json || looks_like_json(&text))?;
        self.add_parameters(target, path::pairs(&text));
        Ok(())
    }

    fn add_json(&mut self, target: &Target, document: &[u8], must_be_one: bool) -> Result<(), Refused> {
        let (organizations, whole) = json_fields::values_of(document, &target.organization_json);
        if must_be_one && whole != Whole::One {
            return Err(unreadable_body());
        }
        self.organizations.extend(organizations);
        json_fields::values_of(document, &OVERRIDES).0.iter().for_each(|method| self.add_method(method));
        Ok(())
    }

    fn add_multipart(&mut self, target: &Target, content_type: &str, body: &[u8]) -> Result<(), Refused> {
        for part in multipart::parts(content_type, body).map_err(|_| unreadable_body())? {
            let content = body.get(part.content).unwrap_or_default();
            let text = String::from_utf8_lossy(content);
            let is_json = Form::of(&part.content_type) == Form::Json;
            if is_json || (!part.is_file && looks_like_json(&text)) {
                self.add_json(target, content, true)?;
            }
            self.add_parameters(target, part.name.map(|name| (name, text.into_owned())));
        }
        Ok(())
    }
}

/// The one media type of a body that is carried.
fn content_type<'a>(target: &Target, asked: Asked<'a>) -> Result<&'a str, Refused> {
    let mut kinds = asked.headers.iter().filter(|(n, _)| n == "content-type").map(|(_, v)| v.as_str());
    let kind = kinds.next().unwrap_or_default();
    let plain = |(n, v): &(String, String)| n != "content-encoding" || v.eq_ignore_ascii_case("identity");
    if kinds.next().is_some() || !asked.headers.iter().all(plain) {
        return Err(unreadable_body());
    }
    let parameters = multipart::parameters(kind).map_err(|_| unreadable_body())?;
    let charsets = parameters.iter().filter(|(key, _)| key.starts_with("charset"));
    for (key, charset) in charsets {
        if key != "charset" || !CHARSETS.iter().any(|c| c.eq_ignore_ascii_case(charset)) {
            return Err(unreadable_body());
        }
    }
    let essence = multipart::essence(kind);
    let is_read = matches!(Form::of(kind), Form::Json | Form::UrlEncoded | Form::Multipart)
        || matches!(essence.as_str(), "" | "text/plain");
    if is_read || target.other_bodies.iter().any(|other| other.eq_ignore_ascii_case(&essence)) {
        return Ok(kind);
    }
    Err(Refused::new(
        415,
        "media-type",
        "Content of this kind is not carried to this service.",
        "Nothing was sent. Use the service's forms, or ask an administrator to list the kind for this service.",
    ))
}

fn in_cookies(target: &Target, header: &str) -> Vec<String> {
    let pairs = header.split([';', ',']).filter_map(|pair| pair.split_once('='));
    let named = pairs.filter(|(name, _)| is_parameter(name, &target.organization_cookies));
    named
        .map(|(_, value)| {
            let value = value.trim().trim_matches('"');
            percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned()
        })
        .collect()
}

/// A text that some reader would take for JSON, lines of JSON or JSON behind a byte order mark included.
fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').starts_with(['{', '['])
}

/// `organization`, `Organization[]`, `organization[id]` and `filter[organization]` are all the parameter `organization`.
fn is_parameter<S: AsRef<str>>(name: &str, wanted: &[S]) -> bool {
    let is = |segment: &str| wanted.iter().any(|w| w.as_ref().eq_ignore_ascii_case(segment));
    name.split(['[', ']', '.']).map(str::trim).any(is)
}
