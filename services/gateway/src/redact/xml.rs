use std::fmt::Write as _;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::html::holds_field;
use super::{MARK, is_secret_name};
use crate::refused::escape;

const BYTE_ORDER_MARK: &str = "\u{feff}";
/// Elements that say with an attribute what their content is, beside those with a `key`.
const ENTRIES: [&str; 7] = ["add", "entry", "item", "param", "parameter", "property", "setting"];

/// XML with the content of elements and attributes that are named like secrets replaced, and what a page of HTML loses.
/// None of what is not well-formed, or has entities of its own, which could stand for markup.
#[must_use]
pub fn xml(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let text = text.strip_prefix(BYTE_ORDER_MARK).inspect(|_| out.push_str(BYTE_ORDER_MARK)).unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    // How deep in a secret's content it is; whether the text before ends with an escaped `<`.
    let (mut depth, mut open, mut escaped) = (0_usize, 0_usize, false);
    loop {
        let from = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let source = text.get(from..usize::try_from(reader.buffer_position()).ok()?)?;
        let was_escaped = std::mem::replace(&mut escaped, stands_for_less_than(&event));
        match event {
            Event::Eof => return (open == 0).then_some(out),
            Event::DocType(doctype) if doctype.contains('[') => return None,
            Event::Start(tag) => {
                open += 1;
                if depth > 0 {
                    depth += 1;
                } else {
                    let hides_content = push_tag(&tag, source, ">", &mut out)?;
                    if hides_content {
                        depth = 1;
                        out.push_str(MARK);
                    }
                }
            }
            Event::Empty(tag) if depth == 0 => {
                push_tag(&tag, source, "/>", &mut out)?;
            }
            Event::End(_) => {
                open = open.checked_sub(1)?;
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    out.push_str(source);
                }
            }
            _ if depth > 0 => {}
            Event::Comment(comment) if holds_field(&comment) => out.push_str("<!--[redacted]-->"),
            Event::CData(data) if holds_field(&data) => out.push_str(MARK),
            // What follows may be its value.
            Event::Text(text) if was_escaped && holds_field(&format!("<{} ", &*text)) => return None,
            _ => out.push_str(source),
        }
    }
}

fn stands_for_less_than(event: &Event<'_>) -> bool {
    let Event::GeneralRef(reference) = event else { return false };
    &**reference == "lt" || matches!(reference.resolve_char_ref(), Ok(Some('<')))
}

