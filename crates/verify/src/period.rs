use std::fmt;

use domain::{OrgId, UnixSeconds};
use serde::Serialize;
use wire::evidence::PeriodContent;
use wire::join::TrustFile;

use crate::log::Log;
use crate::rejected::require;
use crate::report::{listed, time};
use crate::{Made, Proof, Proven, Rejected, Report, file, one};

/// What an Evidence file proves about an Organization in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodReport {
    pub organization: OrgId,
    pub from: UnixSeconds,
    pub to: UnixSeconds,
    pub proven: Vec<String>,
    pub not_proven: Vec<String>,
    /// What it proves about each Session, by the order of their openings.
    pub sessions: Vec<Report>,
}

impl fmt::Display for PeriodReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} from {} until {}", self.organization, time(self.from), time(self.to))?;
        listed(f, &self.proven, &self.not_proven)?;
        self.sessions.iter().try_for_each(|session| write!(f, "\n{session}"))
    }
}

pub(crate) fn verify(content: &str, trust: &TrustFile, log: &mut Log, made: &Made<'_>) -> Result<Proven, Rejected> {
    let content: PeriodContent = file::canonical(content, "content")?;
    check_asked(&content, made)?;
    let (mut sessions, mut signed, mut last) = (Vec::new(), Vec::new(), None);
    for (n, session) in content.sessions.iter().enumerate() {
        let named = |rejected: Rejected| Rejected { part: format!("Session {}, {}", n + 1, rejected.part), ..rejected };
        let within = (content.from..content.to).contains(&session.opened_at);
        require(within, "opening", "not in the period").map_err(named)?;
        let (report, one) = one(session, trust, log, made).map_err(named)?;
        let same = report.organization.id == content.organization;
        require(same, "opening", "of another Organization").map_err(named)?;
        let later = last.replace(report.opened_entry).is_none_or(|before| before < report.opened_entry);
        require(later, "opening", "not later than the one before it").map_err(named)?;
        sessions.push(report);
        signed.push(one);
    }
    file::check_entries(&content, made.entry)?;
    let said = match sessions.len() {
        0 => "no Session that the audit service knows of".to_owned(),
        1 => "one Session".to_owned(),
        n => format!("{n} Sessions"),
    };
    let proven = vec![format!(
        "Entry {} of the log “{}” answers for every byte of this file: {said}, each proven below.",
        made.receipt.index,
        log.name()
    )];
    let not_proven = vec![
        "That there were no other Sessions in this period: the audit service says so, and whoever reads every entry of its \
         log can check it."
            .to_owned(),
    ];
    let PeriodContent { organization, from, to, .. } = content;
    let report = PeriodReport { organization, from, to, proven, not_proven, sessions };
    Ok(Proven { proof: Proof::Period(report), sessions: signed })
}

/// The log's entry is about this Organization and period, and this many Sessions.
fn check_asked(content: &PeriodContent, made: &Made<'_>) -> Result<(), Rejected> {
    let event = &made.entry.event;
    let same = event.organization.as_ref() == Some(&content.organization) && event.session.is_none();
    require(same, "organization", "the log's entry for this file is about another one")?;
    let said = |name: &str, value: String| made.entry.fact(name) == Some(value.as_str());
    let period = said("from", content.from.to_string()) && said("to", content.to.to_string());
    require(period, "period", "the log's entry for this file is about another one")?;
    let as_many = said("sessions", content.sessions.len().to_string());
    require(as_many, "sessions", "not as many as the log's entry for this file says")
}
