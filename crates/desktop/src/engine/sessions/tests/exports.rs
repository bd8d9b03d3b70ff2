use wire::audit::{ExportSessions, ExportedSessions};

use super::kept::{kept_under, leaf, receipts, signer};
use super::*;

/// A log of two entries, and an audit service that gives two pages of one Session each with them.
async fn exporting(kinds: [EventKind; 2], said: [&str; 2]) -> Kept {
    let id = sha256("any").into();
    let leaf_of = |place: usize| leaf(kinds[place], &id, Vec::new(), &[("sessions", said[place].to_owned())]);
    let both = receipts(&signer(), [leaf_of(0), leaf_of(1)]);
    let kept = kept_under(&both[0].checkpoint).await;
    let page = |(place, receipt): (usize, Receipt)| {
        let mut one = kept.detail.summary.clone();
        one.ticket = format!("=cmd{place}");
        let next = (place == 0).then(|| "7".to_owned());
        ExportedSessions { sessions: vec![one], forgotten: Vec::new(), of: 2, next, receipt }
    };
    let pages = both.into_iter().enumerate().map(page).collect();
    kept.stored().exports = pages;
    kept
}

async fn export(kept: &Kept, to: &std::path::Path) -> Result<crate::view::ExportView, String> {
    kept.engine.inner.export(&kept.joined, &kept.audit, ExportSessions::default(), to).await.map_err(|error| error.code)
}

const EXPORTED: EventKind = EventKind::SessionsExported;

#[tokio::test]
async fn a_list_is_written_page_by_page_once_each_entry_is_proven() {
    let kept = exporting([EXPORTED; 2], ["1", "1"]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut notices = kept.engine.notices();
    let exported = export(&kept, folder.path()).await.unwrap();
    let text = std::fs::read_to_string(&exported.path).unwrap();
    assert_eq!((exported.sessions, text.lines().count()), (2, 3));
    assert!(text.contains("\"'=cmd0\"") && text.contains("\"'=cmd1\""), "{text}");
    let mut told = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        if let crate::view::Notice::Exporting { done, of } = notice {
            told.push((done, of));
        }
    }
    assert_eq!(told, [(1, 2), (2, 2)]);
}

#[tokio::test]
async fn nothing_is_kept_of_an_export_whose_entry_is_another_or_none() {
    for (kinds, said) in
        [([EXPORTED, EventKind::SessionViewed], ["1", "1"]), ([EXPORTED; 2], ["1", "0"]), ([EXPORTED; 2], ["2", "1"])]
    {
        let folder = tempfile::tempdir().unwrap();
        let kept = exporting(kinds, said).await;
        assert_eq!(export(&kept, folder.path()).await.unwrap_err(), "other-receipt", "{said:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{said:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let kept = exporting([EXPORTED; 2], ["1", "1"]).await;
    kept.stored().exports[1].receipt.inclusion = vec![sha256("another leaf")];
    export(&kept, folder.path()).await.unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_list_that_leads_nowhere_ends() {
    let kept = exporting([EXPORTED; 2], ["1", "1"]).await;
    let folder = tempfile::tempdir().unwrap();
    kept.stored().exports[1].next = Some("7".into());
    assert_eq!(export(&kept, folder.path()).await.unwrap_err(), "unexpected");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_pages_of_the_app_know_every_key_that_the_service_takes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/features/sessions/tokens.ts");
    let text = std::fs::read_to_string(path).unwrap();
    let keys = text.lines().find(|line| line.starts_with("export const keys = ")).unwrap();
    for key in wire::sessions::What::KEYS {
        assert!(keys.contains(&format!("\"{key}\"")), "{key} in {keys}");
    }
    assert_eq!(keys.matches('"').count() / 2, wire::sessions::What::KEYS.len() + 1, "and when, which is two times");
}
