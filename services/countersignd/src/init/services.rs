use std::path::PathBuf;

use anyhow::{Context as _, bail};
use domain::Organization;
use serde::Deserialize;
use toml::{Table, Value};

use super::files;

/// The services behind the gateway, as their own files describe them.
#[derive(Default)]
pub struct Services {
    pub targets: Vec<Target>,
    pub organizations: Vec<Organization>,
}

/// One `[[targets]]` table, its CA read and named anew beside `targets.toml`.
pub struct Target {
    pub table: Table,
    pub ca_file: String,
    pub ca_pem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    targets: Vec<Table>,
    organizations: Vec<Organization>,
}

impl Services {
    pub fn read(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for path in paths {
            let described: Described = toml::from_str(&files::read(path)?)
                .with_context(|| format!("{} does not describe a service", path.display()))?;
            for table in described.targets {
                let folder = path.parent().unwrap_or(std::path::Path::new("."));
                all.targets.push(Target::read(table, folder).with_context(|| path.display().to_string())?);
            }
            all.organizations.extend(described.organizations);
        }
        all.organizations.sort_by(|a, b| a.id.cmp(&b.id));
        if all.organizations.windows(2).any(|two| two[0].id == two[1].id) {
            bail!("an Organization's id stands twice in the --target files; each id is one Organization");
        }
        Ok(all)
    }
}

impl Target {
    fn read(mut table: Table, folder: &std::path::Path) -> anyhow::Result<Self> {
        let name = text(&table, "name")?;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            bail!("a target's name takes a-z, 0-9 and `-`");
        }
        let ca_pem = files::read(&folder.join(text(&table, "upstream_ca")?))?;
        let ca_file = format!("{name}-ca.pem");
        table.insert("upstream_ca".into(), Value::String(ca_file.clone()));
        Ok(Self { table, ca_file, ca_pem })
    }
}

fn text(table: &Table, key: &str) -> anyhow::Result<String> {
    Ok(table.get(key).and_then(Value::as_str).with_context(|| format!("a target has no {key}"))?.to_owned())
}
