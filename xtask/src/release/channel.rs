//! What tells installed apps of a newer version: the package's signature and a manifest that carries it.
//!
//! The secret key never comes here. minisign reads it and asks for its password, on this computer or on one that has no
//! network; what it made is verified before a manifest is written.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::commands;

/// Who signs, and where apps look.
pub struct Channel {
    /// The public key, as minisign wrote it.
    pub update_key: PathBuf,
    /// The address of the manifest; the package lies beside it.
    pub update_from: String,
}

impl Channel {
    /// What the app is built with.
    pub fn configuration(&self) -> anyhow::Result<String> {
        let key = fs::read_to_string(&self.update_key).context("the public key cannot be read")?;
        if !key.starts_with("untrusted comment: minisign public key") {
            bail!("{} is no public key of minisign", self.update_key.display());
        }
        beside(&self.update_from, "")?;
        let updater = json!({ "pubkey": STANDARD.encode(key), "endpoints": [self.update_from] });
        Ok(json!({ "plugins": { "updater": updater } }).to_string())
    }

    /// Has minisign sign the package, in its own words with the person who knows the password.
    pub fn sign(&self, package: &Path, secret_key: &Path) -> anyhow::Result<PathBuf> {
        needs_minisign()?;
        let signature = beside_file(package, "minisig");
        let comment = comment(package)?;
        let (package, key, out) =
            (package.to_string_lossy(), secret_key.to_string_lossy(), signature.to_string_lossy());
        let arguments = ["-S", "-s", &key, "-m", &package, "-x", &out, "-t", &comment];
        commands::run(Path::new("."), "minisign", &arguments)?;
        Ok(signature)
    }

    /// Writes the manifest beside the package, when the signature is this key's and names this version.
    pub fn announce(&self, package: &Path, signature: &Path) -> anyhow::Result<PathBuf> {
        needs_minisign()?;
        let mut verify = Command::new("minisign");
        verify.arg("-V").arg("-Q").arg("-p").arg(&self.update_key).arg("-m").arg(package).arg("-x").arg(signature);
        let said = commands::output(&mut verify).context("the signature is not this key's over this package")?;
        let (version, signature) = (version(package)?, fs::read(signature)?);
        let manifest = manifest(&version, said.trim_end(), &self.address(package)?, &signature)?;
        let path = package.with_file_name("latest.json");
        fs::write(&path, manifest)?;
        Ok(path)
    }

    fn address(&self, package: &Path) -> anyhow::Result<String> {
        beside(&self.update_from, &package.file_name().unwrap_or_default().to_string_lossy())
    }
}

/// The line that a computer without a network runs.
pub fn line(package: &Path) -> anyhow::Result<String> {
    let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let comment = comment(package)?.replace('\t', "\\t");
    Ok(format!("minisign -S -s countersign.key -m {name} -t \"$(printf '{comment}')\""))
}

/// The app reads the version from it: what was signed once is never taken for something newer.
fn comment(package: &Path) -> anyhow::Result<String> {
    let name = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(format!("file:{name}\tversion:{}", version(package)?))
}

fn version(package: &Path) -> anyhow::Result<String> {
    let said = commands::output(Command::new("dpkg-deb").arg("--field").arg(package).arg("Version"))?;
    Ok(said.trim().to_owned())
}

fn manifest(version: &str, comment: &str, address: &str, signature: &[u8]) -> anyhow::Result<String> {
    if !comment.split('\t').any(|field| field == format!("version:{version}")) {
        bail!("the signature is for another version than {version}: {comment}");
    }
    let target = format!("{}-{}-deb", std::env::consts::OS, std::env::consts::ARCH);
    let platform = json!({ "url": address, "signature": STANDARD.encode(signature) });
    Ok(serde_json::to_string_pretty(&json!({ "version": version, "platforms": { target: platform } }))?)
}

/// The address of a file in the same folder as the manifest.
fn beside(manifest: &str, name: &str) -> anyhow::Result<String> {
    match manifest.rsplit_once('/') {
        Some((folder, _)) if folder.starts_with("https://") && folder.len() > "https://".len() => {
            Ok(format!("{folder}/{name}"))
        }
        _ => bail!("`{manifest}` is no address of a manifest: https://…/latest.json"),
    }
}

fn beside_file(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(end);
    path.with_file_name(name)
}

fn needs_minisign() -> anyhow::Result<()> {
    if commands::exists("minisign") { Ok(()) } else { bail!("minisign is missing: apt-get install minisign") }
}

#[cfg(test)]
mod tests {
    use super::{beside, manifest};

    #[test]
    fn a_manifest_says_what_the_signature_says() {
        let comment = "timestamp:1\tfile:countersign_0.2.0_amd64.deb\tversion:0.2.0";
        let made = manifest("0.2.0", comment, "https://x.test/a.deb", b"sig").expect("a manifest");
        let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
        assert_eq!(made["version"], "0.2.0");
        let target = format!("{}-{}-deb", std::env::consts::OS, std::env::consts::ARCH);
        assert_eq!(made["platforms"][&target]["url"], "https://x.test/a.deb");
        assert_eq!(made["platforms"][&target]["signature"], "c2ln");
        for other in ["version:0.1.0", "file:version:0.2.0", "version:0.2.0.1", ""] {
            manifest("0.2.0", other, "https://x.test/a.deb", b"sig").expect_err(other);
        }
    }

    #[test]
    fn apps_look_over_https_only() {
        assert_eq!(beside("https://x.test/a/latest.json", "b.deb").expect("an address"), "https://x.test/a/b.deb");
        for address in
            ["http://x.test/latest.json", "https://x.test", "latest.json", "file:///latest.json", "https:///x"]
        {
            beside(address, "b.deb").expect_err(address);
        }
    }
}
