//! A write that fails for another reason than a full disk: what the disk says from then on is not believed, the role
//! ends, and the next one starts from what is really there.

use std::process::Command;

use wire::event::{Append, EventKind, Receipt};

use super::people::{Company, id_of};
use super::processes::soon;
use super::rig::Role;

/// From now on this process writes nothing behind the first 32 KiB of any file: the system answers EFBIG, which SQLite
/// takes for a disk that fails, as it takes EIO.
fn break_disk_of(role: &Role) {
    let limited = Command::new("prlimit").arg(format!("--pid={}", role.process.id())).arg("--fsize=32768").status();
    assert!(limited.unwrap().success());
}

fn ends(what: &str, role: &mut Role) {
    soon(what, || role.process.try_wait().unwrap().is_some_and(|status| !status.success()));
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_a_role_whose_disk_fails_ends_and_nothing_that_it_acknowledged_is_lost() {
    let mut company = Company::new();
    let mut audit = company.installation.start_on_a_disk_that_breaks("audit");
    let mut broker = company.installation.start_on_a_disk_that_breaks("broker");
    let _gateway = company.installation.start("gateway");
    company.enrol_everybody().await;
    company.approved().await;
    let mara = company.mara.broker(&company.installation);

    break_disk_of(&broker);
    let mut asked = Vec::new();
    loop {
        let request = company.mara.ask();
        match mara.send_request(&request).await {
            Ok(_) => asked.push(id_of(&request)),
            Err(_) => break,
        }
    }
    ends("the broker goes on", &mut broker);
    let _broker = company.installation.start("broker");
    for id in &asked {
        assert_eq!(mara.request(id).await.expect("it was acknowledged").id, *id);
    }
    mara.send_request(&company.mara.ask()).await.expect("another disk");

    let log = company.installation.client("broker", "audit");
    let append = || Append::new(EventKind::SignInRefused).fact("code", "bad-token");
    let mut kept: Vec<Receipt> = vec![log.append(&append()).await.expect("appended")];
    break_disk_of(&audit);
    while let Ok(receipt) = log.append(&append()).await {
        kept.push(receipt);
    }
    ends("the audit service goes on", &mut audit);
    let _audit = company.installation.start("audit");
    for receipt in &kept {
        company.installation.check_kept(receipt).await;
    }
    log.append(&append()).await.expect("another disk");
}
