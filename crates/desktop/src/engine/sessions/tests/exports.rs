use wire::audit::{ExportSessions, ExportedSessions};

use super::kept::{leaf, receipts, signer};
use super::*;

/// Two pages of one Session each, and what their entries say.
fn pages(kept: &Kept, kinds: [EventKind; 2], said: [&str; 2]) -> Vec<ExportedSessions> {
    let leaf_of = |place: usize| leaf(kinds[place], &kept.id, Vec::new(), &[("sessions", said[place].to_owned())]);
    let both = receipts(&signer(), [leaf_of(0), leaf_of(1)]);
    let page = |(place, receipt): (usize, Receipt)| {
        let mut one = kept.detail.summary.clone();
        one.ticket = format!("=cmd{place}");
        let next = (place == 0).then(|| "7".to_owned());
        ExportedSessions { sessions: vec![one], forgotten: Vec::new(), of: 2, next, receipt }
    };
    both.into_iter().enumerate().map(page).collect()
}

async fn export(kept: &Kept, to: &std::path::Path) -> Result<crate::view::ExportView, String> {
    kept.engine.inner.export(&kept.joined, &kept.audit, ExportSessions::default(), to).await.map_err(|error| error.code)
}

const EXPORTED: EventKind = EventKind::SessionsExported;

#[tokio::test]
async fn a_list_is_written_page_by_page_once_each_entry_is_proven() {
    let kept = kept().await;
    let folder = tempfile::tempdir().unwrap();
    let pages = pages(&kept, [EXPORTED; 2], ["1", "1"]);
    kept.stored().exports = pages;
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
    let kept = kept().await;
    for (kinds, said) in
        [([EXPORTED, EventKind::SessionViewed], ["1", "1"]), ([EXPORTED; 2], ["1", "0"]), ([EXPORTED; 2], ["2", "1"])]
    {
        let folder = tempfile::tempdir().unwrap();
        let pages = pages(&kept, kinds, said);
        kept.stored().exports = pages;
        let code = export(&kept, folder.path()).await.unwrap_err();
        assert!(["other-receipt", "fork", "not-in-the-log"].contains(&code.as_str()), "{code}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{said:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut pages = pages(&kept, [EXPORTED; 2], ["1", "1"]);
    pages[1].receipt.inclusion = pages[0].receipt.inclusion.clone();
    kept.stored().exports = pages;
    export(&kept, folder.path()).await.unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_list_that_leads_nowhere_ends() {
    let kept = kept().await;
    let folder = tempfile::tempdir().unwrap();
    let mut pages = pages(&kept, [EXPORTED; 2], ["1", "1"]);
    pages[1].next = Some("7".into());
    kept.stored().exports = pages;
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
