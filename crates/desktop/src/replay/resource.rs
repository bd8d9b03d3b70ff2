//! Pictures and fonts that pages were given, as the gateway recorded them. A replayed page shows these: it asks for nothing,
//! and a page's own word is not taken for them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;

use crate::view::ResourceView;

/// A longer one is not shown, in bytes.
pub(super) const MOST: usize = 4 * 1024 * 1024;

/// What replay may show of a media type: what an engine paints and never runs.
pub(super) fn kind(content_type: &str) -> Option<&'static str> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(match essence.as_str() {
        "image/png" => "image/png",
        "image/jpeg" | "image/jpg" => "image/jpeg",
        "image/gif" => "image/gif",
        "image/webp" => "image/webp",
        "image/avif" => "image/avif",
        "image/bmp" => "image/bmp",
        "image/svg+xml" => "image/svg+xml",
        "image/x-icon" | "image/vnd.microsoft.icon" => "image/x-icon",
        "font/woff2" | "application/font-woff2" => "font/woff2",
        "font/woff" | "application/font-woff" | "application/x-font-woff" => "font/woff",
        "font/ttf" | "font/sfnt" | "application/x-font-ttf" | "application/font-sfnt" => "font/ttf",
        "font/otf" | "application/x-font-otf" | "application/vnd.ms-opentype" => "font/otf",
        _ => return None,
    })
}

/// By address; of one that was answered again, the last answer.
#[derive(Default)]
pub(super) struct Resources {
    kept: BTreeMap<String, (&'static str, Vec<u8>)>,
    /// Addresses of those that came since the last part.
    fresh: BTreeSet<String>,
}

impl Resources {
    /// Keeps it, and gives how many bytes are kept no longer in its place.
    pub(super) fn keep(&mut self, address: String, kind: &'static str, bytes: Vec<u8>) -> usize {
        self.fresh.insert(address.clone());
        self.kept.insert(address, (kind, bytes)).map_or(0, |(_, before)| before.len())
    }

    pub(super) fn done(self) -> Vec<ResourceView> {
        self.kept.iter().map(|(address, (kind, bytes))| view(address, kind, bytes)).collect()
    }

    /// Those that came since the last part.
    pub(super) fn part(&mut self) -> Vec<ResourceView> {
        let fresh = std::mem::take(&mut self.fresh);
        let kept = fresh.iter().filter_map(|address| Some((address, self.kept.get(address)?)));
        kept.map(|(address, (kind, bytes))| view(address, kind, bytes)).collect()
    }
}

fn view(address: &str, kind: &str, bytes: &[u8]) -> ResourceView {
    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
    ResourceView { address: address.to_owned(), data: format!("data:{kind};base64,{data}") }
}

#[cfg(test)]
mod tests {
    use super::Resources;

    #[test]
    fn a_part_has_what_came_since_the_last_one() {
        let mut resources = Resources::default();
        let addresses = |views: Vec<crate::view::ResourceView>| -> Vec<String> {
            views.into_iter().map(|one| format!("{} {}", one.address, one.data)).collect()
        };
        resources.keep("a".into(), "image/png", b"one".to_vec());
        resources.keep("b".into(), "font/woff", b"two".to_vec());
        let first = ["a data:image/png;base64,b25l", "b data:font/woff;base64,dHdv"];
        assert_eq!(addresses(resources.part()), first);
        assert!(resources.part().is_empty());
        resources.keep("a".into(), "image/gif", b"new".to_vec());
        assert_eq!(addresses(resources.part()), ["a data:image/gif;base64,bmV3"]);
        assert_eq!(resources.done().len(), 2);
    }
}
