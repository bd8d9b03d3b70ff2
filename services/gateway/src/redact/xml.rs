use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::html::{has_secret, holds_field};
use super::{MARK, is_secret_name};
use crate::refused::escape;

/// XML with the content of elements and attributes that are named like secrets replaced, and what a page of HTML loses.
/// None of what is not well-formed, or has entities of its own, which could stand for markup.
#[must_use]
pub fn xml(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut out = String::with_capacity(text.len());
    // How deep in a secret's content it is.
    let (mut depth, mut open) = (0_usize, 0_usize);
    loop {
        let from = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let source = text.get(from..usize::try_from(reader.buffer_position()).ok()?)?;
        match event {
            Event::Eof => return (open == 0).then_some(out),
            Event::DocType(doctype) if doctype.contains('[') => return None,
            Event::Start(tag) => {
                open += 1;
                if depth > 0 {
                    depth += 1;
                } else {
                    let kept = kept(&tag)?;
                    push_tag(&kept, source, ">", &mut out);
                    if kept.hides_content {
                        depth = 1;
                        out.push_str(MARK);
                    }
                }
            }
            Event::Empty(tag) if depth == 0 => push_tag(&kept(&tag)?, source, "/>", &mut out),
            Event::End(_) => {
                open = open.checked_sub(1)?;
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    out.push_str(source);
                }
            }
            _ if depth > 0 => {}
            Event::Comment(comment) if holds_field(&comment) => out.push_str(&format!("<!--{MARK}-->")),
            Event::CData(data) if holds_field(&data) => out.push_str(MARK),
            _ => out.push_str(source),
        }
    }
}

/// How a tag stands in the record.
struct Kept {
    /// None: as it was.
    tag: Option<String>,
    hides_content: bool,
}

fn push_tag(kept: &Kept, source: &str, end: &str, out: &mut String) {
    match &kept.tag {
        None => out.push_str(source),
        Some(tag) => {
            out.push_str(tag);
            out.push_str(end);
        }
    }
}

fn kept(tag: &BytesStart<'_>) -> Option<Kept> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).ok()?;
        attributes.push((attribute.key, value));
    }
    let value_of = |name: &str| attributes.iter().find(|(key, _)| local(key.0) == name).map(|(_, v)| v.to_string());
    // A name may stand in an attribute, and its value in another one or in the content: `<entry key="password">`.
    let named = ["name", "key"].iter().any(|key| value_of(key).is_some_and(|name| is_secret_name(&name)));
    let element = local(tag.name().0).to_owned();
    let secret = named || has_secret(&element, value_of);
    let changed = |key: &str, value: &str| {
        let key = local(key);
        let is_value = matches!(key, "value" | "content");
        !value.is_empty()
            && ((secret && is_value) || is_secret_name(key) || key == "srcdoc" || (!is_value && holds_field(value)))
    };
    let any = attributes.iter().any(|(key, value)| changed(key.0, value));
    let rewritten = any.then(|| {
        attributes.iter().fold(format!("<{}", tag.name().0), |out, (key, value)| {
            let value = if changed(key.0, value) { Cow::Borrowed(MARK) } else { Cow::Owned(escape(value)) };
            format!("{out} {}=\"{value}\"", key.0)
        })
    });
    Some(Kept { tag: rewritten, hides_content: named || is_secret_name(&element) })
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
    fn of_what_is_not_well_formed_or_has_entities_of_its_own_nothing_is_kept() {
        for text in [
            "<a><b></a>",
            "<a>",
            "<a x='1' x='2'/>",
            "</a>",
            "<a><!-- a -- b --></a>",
            "<!DOCTYPE a [<!ENTITY f \"<input type='hidden' value='SECRET'/>\">]><a>&f;</a>",
            "<a type='&unknown;'/>",
        ] {
            assert_eq!(xml(text), None, "{text}");
        }
    }
}
