use std::io::Write;
use std::path::Path;

use super::*;

/// What the engine writes into logs.
#[derive(Clone, Default)]
struct Lines(Arc<StdMutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        }
        found.push(path);
    }
}

/// A request that does not match, a wrong code, a broker that is away, a refusal that waits: all that goes wrong.
async fn much_goes_wrong(desk: &Desk) {
    desk.engine.requests("inbox").await.unwrap();
    desk.services().deaf = true;
    desk.services().shown[0].justification = "Other words than were signed.".into();
    desk.engine.approve(&desk.id(), "My comment.", "123456").await.unwrap_err();
    desk.engine.enter_code("12345x").await.unwrap_err();
    desk.engine.check_log().await.unwrap();
    desk.services().clock_off_ms = 60_000;
    desk.engine.check_log().await.unwrap_err();
    desk.engine.settle().await;
}

#[tokio::test]
async fn x_09_no_token_code_or_word_of_a_person_reaches_a_log() {
    let desk = Desk::new().await;
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    // For all threads: what other tests write at the same time is looked at too.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    much_goes_wrong(&desk).await;
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("desktop"), "something was written");
    // What our own crates write; those below see addresses and lengths only at levels that are off.
    let own: String = text.lines().filter(|l| l.contains(" desktop::") || l.contains(" client::")).collect();
    let token = &desk.world.tomasz.pk_token;
    let signed = World::request_body().justification;
    for secret in [&token[..40], &token[token.len() - 40..], signed.as_str(), "Other words", "My comment", "123456"] {
        assert!(!own.contains(secret), "{secret:?} in {own}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn x_09_every_file_of_a_profile_is_its_owners_alone_and_no_token_is_in_the_clear() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new().await;
    much_goes_wrong(&desk).await;
    let mut found = Vec::new();
    files(desk.folder.path(), &mut found);
    assert!(found.len() > 5, "{found:?}");
    for path in found {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            let token = &desk.world.tomasz.pk_token.as_bytes()[..40];
            assert!(!content.windows(40).any(|w| w == token), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn x_03_the_sign_in_listens_on_the_loopback_literal_and_a_port_of_the_moment() {
    let desk = Desk::new().await;
    let (first, second) =
        (desk.engine.begin_sign_in().await.unwrap().url, desk.again().begin_sign_in().await.unwrap().url);
    let port = |url: &str| {
        let url = url::Url::parse(url).unwrap();
        assert_eq!((url.scheme(), url.host_str()), ("http", Some("127.0.0.1")));
        url.port().unwrap()
    };
    assert_ne!(port(&first), port(&second));
}

/// A crash leaves no file with what is in memory, of this process or of one that it starts.
#[tokio::test]
async fn l_01_whoever_holds_a_device_key_leaves_no_core_file() {
    let _desk = Desk::new().await;
    let child = std::process::Command::new("cat").arg("/proc/self/limits").output().unwrap();
    for limits in [std::fs::read_to_string("/proc/self/limits").unwrap(), String::from_utf8(child.stdout).unwrap()] {
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    }
}
