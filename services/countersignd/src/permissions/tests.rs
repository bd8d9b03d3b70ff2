use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::*;

/// An installation with a gateway, as `init` leaves it: every file that a role names.
struct Made(TempDir);

impl Made {
    fn new() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        for folder in ["gateway", "gateway/spool", "ca"] {
            fs::create_dir(made.path(folder)).unwrap();
            made.mode(folder, 0o700);
        }
        made.write(
            "gateway/gateway.toml",
            "certificate = \"tls.pem\"\nprivate_key = \"tls.key\"\nca = \"ca.pem\"\nprovider_ca = \"provider.pem\"\n\
             assertion_key = \"assertion.key\"\nmasking_key = \"masking.key\"\ntargets = \"targets.toml\"\nspool = \"spool\"\n\
             database = \"gateway.sqlite\"\n",
        );
        made.write("gateway/targets.toml", "[[targets]]\nname = \"payroll\"\nupstream_ca = \"payroll-ca.pem\"\n");
        for public in ["tls.pem", "ca.pem", "provider.pem", "payroll-ca.pem"] {
            made.write(&format!("gateway/{public}"), "public");
        }
        for public in ["join.json", "trust.json", "ca/ca.pem"] {
            made.write(public, "public");
        }
        for secret in ["gateway/tls.key", "gateway/assertion.key", "gateway/masking.key", "ca/ca.key"] {
            made.write(secret, "secret");
            made.mode(secret, 0o600);
        }
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        self.mode(name, 0o644);
    }

    fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn check(&self) -> Result<(), String> {
        self.check_where(None)
    }

    fn check_where(&self, private_group: Option<u32>) -> Result<(), String> {
        let guard = Guard::of(fs::metadata(self.0.path()).unwrap().uid(), private_group);
        let config = self.path("gateway/gateway.toml");
        role(&guard, &config).and_then(|()| installation(&guard, self.0.path())).map_err(|error| format!("{error:#}"))
    }

    fn refused(&self, names: &str, says: &str) {
        let said = self.check().expect_err(names);
        assert!(said.contains(names) && said.contains(says), "{names}, {says}: {said}");
    }
}

#[test]
fn ops_09_an_installation_as_it_was_made_is_good() {
    let made = Made::new();
    assert_eq!(made.check(), Ok(()));
    made.write("gateway/gateway.sqlite", "");
    made.mode("gateway/gateway.toml", 0o600);
    assert_eq!(made.check(), Ok(()));
    fs::remove_dir_all(made.path("ca")).unwrap();
    assert_eq!(made.check(), Ok(()), "the authority's key was put away");
}

#[test]
fn ops_09_a_secret_that_others_read_is_refused_with_what_to_do() {
    for secret in ["gateway/tls.key", "gateway/assertion.key", "gateway/masking.key", "ca/ca.key"] {
        for mode in [0o604, 0o640, 0o601] {
            let made = Made::new();
            made.mode(secret, mode);
            made.refused(secret, "chmod 600");
        }
    }
}

#[test]
fn ops_09_what_the_key_service_is_called_with_is_its_owners() {
    for (key, mode) in [("file", 0o640), ("token", 0o640), ("credentials", 0o604), ("ca", 0o666)] {
        let made = Made::new();
        made.write("gateway/gateway.toml", &format!("[key_service]\nkind = \"transit\"\n{key} = \"held\"\n"));
        made.write("gateway/held", "held");
        made.mode("gateway/held", 0o600);
        assert_eq!(made.check(), Ok(()));
        made.mode("gateway/held", mode);
        made.refused("gateway/held", "chmod");
    }
}

