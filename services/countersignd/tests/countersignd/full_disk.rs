//! Each role on a disk that fills up: it says so, acknowledges nothing that it does not keep, and goes on when there is
//! room.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wire::event::{Append, EventKind, Receipt};

use super::people::{Company, id_of};
use super::rig::ROLES;

/// A small disk of its own under a role's folder; none where this user may not mount.
pub struct SmallDisk(PathBuf);

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

impl SmallDisk {
    /// Moves what is in the folder onto it.
    pub fn under(folder: &Path, options: &str) -> Option<Self> {
        let aside = folder.with_extension("aside");
        fs::rename(folder, &aside).unwrap();
        fs::create_dir(folder).unwrap();
        let options = format!("{options},mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(folder)
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            fs::remove_dir(folder).unwrap();
            fs::rename(&aside, folder).unwrap();
            return None;
        }
        let copied = Command::new("cp").arg("-a").arg(aside.join(".")).arg(folder).status().unwrap();
        assert!(copied.success());
        Some(Self(folder.to_owned()))
    }

    /// Takes every byte that is left.
    pub fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        let _ = Command::new("dd").args(["if=/dev/zero", "bs=4k"]).arg(format!("of={}", ballast.display())).output();
        ballast
    }

    /// Takes all room but so many pages of 4 KiB.
    pub fn leave(&self, pages: u64) -> PathBuf {
        let ballast = self.fill();
        let file = fs::OpenOptions::new().write(true).open(&ballast).unwrap();
        file.set_len(file.metadata().unwrap().len().saturating_sub(pages * 4096)).unwrap();
        ballast
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t19_each_role_says_that_its_disk_is_full_and_loses_nothing() {
    let mut company = Company::new();
    let disks = ROLES.map(|role| SmallDisk::under(&company.installation.path(role), "size=24m"));
    let [Some(audit_disk), Some(broker_disk), Some(gateway_disk)] = &disks else {
        // Elsewhere the units of each service hold the rule.
        return eprintln!("this user may not mount a small disk");
    };
    let _roles = ROLES.map(|role| company.installation.start(role));
    company.enrol_everybody().await;
    let bundle = company.approved().await;
    let mara = company.mara.broker(&company.installation);
    let broker = company.installation.client("broker", "audit");
    let mut kept: Vec<Receipt> = Vec::new();
    let append = || Append::new(EventKind::SignInRefused).fact("code", "bad-token");

    let ballast = audit_disk.fill();
    let refused = loop {
        match broker.append(&append()).await {
            Ok(receipt) => kept.push(receipt),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.code(), Some("disk-full"), "{refused}");
    let unheard = mara.send_request(&company.mara.ask()).await.expect_err("nothing is written down");
    assert_eq!(unheard.code(), Some("audit-unreachable"), "{unheard}");
    fs::remove_file(ballast).unwrap();
    kept.push(broker.append(&append()).await.expect("there is room"));
    for receipt in kept.iter().step_by(kept.len().div_ceil(50)).chain(kept.last()) {
        company.installation.check_kept(receipt).await;
    }

    let ballast = broker_disk.fill();
    let mut asked = Vec::new();
    let refused = loop {
        let request = company.mara.ask();
        match mara.send_request(&request).await {
            Ok(_) => asked.push(id_of(&request)),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.status(), Some(503), "{refused}");
    fs::remove_file(ballast).unwrap();
    let request = company.mara.ask();
    mara.send_request(&request).await.expect("there is room");
    for id in asked.iter().chain([&id_of(&request)]) {
        assert_eq!(mara.request(id).await.expect("it was acknowledged").id, *id);
    }

    let ballast = gateway_disk.fill();
    let (bytes, session) = company.opening(&bundle);
    let refused = session.open(bytes).await.expect_err("there is no room for what it would record");
    assert_eq!(refused.status(), Some(503), "{refused}");
    fs::remove_file(ballast).unwrap();
    let (bytes, session) = company.opening(&bundle);
    let opened = session.open(bytes).await.expect("the Grant is not lost");
    assert_eq!(session.status().await.expect("open").ends_at, opened.ends_at);
    session.end().await.expect("ended");
}
