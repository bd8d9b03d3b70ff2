//! Reads a multipart body by its declared boundary, and only one way: what two readers could take apart differently, or
//! what one reader would decode and another not, is [`Unclear`].

use std::ops::Range;

/// Two readers could find two things in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclear;

/// One part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: Option<String>,
    pub is_file: bool,
    /// The part's own media type.
    pub content_type: String,
    /// Where its content stands in the body.
    pub content: Range<usize>,
}

/// The parts of a body with this `Content-Type`.
///
/// # Errors
/// [`Unclear`] unless the body begins with the boundary, has it nowhere else than between parts, ends behind the last
/// one, and every part's head is clear.
pub fn parts(content_type: &str, body: &[u8]) -> Result<Vec<Part>, Unclear> {
    let delimiter = format!("--{}", boundary(content_type)?).into_bytes();
    let places = places_of(&delimiter, body);
    if places.first() != Some(&0) {
        return Err(Unclear);
    }
    let is_form = essence(content_type) == "multipart/form-data";
    let mut found = Vec::new();
    for two in places.windows(2) {
        let from = two[0] + delimiter.len();
        let whole = body.get(from..two[1]).and_then(|p| p.strip_prefix(b"\r\n")).and_then(|p| p.strip_suffix(b"\r\n"));
        found.push(part(whole.ok_or(Unclear)?, from + 2, is_form)?);
    }
    let last = places.last().map_or(0, |p| p + delimiter.len());
    let ends = matches!(body.get(last..), Some(b"--" | b"--\r\n"));
    if ends { Ok(found) } else { Err(Unclear) }
}

/// The media type alone, in lower case.
#[must_use]
pub fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The parameters of a header field's value: `; key=token` or `; key="quoted"`.
///
/// # Errors
/// [`Unclear`] when it is not written exactly so, or holds an escape.
pub fn parameters(field: &str) -> Result<Vec<(String, String)>, Unclear> {
    let mut found = Vec::new();
    let mut rest = field.find(';').map_or("", |at| &field[at..]);
    while let Some(after) = rest.strip_prefix(';') {
        let Some((key, value)) = after.split_once('=') else {
            return if after.trim().is_empty() { Ok(found) } else { Err(Unclear) };
        };
        let (key, value) = (key.trim_start(), value.trim_start());
        let (value, left) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(Unclear)?,
            None => {
                let (token, left) = value.split_at(value.find(';').unwrap_or(value.len()));
                let token = token.trim_end();
                (is_token(token).then_some(token).ok_or(Unclear)?, left)
            }
        };
        if !is_token(key) || value.contains('\\') {
            return Err(Unclear);
        }
        found.push((key.to_ascii_lowercase(), value.to_owned()));
        rest = left.trim_start();
        if !rest.is_empty() && !rest.starts_with(';') {
            return Err(Unclear);
        }
    }
    Ok(found)
}

fn boundary(content_type: &str) -> Result<String, Unclear> {
    let boundary = one(parameters(content_type)?, "boundary")?.ok_or(Unclear)?;
    let fits = (1..=70).contains(&boundary.len())
        && boundary.bytes().all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&b));
    if fits { Ok(boundary) } else { Err(Unclear) }
}

/// The one parameter of this name; an extended one (`name*`, `name*0`) is none.
fn one(parameters: Vec<(String, String)>, wanted: &str) -> Result<Option<String>, Unclear> {
    let mut found = None;
    for (key, value) in parameters {
        let extended = key.split_once('*').is_some_and(|(key, _)| key == wanted);
        if extended || (key == wanted && found.replace(value).is_some()) {
            return Err(Unclear);
        }
    }
    Ok(found)
}

fn places_of(wanted: &[u8], body: &[u8]) -> Vec<usize> {
    let dashes = body.iter().enumerate().filter(|(_, b)| **b == b'-').map(|(at, _)| at);
    dashes.filter(|at| body[*at..].starts_with(wanted)).collect()
}

fn part(whole: &[u8], begins: usize, is_form: bool) -> Result<Part, Unclear> {
    let end = whole.windows(4).position(|w| w == b"\r\n\r\n").ok_or(Unclear)?;
    let head = std::str::from_utf8(&whole[..end]).map_err(|_| Unclear)?;
    let fields = head.split("\r\n").map(field).collect::<Result<Vec<_>, _>>()?;
    let value = |wanted: &str| {
        let mut values = fields.iter().filter(|(name, _)| name == wanted).map(|(_, value)| *value);
        let value = values.next();
        if values.next().is_some() { Err(Unclear) } else { Ok(value) }
    };
    let content_type = value("content-type")?.unwrap_or_default();
    let inner = essence(content_type);
    if inner.starts_with("multipart/") || inner.starts_with("message/") {
        return Err(Unclear);
    }
    let coding = value("content-transfer-encoding")?.map(str::to_ascii_lowercase);
    if coding.is_some_and(|c| !matches!(c.as_str(), "7bit" | "8bit" | "binary")) || value("content-encoding")?.is_some()
    {
        return Err(Unclear);
    }
    let disposition = value("content-disposition")?;
    let (name, is_file) = disposition.map_or(Ok((None, false)), name_of)?;
    if is_form && name.is_none() {
        return Err(Unclear);
    }
    let content = begins + end + 4..begins + whole.len();
    Ok(Part { name, is_file, content_type: content_type.to_owned(), content })
}

fn name_of(disposition: &str) -> Result<(Option<String>, bool), Unclear> {
    if !is_token(disposition.split(';').next().unwrap_or_default().trim()) {
        return Err(Unclear);
    }
    let parameters = parameters(disposition)?;
    let is_file = parameters.iter().any(|(key, _)| key.starts_with("filename"));
    let name = one(parameters, "name")?;
    // An encoded word (RFC 2047) and a percent sign are decoded by some readers only.
    let is_clear = name.as_deref().is_none_or(|n| !n.contains("=?") && !n.contains('%'));
    if is_clear { Ok((name, is_file)) } else { Err(Unclear) }
}

fn field(line: &str) -> Result<(String, &str), Unclear> {
    let (name, value) = line.split_once(':').ok_or(Unclear)?;
    if !is_token(name) || value.chars().any(char::is_control) {
        return Err(Unclear);
    }
    Ok((name.to_ascii_lowercase(), value.trim()))
}

fn is_token(text: &str) -> bool {
    let belongs = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(belongs)
}

#[cfg(test)]
mod tests;