#[test]
fn ops_09_what_others_change_is_refused_secret_or_not() {
    let files = [
        "gateway/gateway.toml",
        "gateway/targets.toml",
        "gateway/ca.pem",
        "gateway/tls.pem",
        "gateway/provider.pem",
        "gateway/payroll-ca.pem",
        "gateway/gateway.sqlite",
        "gateway/gateway.sqlite-wal",
        "gateway/gateway.proofs",
        "join.json",
        "trust.json",
        "ca/ca.pem",
    ];
    for file in files {
        for mode in [0o664, 0o646] {
            let made = Made::new();
            if !made.path(file).exists() {
                made.write(file, "");
            }
            assert_eq!(made.check(), Ok(()));
            made.mode(file, mode);
            made.refused(file, "can be changed by other users");
        }
    }
}

#[test]
fn ops_09_a_folder_that_others_write_to_is_refused_however_far_above() {
    for (folder, name) in [("gateway", "gateway"), ("gateway/spool", "spool"), ("ca", "ca"), ("", "")] {
        for mode in [0o770, 0o707] {
            let made = Made::new();
            made.mode(folder, mode);
            made.refused(name, "other users");
        }
    }
    let made = Made::new();
    made.mode("", 0o1777);
    assert_eq!(made.check(), Ok(()), "in a folder like /tmp nobody takes away what is another's");
}

#[test]
fn ops_09_a_link_in_the_place_of_a_file_is_refused() {
    for file in ["gateway/gateway.toml", "gateway/tls.key", "gateway/ca.pem", "gateway/payroll-ca.pem", "trust.json"] {
        let made = Made::new();
        let aside = made.path("aside");
        fs::rename(made.path(file), &aside).unwrap();
        symlink(&aside, made.path(file)).unwrap();
        made.refused(file, "symbolic link");
    }
}

#[test]
fn ops_09_a_link_to_a_folder_that_others_write_to_is_refused() {
    let made = Made::new();
    let other = made.path("other");
    fs::create_dir(&other).unwrap();
    fs::rename(made.path("gateway"), other.join("gateway")).unwrap();
    symlink("other/gateway", made.path("gateway")).unwrap();
    made.mode("other", 0o755);
    assert_eq!(made.check(), Ok(()), "a link of one's own to a folder of one's own");
    made.mode("other", 0o777);
    made.refused("other", "other users can put files");
    fs::remove_file(made.path("gateway")).unwrap();
    symlink("gateway", made.path("gateway")).unwrap();
    made.refused("gateway", "");
}

#[test]
fn ops_09_what_is_missing_is_said() {
    for file in ["gateway/tls.key", "gateway/ca.pem", "gateway/targets.toml", "gateway/payroll-ca.pem"] {
        let made = Made::new();
        fs::remove_file(made.path(file)).unwrap();
        made.refused(file, "is not there");
    }
}

#[test]
fn ops_09_what_belongs_to_somebody_else_is_refused() {
    let made = Made::new();
    let key = made.path("gateway/tls.key");
    let owner = fs::metadata(&key).unwrap().uid();
    assert!(Guard::of(owner, None).file(&key, Readers::Owner).is_ok());
    if owner == 0 {
        // Root's own files are everybody's to rely on; somebody else's are not root's.
        assert!(Guard::of(1000, None).file(&key, Readers::Owner).is_ok());
        std::os::unix::fs::chown(&key, Some(1000), None).unwrap();
    }
    let stranger = Guard::of(owner.wrapping_add(1), None);
    let error = stranger.file(&key, Readers::Owner).unwrap_err().to_string();
    assert!(error.contains("belongs to another user") && error.contains("chown"), "{error}");
}

#[test]
fn ops_09_a_group_of_one_may_write_what_its_user_may_and_read_no_secret() {
    let made = Made::new();
    let group = fs::metadata(made.0.path()).unwrap().gid();
    made.mode("gateway", 0o770);
    made.mode("gateway/targets.toml", 0o664);
    made.refused("gateway", "other users");
    assert_eq!(made.check_where(Some(group)), Ok(()));
    made.mode("gateway/targets.toml", 0o666);
    assert!(made.check_where(Some(group)).is_err(), "everybody is not the group");
    made.mode("gateway/targets.toml", 0o664);
    made.mode("gateway/tls.key", 0o640);
    assert!(made.check_where(Some(group)).is_err(), "a secret is its owner's alone");
}