/// The tag as it stands in the record; whether its content is a secret.
fn push_tag(tag: &BytesStart<'_>, source: &str, end: &str, out: &mut String) -> Option<bool> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let value = match attribute.normalized_value(XmlVersion::Explicit1_0) {
            Ok(value) => value,
            // An entity of HTML; where it decides nothing it may stand.
            Err(_) if !matches!(local(attribute.key.0), "name" | "key" | "type" | "value" | "content" | "srcdoc") => {
                attribute.value.clone()
            }
            Err(_) => return None,
        };
        attributes.push((attribute.key.0, value));
    }
    let element = local(tag.name().0);
    let named = |key: &str| attributes.iter().any(|(k, v)| local(k).eq_ignore_ascii_case(key) && is_secret_name(v));
    // A name may stand in an attribute, and its value in another one or in the content: `<entry key="password">`.
    let is_entry = ENTRIES.contains(&element.to_ascii_lowercase().as_str());
    let is_secret = named("key") || (is_entry && named("name")) || is_secret_name(element);
    // Of attributes with one name and several prefixes each may be the one that counts.
    let kinds = ["hidden", "password"];
    let is_hidden = attributes
        .iter()
        .any(|(key, value)| local(key) == "type" && kinds.iter().any(|kind| value.trim().eq_ignore_ascii_case(kind)));
    let names_secret = ["name", "property", "itemprop"].into_iter().any(named);
    let hides_value = is_secret || names_secret || (element == "input" && is_hidden);
    let is_changed = |key: &str, value: &str| {
        let key = local(key);
        let is_value = key.eq_ignore_ascii_case("value") || key == "content";
        !value.is_empty() && ((is_value && hides_value) || key == "srcdoc" || is_secret_name(key) || holds_field(value))
    };
    if !attributes.iter().any(|(key, value)| is_changed(key, value)) {
        out.push_str(source);
        return Some(is_secret);
    }
    write!(out, "<{}", tag.name().0).ok()?;
    for (key, value) in &attributes {
        if is_changed(key, value) {
            write!(out, " {key}=\"{MARK}\"").ok()?;
        } else {
            write!(out, " {key}=\"{}\"", escape(value)).ok()?;
        }
    }
    out.push_str(end);
    Some(is_secret)
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_lose_their_values_and_nothing_else_changes() {
        let cases = [
            ("<a><b x='1'>Oslo &amp; Bergen</b><!-- c --></a>", "<a><b x='1'>Oslo &amp; Bergen</b><!-- c --></a>"),
            ("<a><s:password>x<b>y</b></s:password><c/></a>", "<a><s:password>[redacted]</s:password><c/></a>"),
            ("<a apiKey='x' b='&lt;'/>", "<a apiKey=\"[redacted]\" b=\"&lt;\"/>"),
            ("\u{feff}<a><pin>123</pin>é</a>", "\u{feff}<a><pin>[redacted]</pin>é</a>"),
            (
                "<form name='passwordForm'><p title='caf&eacute;'>a</p></form>",
                "<form name='passwordForm'><p title='caf&eacute;'>a</p></form>",
            ),
            ("<x xmlns='urn:oasis:names:tc:SAML:2.0:metadata'/>", "<x xmlns='urn:oasis:names:tc:SAML:2.0:metadata'/>"),
            ("<Setting Name='Password' Value='x'/>", "<Setting Name=\"Password\" Value=\"[redacted]\"/>"),
            ("<entry key='db.password'>x</entry>", "<entry key='db.password'>[redacted]</entry>"),
            ("<property name=\"secret\" value=\"x\"/>", "<property name=\"secret\" value=\"[redacted]\"/>"),
            ("<a><![CDATA[<b>]]></a>", "<a><![CDATA[<b>]]></a>"),
            ("<a><![CDATA[<input type=hidden value=x>]]></a>", "<a>[redacted]</a>"),
            ("<a><!--<INPUT value='x'/>--></a>", "<a><!--[redacted]--></a>"),
        ];
        for (given, wanted) in cases {
            assert_eq!(xml(given).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn a_page_of_xml_is_read_as_a_browser_reads_it() {
        for field in [
            "<input type=\"hidden\" value=\"SECRET\"/>",
            "<textarea/><input type=\"hidden\" value=\"SECRET\"/>",
            "<title/><h:input type=\"hidden\" value=\"SECRET\"/>",
            "<input type=\"&#104;idden\" value=\"SECRET\"/>",
            "<noscript><input type='password' value='SECRET'></input></noscript>",
            "<input xmlns:x='u' x:type='text' type='hidden' value='SECRET'/>",
            "<input xmlns:x='u' type='hidden' x:type='text' value='SECRET'/>",
            "<script/><input name='csrf_token' value='SECRET'/>",
            "<iframe srcdoc=\"&lt;input type=hidden value=SECRET&gt;\"/>",
        ] {
            let page = format!(
                "<?xml version=\"1.0\"?><!DOCTYPE html><html xmlns=\"http://www.w3.org/1999/xhtml\" \
                 xmlns:h=\"http://www.w3.org/1999/xhtml\"><body><p>kept</p>{field}</body></html>"
            );
            let kept = xml(&page).expect(field);
            assert!(!kept.contains("SECRET") && kept.contains("<p>kept</p>") && kept.contains(MARK), "{field}: {kept}");
        }
    }

    #[test]
    fn a_tag_with_many_attributes_is_read_in_its_length() {
        use std::fmt::Write as _;
        let mut tag = String::from("<x password=\"a\"");
        (0..200_000).for_each(|n| write!(tag, " a{n}=\"\"").unwrap());
        let kept = xml(&(tag + "/>")).unwrap();
        assert!(kept.starts_with("<x password=\"[redacted]\" a0=\"\"") && kept.ends_with(" a199999=\"\"/>"));
    }

    #[test]
    fn of_what_is_not_well_formed_or_has_entities_of_its_own_nothing_is_kept() {
        for text in [
            "<a><b></a>",
            "<a>",
            "<a x='1' x='2'/>",
            "</a>",
            "<a><!-- a -- b --></a>",
            "<!DOCTYPE a [<!ENTITY f \"<input type='hidden' value='SECRET'/>\">]><a>&f;</a>",
            "<a type='&unknown;'/>",
            "<a>&lt;input type=\"hidden\" value=\"SECRET\"/&gt;</a>",
            "<a>&#60;INPUT value=\"SECRET\"/&gt;</a>",
        ] {
            assert_eq!(xml(text), None, "{text}");
        }
    }
}
