//! Who wraps the keys: what an outage of it stops and what it does not, and moving to another one.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::OrgId;
use key_service::KeyServiceError;
use key_service::imitation::{self, KMS_CREDENTIALS, KMS_KEY, KMS_REGION, Served, TRANSIT_KEY, TRANSIT_TOKEN};
use serve::Service;
use wire::event::{Append, EventKind};

use super::world::{Answer, STORAGE, World, by_hand, empty, private_folder, stop, world};
use crate::config::KeyServiceConfig;
use crate::error::{Error, StoreError};
use crate::wrapping::rewrap;

fn secret(path: &Path, bytes: impl AsRef<[u8]>) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, bytes).expect("writes");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    path.to_owned()
}

fn transit(folder: &Path, served: &Served) -> KeyServiceConfig {
    KeyServiceConfig::Transit {
        url: served.url(),
        mount: "transit".into(),
        key: TRANSIT_KEY.into(),
        namespace: None,
        token: secret(&folder.join("bao.token"), TRANSIT_TOKEN),
        ca: None,
    }
}

fn aws_kms(folder: &Path, served: &Served) -> KeyServiceConfig {
    KeyServiceConfig::AwsKms {
        url: served.url(),
        region: KMS_REGION.into(),
        key: KMS_KEY.into(),
        credentials: secret(&folder.join("aws.json"), KMS_CREDENTIALS),
        ca: None,
    }
}

fn file(folder: &Path) -> KeyServiceConfig {
    KeyServiceConfig::File { file: secret(&folder.join("storage.key"), STORAGE) }
}

fn here() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// Stops the service, moves its keys, and starts it with the other key service.
async fn moved_to(w: &mut World, to: KeyServiceConfig) {
    stop(std::mem::replace(&mut w.service, empty())).await;
    if let KeyServiceConfig::File { .. } = w.config.key_service {
        w.config.key_service = file(w.folder.path());
    }
    let clock = w.clock.clone();
    assert!(rewrap(&w.config, &to, clock).await.expect("moved") >= 1);
    w.config.key_service = to;
    w.begin().await.expect("starts");
}

async fn append_of(w: &World, organization: &str) -> Answer {
    let organization: OrgId = organization.parse().expect("an id");
    let append = Append::new(EventKind::CallRefused).organization(&organization).personal("person", "p-mara");
    w.post_as(Service::Broker, "/v1/events", &append).await
}

async fn is_well(w: &World, organization: &str) -> bool {
    append_of(w, organization).await.status.is_success()
}

#[tokio::test]
async fn keys_move_from_a_file_to_a_key_service_and_on_and_nothing_is_lost() {
    let mut w = world().await;
    w.session().await;
    let (bao, aws) = (imitation::transit(here()).await, imitation::aws_kms(here()).await);
    let folder = w.folder.path().to_owned();
    for to in [transit(&folder, &bao), aws_kms(&folder, &aws), file(&folder)] {
        moved_to(&mut w, to).await;
        // Names come back, which are sealed under the keys that moved.
        let newest = w.get_person(&w.ines, "/v1/events?limit=50").await;
        assert_eq!(newest.status, 200);
        assert!(String::from_utf8(newest.body).expect("text").contains("p-mara"));
        assert!(is_well(&w, "delmar-foods").await);
    }
}

