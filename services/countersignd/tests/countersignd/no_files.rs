//! A disk without inodes, and a disk that became read-only under a service that runs: it is said, nothing that was
//! acknowledged is lost, and it goes on afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use wire::event::{Append, EventKind, Receipt};

use super::full_disk::SmallDisk;
use super::payroll::Payroll;
use super::people::Company;
use super::processes::soon;
use super::rig::{ROLES, Role};

const SKIPPED: &str = "skipped: this user may not mount a disk";

fn done(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// A file system of its own under a folder, which can be made read-only as the system does when a disk fails.
struct FailingDisk {
    image: PathBuf,
    folder: PathBuf,
}

impl Drop for FailingDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

impl FailingDisk {
    /// Moves what is in the folder onto it.
    fn under(folder: &Path) -> Option<Self> {
        let (image, aside) = (folder.with_extension("image"), folder.with_extension("aside"));
        fs::File::create(&image).unwrap().set_len(48 * 1024 * 1024).unwrap();
        let disk = Self { image, folder: folder.to_owned() };
        if !done(Command::new("mkfs.ext4").arg("-q").arg(&disk.image)) {
            return None;
        }
        fs::rename(folder, &aside).unwrap();
        fs::create_dir(folder).unwrap();
        if !disk.mount() {
            fs::remove_dir(folder).unwrap();
            fs::rename(&aside, folder).unwrap();
            return None;
        }
        fs::remove_dir(folder.join("lost+found")).unwrap();
        assert!(done(Command::new("cp").arg("-a").arg(aside.join(".")).arg(folder)));
        // What `cp` wrote is on the disk; what the services write they have to force there themselves.
        assert!(done(Command::new("sync").arg("--file-system").arg(folder)));
        Some(disk)
    }

    fn mount(&self) -> bool {
        done(Command::new("mount").args(["-o", "loop,errors=remount-ro"]).arg(&self.image).arg(&self.folder))
    }

    /// Read-only from one moment to the next, open files too.
    fn fail(&self) {
        assert!(done(Command::new("mount").args(["-o", "remount,abort"]).arg(&self.folder)));
        assert!(fs::write(self.folder.join("tried"), "x").is_err(), "it is read-only");
    }

    fn repair(&self) {
        assert!(done(Command::new("umount").arg(&self.folder)));
        assert!(self.mount());
    }
}

/// Takes every inode that is left; gives back what took them.
fn take_inodes(folder: &Path) -> PathBuf {
    let taken = folder.join("taken");
    fs::create_dir(&taken).unwrap();
    let error = (0..).find_map(|n| fs::write(taken.join(format!("{n}")), "").err()).unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    taken
}

fn append() -> Append {
    Append::new(EventKind::SignInRefused).fact("code", "bad-token")
}

/// It ends by itself and not well, and the next one refuses to start and says why.
fn ends_and_refuses(company: &Company, name: &str, role: &mut Role, status: i32) {
    soon(name, || role.process.try_wait().unwrap().is_some());
    assert_eq!(role.process.wait().unwrap().code(), Some(status), "{name}");
    let (status, said) = company.installation.refused(name);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("Read-only file system") && said.contains("make it writable again"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_06_without_inodes_the_audit_service_goes_on_and_starts_when_there_are_some() {
    let company = Company::new();
    let folder = company.installation.path("audit");
    let Some(_disk) = SmallDisk::under(&folder, "size=24m,nr_inodes=64") else { return eprintln!("{SKIPPED}") };
    let mut role = company.installation.start("audit");
    let log = company.installation.client("broker", "audit");
    let mut kept: Vec<Receipt> = vec![log.append(&append()).await.expect("appended")];
    let taken = take_inodes(&folder);
    for _ in 0..3 {
        kept.push(log.append(&append()).await.expect("what an entry takes is there since the start"));
    }
    assert_eq!(role.process.try_wait().unwrap(), None, "it runs on");
    company.installation.check_kept(&kept[0]).await;
    drop(role);
    let (status, said) = company.installation.refused("audit");
    assert_eq!(status, Some(1));
    assert!(said.contains("takes no more files") && said.contains("make room"), "{said}");
    fs::remove_dir_all(taken).unwrap();
    let _role = company.installation.start("audit");
    for receipt in &kept {
        company.installation.check_kept(receipt).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_06_an_audit_service_whose_disk_became_read_only_ends_and_loses_nothing() {
    let company = Company::new();
    let Some(disk) = FailingDisk::under(&company.installation.path("audit")) else { return eprintln!("{SKIPPED}") };
    let mut role = company.installation.start("audit");
    let log = company.installation.client("broker", "audit");
    let mut kept = Vec::new();
    for _ in 0..20 {
        kept.push(log.append(&append()).await.expect("appended"));
    }
    disk.fail();
    assert!(log.append(&append()).await.is_err());
    ends_and_refuses(&company, "audit", &mut role, 1);
    disk.repair();
    let _role = company.installation.start("audit");
    for receipt in &kept {
        company.installation.check_kept(receipt).await;
    }
    log.append(&append()).await.expect("it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_06_without_inodes_for_its_spool_the_gateway_opens_nothing_and_what_is_open_goes_on() {
    let mut company = Company::new();
    let _payroll = Payroll::behind(&company.installation);
    let spool = company.installation.path("gateway/spool");
    let Some(_disk) = SmallDisk::under(&spool, "size=24m,nr_inodes=64") else { return eprintln!("{SKIPPED}") };
    let _roles = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let (open, waits) = (company.approved().await, company.approved_again().await);
    let (bytes, client, browser) = company.opening_with_browser(&open);
    let session = client.open(bytes).await.expect("opened").session;
    assert_eq!(browser.page("one").await.unwrap(), 200);
    let taken = take_inodes(&spool);
    // As many as one file needs are not enough for a Session.
    fs::remove_file(taken.join("0")).unwrap();
    let (bytes, other) = company.opening(&waits);
    assert_eq!(other.open(bytes).await.expect_err("no place").code(), Some("no-spool"));
    let events = company.installation.events().await;
    assert_eq!(events.iter().filter(|e| e.kind == EventKind::SessionOpened).count(), 1, "no Grant is spent");
    assert_eq!(browser.page("two").await.unwrap(), 200, "its spool is there already");
    fs::remove_dir_all(taken).unwrap();
    let (bytes, other) = company.opening(&waits);
    other.open(bytes).await.expect("the Grant is not lost");
    for client in [&client, &other] {
        client.end().await.expect("ended");
    }
    let facts = company.installation.sealed_facts(&session).await;
    assert_eq!((facts["exchanges"].as_str(), facts["missing-batches"].as_str()), ("2", "0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_06_a_gateway_whose_spool_became_read_only_ends_and_loses_nothing() {
    let mut company = Company::new();
    let _payroll = Payroll::behind(&company.installation);
    let Some(disk) = FailingDisk::under(&company.installation.path("gateway/spool")) else {
        return eprintln!("{SKIPPED}");
    };
    let [_audit, _broker, mut gateway] = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    let (bytes, client, browser) = company.opening_with_browser(&bundle);
    let session = client.open(bytes).await.expect("opened").session;
    for page in ["one", "two", "three"] {
        assert_eq!(browser.page(page).await.unwrap(), 200);
    }
    disk.fail();
    assert!(!browser.page("four").await.is_ok_and(|status| status == 200), "a page came without its record");
    ends_and_refuses(&company, "gateway", &mut gateway, 74);
    disk.repair();
    let _gateway = company.installation.start("gateway");
    let begun = Instant::now();
    let (client, browser) = loop {
        let (bytes, client, browser) = company.opening_with_browser(&bundle);
        match client.open(bytes).await {
            Ok(opened) => break (client, (opened.session, browser)),
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(20), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(browser.0, session, "the same Session goes on");
    assert_eq!(browser.1.page("five").await.unwrap(), 200);
    client.end().await.expect("ended");
    let facts = company.installation.sealed_facts(&session).await;
    assert!(facts["exchanges"].parse::<u64>().unwrap() >= 4, "{facts:?}");
    assert_eq!(facts["missing-batches"], "0");
}
