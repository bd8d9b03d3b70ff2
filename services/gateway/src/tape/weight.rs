use recording::Captured;

/// About how many bytes a frame takes.
pub(super) fn weight(captured: &Captured) -> u64 {
    let fields = |headers: &[(String, String)]| headers.iter().map(|(n, v)| n.len() + v.len() + 8).sum::<usize>();
    let content = match captured {
        Captured::Request { path, headers, body, .. } => {
            path.len() + fields(headers) + body.as_ref().map_or(0, String::len)
        }
        Captured::Response { headers, .. } => fields(headers),
        Captured::Text { text, .. } => text.len(),
        Captured::Body { bytes, .. } | Captured::Socket { bytes, .. } => bytes.len(),
        Captured::Refused { path, .. } => path.len(),
        Captured::Page { events, .. } => events.iter().map(|e| e.to_string().len()).sum(),
        Captured::Done { .. } | Captured::Note { .. } => 0,
    };
    content as u64 + 160
}
