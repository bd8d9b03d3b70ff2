use std::fmt;

use domain::legible;

use super::{Opened, RejectedFile, SessionUnder, Verdict};
use crate::policy_change::outcome::Outcome;
use crate::policy_change::{counted, time};

impl Opened {
    /// The outcome in one line.
    pub(in crate::cli::policy) fn count(&self) -> String {
        let of = |verdict: fn(&Verdict) -> bool| self.sessions.iter().filter(|s| verdict(&s.verdict)).count();
        format!(
            "Of {}{}, {} would have been refused and {} would have needed more countersigners",
            counted(self.sessions.len(), "Session"),
            self.period(),
            of(|v| *v == Verdict::Refused),
            of(|v| matches!(v, Verdict::TooFew { .. })),
        )
    }

    fn period(&self) -> String {
        let (Some(first), Some(last)) = (self.sessions.first(), self.sessions.last()) else { return String::new() };
        format!(" opened from {} to {}", time(first.opened_at), time(last.opened_at))
    }
}

impl fmt::Display for SessionUnder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let organization = &self.organization;
        writeln!(f, "{}  Session {}, under version {}", time(self.opened_at), self.session, self.version)?;
        writeln!(
            f,
            "    {} ({}) in {} ({}): {}, {}",
            legible(&self.name),
            legible(&self.person),
            legible(&organization.name),
            organization.id,
            self.reason.label(),
            self.scope.label(),
        )?;
        let why = if let Outcome::Refused(refused) = &self.new { refused.to_string() } else { String::new() };
        let takes = if let Outcome::Allowed(countersigners) = self.new { countersigners } else { self.old };
        let takes = counted(takes as usize, "countersigner");
        let old = self.old;
        match self.verdict {
            Verdict::AsBefore => write!(f, "    as before: {takes}"),
            Verdict::TakesFewer => write!(f, "    would have opened with {takes} instead of {old}"),
            Verdict::TakesMore => write!(f, "    takes {takes} instead of {old}; as many had signed, so it opens"),
            Verdict::TooFew { countersigners } => {
                let (takes, had) = (counted(countersigners as usize, "countersigner"), self.countersigned);
                write!(f, "    would have needed {takes}, and had {had}: {why}")
            }
            Verdict::Refused => write!(f, "    would have been refused: {why}"),
        }
    }
}

impl fmt::Display for RejectedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} It counts for nothing.", legible(&self.file.display().to_string()), legible(&self.why))
    }
}
