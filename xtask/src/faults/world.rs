//! Everybody and everything that a sweep needs, set up once, and Sessions in it.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, ensure};
use checkpoint::LogVerifier;
use serde_json::Value;

use super::{
    heads::Heads,
    marks::Marks,
    people::People,
    role::{Role, Roles},
};
use crate::{
    desk::Desk,
    folders,
    http::Client,
    story::{
        Stage,
        line::{door::Door, setup},
    },
};

/// How long anything may take until the Session goes on after a fault.
pub const PATIENCE: Duration = Duration::from_secs(45);

pub struct World {
    pub heads: Heads,
    pub verifier: LogVerifier,
    pub roles: Roles,
    pub people: People,
    pub stage: Stage,
    sessions: u32,
}

/// A Session that somebody works in.
pub struct Held {
    pub request: String,
    pub door: Door,
    pub marks: Marks,
    /// How many writes the Organization's service had served before.
    pub written: u64,
}

impl World {
    /// From a clean state to people who may ask, with the roles as processes of our own.
    pub fn set() -> anyhow::Result<Self> {
        let folder = folders::target().join("faults").join("world");
        folders::fresh(&folder)?;
        let mut stage = Stage::set(folder, &[], Desk::apart)?;
        let people = People::set_up(&mut stage)?;
        stage.services.let_roles_go()?;
        let (dir, ports) = (stage.services.dir.clone(), stage.services.ports);
        let roles = Roles::start_all(dir.clone(), stage.logs.clone(), ports)?;
        let trust: Value = serde_json::from_slice(&std::fs::read(dir.join("trust.json"))?)?;
        let verifier = LogVerifier::parse(log_key(&trust).context("no log key in the trust file")?)?;
        let heads = Heads::begin(ports.audit(), dir.join("ca/ca.pem"));
        Ok(Self { heads, verifier, roles, people, stage, sessions: 0 })
    }

    /// A Session for an hour that may write, countersigned now, and somebody at work in it.
    pub fn open(&mut self) -> anyhow::Result<Held> {
        let Self { people, stage, .. } = self;
        self.sessions += 1;
        // The code that opens also lets the Session be resumed, for a quarter of an hour.
        let code = people.mara.code()?;
        people.mara.says(&stage.desk, &["code", &code])?;
        let mut ask = setup::request("delmar-foods").to_vec();
        (ask[7], ask[8]) = ("read-write", "--minutes=60");
        let view = people.mara.says(&stage.desk, &ask)?;
        let request = view["id"].as_str().context("a request without an id")?.to_owned();
        people.approvers.reverse();
        let [approver, _] = &mut people.approvers;
        let code = approver.code()?;
        approver.says(&stage.desk, &["approve", &request, "--code", &code])?;
        let written = self.written()?;
        let name = format!("session-{}", self.sessions);
        let door = Door::open(&self.stage.desk, &self.stage.logs, &self.people.mara, &request, &name)?;
        let marks = Marks::begin(&door.way);
        marks.more(4, PATIENCE)?;
        Ok(Held { request, door, marks, written })
    }

    /// How many writes the Organization's service has served by now.
    pub fn written(&self) -> anyhow::Result<u64> {
        let answer = Client::default().ask("GET", &self.stage.services.served, "", "")?;
        let served: Value = serde_json::from_str(&answer.body)?;
        served["organizations"]["delmar-foods"]["writes"].as_u64().context("no count of what was written")
    }

    /// The log is what everybody saw of it: the reviewer's desktop computes it again from its own last Checkpoint, and
    /// every head that was kept is its beginning.
    pub fn hold_log(&mut self) -> anyhow::Result<usize> {
        let log = self.people.ines.says(&self.stage.desk, &["check-log"])?;
        ensure!(log["verdict"] == "intact", "the log: {log}");
        self.heads.hold(&self.verifier)
    }

    /// Starts the role as it is, and waits until the Session goes on.
    pub fn settle(&mut self, role: Role, held: &Held) -> anyhow::Result<usize> {
        self.roles.start(role)?;
        held.marks.more(4, PATIENCE).with_context(|| format!("after the {} came back", role.name()))?;
        self.hold_log()
    }

    /// Where strace writes what it saw.
    pub fn strace_log(&self, role: Role) -> PathBuf {
        self.stage.logs.join(format!("{}.strace", role.name()))
    }
}

fn log_key(trust: &Value) -> Option<&str> {
    match trust {
        Value::Object(fields) => {
            fields.get("log_key").and_then(Value::as_str).or_else(|| fields.values().find_map(log_key))
        }
        _ => None,
    }
}
