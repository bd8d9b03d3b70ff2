//! `countersign://` links. A link names a page to look at, and nothing else: no link signs, asks, opens, replays or
//! fills in anything, and whatever is not one of these addresses to the letter opens the app where it is.

/// What a link begins with.
pub(crate) const SCHEME: &str = "countersign:";
/// No link is longer.
pub(crate) const LONGEST: usize = 256;

/// The page of the app that a link names.
pub(crate) fn page(link: &str) -> Option<String> {
    let path = link.strip_prefix("countersign://").filter(|_| link.len() <= LONGEST)?;
    let (page, id) = path.split_once('/').unwrap_or((path, ""));
    match (page, id) {
        ("access" | "approvals" | "sessions" | "log", "") => Some(page.to_owned()),
        ("log", "entries" | "checkpoints") => Some(format!("log/{id}")),
        ("approval", id) if is_id(id) => Some(format!("approvals/{id}")),
        ("request", id) if is_id(id) => Some("access".to_owned()),
        // Not its replay: looking at a recording leaves an entry in the log, and a link must not do that.
        ("session", id) if is_id(id) => Some(format!("sessions/{id}")),
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn x_01_a_link_opens_a_page() {
        for (link, wanted) in [
            ("countersign://approval/fcM_IVze-Y69", "approvals/fcM_IVze-Y69"),
            ("countersign://session/S-90398", "sessions/S-90398"),
            ("countersign://request/abc", "access"),
            ("countersign://log", "log"),
            ("countersign://log/entries", "log/entries"),
        ] {
            assert_eq!(page(link).as_deref(), Some(wanted), "{link}");
        }
    }

    #[test]
    fn x_01_hostile_links_open_nothing() {
        let long = format!("countersign://approval/{}", "a".repeat(1 << 20));
        for link in [
            "countersign://approve?id=fcM",
            "countersign://approve/fcM",
            "countersign://approval/fcM?code=419877",
            "countersign://approval/fcM#countersign",
            "countersign://approval/fcM%00",
            "countersign://approval/fcM\0",
            "countersign://approval/../open/fcM",
            "countersign://approval/%2e%2e%2fopen",
            "countersign://approval/fcM/approve",
            "countersign://approval/",
            "countersign://replay/S-90398",
            "countersign://request?organization=delmar-foods&scope=administer",
            "countersign://user@approval/fcM",
            "countersign:approval/fcM",
            "COUNTERSIGN://approval/fcM",
            "countersign://approval/fcM --profile other",
            "countersign://approval/<img src=x>",
            "countersign://approval/\u{202e}fcM",
            "javascript:alert(1)",
            "--profile",
            "",
            &long,
        ] {
            assert_eq!(page(link), None, "{}", &link[..link.len().min(80)]);
        }
    }
}
