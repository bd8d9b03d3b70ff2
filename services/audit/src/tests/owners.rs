//! Whose the files are, and whose key lies over what is in them.

use std::path::Path;

use wire::event::{Append, EventKind};

use super::store::{ten, used};
use super::world::{World, bare, by_hand, world};
use crate::error::{Error, StoreError};

#[tokio::test]
async fn what_is_stored_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let w = used().await;
    let mut files = vec![w.folder.path().to_path_buf()];
    let mut seen = 0;
    while let Some(path) = files.pop() {
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).expect("folder").map(|f| f.expect("file").path()));
        }
        seen += 1;
    }
    assert!(seen >= 8, "database, its two side files, proofs, objects, head, lock, segments: {seen}");
    for name in ["", "objects", "objects/segments"] {
        let w = ten().await;
        let open = async |folder: &Path| {
            let mode = std::fs::Permissions::from_mode(0o750);
            std::fs::set_permissions(folder.join(name), mode).expect("permissions");
        };
        let result = w.restart_after(open).await;
        let Err(Error::Store(StoreError::Objects(what))) = result else { panic!("{name}: it started") };
        assert!(what.to_string().contains("chmod go-rwx"), "{what}");
    }
}

#[tokio::test]
async fn who_is_enrolled_is_known_whichever_organization_is_forgotten() {
    let w = bare().await;
    // Where the administrator's token is seen first.
    let kinloch = "kinloch-hotels".parse().expect("id");
    w.append(&Append::new(EventKind::RequestSigned).organization(&kinloch).statement(&w.ben.token)).await;
    w.enrol_everybody().await;
    w.session().await;
    // Forgetting takes the Organization's key, and with it whatever is sealed under it.
    by_hand(w.folder.path(), "DELETE FROM owner_keys WHERE owner = 'kinloch-hotels'").await;
    let w = w.restart().await;
    assert_eq!(w.get_person(&w.ines, "/v1/events").await.status, 200);
    let another = w.another("p-new", &[domain::Role::Reviewer]);
    w.enrol(&w.ben, &another).await;
    assert_eq!(w.get_person(&another, "/v1/events").await.status, 200);
}

#[tokio::test]
async fn an_old_token_under_a_forgotten_organization_s_key_spoils_nothing() {
    let w = world().await;
    w.session().await;
    let company = count(&w, "SELECT COUNT(*) FROM statements WHERE owner = ''").await;
    // Three enrolments with their codes, and the tokens of the administrator, the requester and the approver.
    assert_eq!(company, 9);
    // As an earlier version filed it.
    by_hand(w.folder.path(), "UPDATE statements SET owner = 'delmar-foods' WHERE typ = 'pk-token'").await;
    let w = w.restart().await;
    assert_eq!(w.get_person(&w.ines, "/v1/events").await.problem(), (403, "not-enrolled".into()), "nobody is believed");
}

async fn count(w: &World, sql: &'static str) -> i64 {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(w.folder.path().join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut connection).await.expect("reads").0
}

#[tokio::test]
async fn nobody_s_new_token_makes_the_enrolments_be_derived_again() {
    let w = world().await;
    assert_eq!(w.get_person(&w.ines, "/v1/events").await.status, 200);
    // Whoever looks at them again fails.
    by_hand(w.folder.path(), "UPDATE statements SET sealed = zeroblob(9) WHERE typ = 'countersign.enrol+jws'").await;
    w.session().await;
    assert_eq!(w.get_person(&w.ines, "/v1/events").await.status, 200);
    w.enrol(&w.ben, &w.another("p-new", &[domain::Role::Reviewer])).await;
    assert_eq!(w.get_person(&w.ines, "/v1/events").await.problem(), (503, "store-unreadable".into()));
}