#[tokio::test]
async fn keys_move_all_or_none_and_what_wrapped_them_before_opens_nothing() {
    let mut w = world().await;
    w.session().await;
    let bao = imitation::transit(here()).await;
    let folder = w.folder.path().to_owned();
    let (old, new) = (file(&folder), transit(&folder, &bao));
    let running = rewrap(&w.config, &new, w.clock.clone()).await;
    assert!(matches!(running, Err(Error::Misconfigured(_))), "the service holds the folder");
    stop(std::mem::replace(&mut w.service, empty())).await;
    w.config.key_service = old.clone();
    let before = wrapped(&folder).await;
    by_hand(&folder, "INSERT INTO owner_keys (owner, wrapped) VALUES ('altered', x'00')").await;
    assert!(rewrap(&w.config, &new, w.clock.clone()).await.is_err());
    by_hand(&folder, "DELETE FROM owner_keys WHERE owner = 'altered'").await;
    assert_eq!(wrapped(&folder).await, before, "one key that does not open moves none");
    assert_eq!(rewrap(&w.config, &new, w.clock.clone()).await.expect("moved"), before.len());
    for (_, key) in wrapped(&folder).await {
        assert!(key.starts_with(b"vault:v1:"));
    }
    for entry in std::fs::read_dir(&folder).expect("folder") {
        let path = entry.expect("file").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("reads");
            let kept = before.iter().any(|(_, key)| bytes.windows(key.len()).any(|part| part == key));
            assert!(!kept, "{} still holds a key as it was wrapped before", path.display());
        }
    }
    let with_the_old = w.begin().await;
    assert!(
        matches!(&with_the_old, Err(Error::Store(StoreError::Damaged(what))) if what.contains("does not open")),
        "{:?}",
        with_the_old.err()
    );
    w.config.key_service = new;
    w.begin().await.expect("starts");
}

#[tokio::test]
async fn nothing_is_made_where_no_store_is() {
    let (w, folder, elsewhere) = (world().await, private_folder(), private_folder());
    let config = crate::Config {
        database: folder.path().join("audit.sqlite"),
        objects: folder.path().join("objects"),
        key_service: file(elsewhere.path()),
        ..w.config.clone()
    };
    assert!(rewrap(&config, &config.key_service, w.clock.clone()).await.is_err());
    assert!(!config.database.exists());
}

#[tokio::test]
async fn an_outage_stops_new_organizations_and_the_start_and_nothing_else() {
    let mut w = world().await;
    let bao = imitation::transit(here()).await;
    let address = bao.address;
    let folder = w.folder.path().to_owned();
    moved_to(&mut w, transit(&folder, &bao)).await;
    assert!(is_well(&w, "delmar-foods").await);
    bao.stop().await;
    assert!(is_well(&w, "delmar-foods").await, "its key is open");
    assert_eq!(append_of(&w, "kinloch-hotels").await.problem(), (503, "key-service-unreachable".into()));
    assert!(is_well(&w, "delmar-foods").await, "the writer goes on");
    let bao = imitation::transit(address).await;
    assert!(is_well(&w, "kinloch-hotels").await, "it is asked again");
    secret(&folder.join("bao.token"), "s.expired");
    assert_eq!(append_of(&w, "ardent-labs").await.problem(), (503, "key-service-unreachable".into()));
    let starts = async |w: &mut World| {
        stop(std::mem::replace(&mut w.service, empty())).await;
        w.begin().await
    };
    let refused = starts(&mut w).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::KeyService(KeyServiceError::Refused { .. })))));
    secret(&folder.join("bao.token"), TRANSIT_TOKEN);
    bao.stop().await;
    let unreachable = starts(&mut w).await;
    assert!(matches!(unreachable, Err(Error::Store(StoreError::KeyService(KeyServiceError::Unreachable { .. })))));
    let _bao = imitation::transit(address).await;
    starts(&mut w).await.expect("starts");
    assert!(is_well(&w, "ardent-labs").await);
}

#[tokio::test]
async fn a_credential_that_others_may_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut w = world().await;
    let bao = imitation::transit(here()).await;
    let folder = w.folder.path().to_owned();
    moved_to(&mut w, transit(&folder, &bao)).await;
    let everybody = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(folder.join("bao.token"), everybody).expect("permissions");
    assert_eq!(append_of(&w, "kinloch-hotels").await.problem(), (503, "key-service-unreachable".into()));
}

async fn wrapped(folder: &Path) -> Vec<(String, Vec<u8>)> {
    use sqlx::{ConnectOptions as _, Connection as _};
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("audit.sqlite"));
    let mut connection = options.connect().await.expect("opens");
    let rows = sqlx::query_as("SELECT owner, wrapped FROM owner_keys ORDER BY owner").fetch_all(&mut connection).await;
    connection.close().await.expect("closes");
    rows.expect("reads")
}
