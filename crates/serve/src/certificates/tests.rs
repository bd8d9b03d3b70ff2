use std::sync::{Arc, Mutex};

use domain::FixedClock;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::*;

/// 2026-06-30T00:00:00Z, when the certificate ends.
const END: UnixSeconds = 1_782_777_600;

fn watched(folder: &std::path::Path) -> Watched {
    let mut params = CertificateParams::new(vec!["localhost".into()]).expect("params");
    params.not_after = date_time_ymd(2026, 6, 30);
    let pem = params.self_signed(&KeyPair::generate().expect("key")).expect("certificate").pem();
    let file = folder.join("tls.pem");
    std::fs::write(&file, pem).expect("writes");
    Watched { name: "tls", file }
}

#[test]
fn ops_10_thirty_seven_and_one_days_before_and_when_it_is_over() {
    let folder = tempfile::tempdir().expect("folder");
    let certificate = watched(folder.path()).certificates().expect("one").remove(0);
    assert_eq!(certificate.ends_at, END);
    let cases = [
        (30 * DAY + 1, None, 30),
        (30 * DAY, Some(30), 30),
        (7 * DAY + 1, Some(30), 7),
        (7 * DAY, Some(7), 7),
        (DAY + 1, Some(7), 1),
        (DAY, Some(1), 1),
        (1, Some(1), 0),
        (0, Some(0), 0),
        (-1, Some(0), -1),
        (-400 * DAY, Some(0), -400),
    ];
    for (left, due, days) in cases {
        assert_eq!((certificate.due(END - left), certificate.days_left(END - left)), (due, days), "{left} s left");
    }
}

#[test]
fn ops_10_a_file_that_says_nothing_is_an_error() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("tls.pem");
    for content in ["", "nothing", "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&file, content).expect("writes");
        assert!(Watched { name: "tls", file: file.clone() }.certificates().is_err(), "{content}");
    }
    assert!(Watched { name: "tls", file: folder.path().join("absent") }.certificates().is_err());
}

/// Events that the log took; while it is away it takes none.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<(bool, Vec<Append>)>>);

impl Log {
    async fn tell(self, event: Append) -> bool {
        let mut log = self.0.lock().expect("log");
        if log.0 {
            log.1.push(event);
        }
        log.0
    }

    fn is_there(&self, is_there: bool) {
        self.0.lock().expect("log").0 = is_there;
    }

    fn days(&self) -> Vec<String> {
        self.0.lock().expect("log").1.iter().map(|event| event.facts["days"].clone()).collect()
    }
}

#[tokio::test]
async fn ops_10_each_threshold_is_written_down_once_also_when_the_log_was_away() {
    let folder = tempfile::tempdir().expect("folder");
    let (clock, log) = (Arc::new(FixedClock::at(END - 40 * DAY)), Log::default());
    let tell = log.clone();
    let watching = tokio::spawn(watch_every(
        Duration::from_millis(5),
        vec![watched(folder.path())],
        clock.clone(),
        move |event| tell.clone().tell(event),
    ));
    log.is_there(true);
    for day in 0..45 {
        // On one day of them the log is away, and comes back.
        log.is_there(day != 33);
        tokio::time::sleep(Duration::from_millis(30)).await;
        log.is_there(true);
        tokio::time::sleep(Duration::from_millis(30)).await;
        clock.advance(DAY);
    }
    watching.abort();
    assert_eq!(log.days(), ["30", "7", "1", "0"]);
    let uniques: HashSet<_> = log.0.lock().expect("log").1.iter().map(|event| event.unique.clone()).collect();
    assert_eq!(uniques.len(), 4);
}
