//! `countersign break-glass`: for emergencies, signed by two administrators before there is one.

use clap::{Args, Subcommand};
use domain::legible;

use super::code::code;
use super::print::{self, Printer, time, waits};
use crate::Engine;
use crate::view::{BreakGlassNotice, PermissionForm, PermissionView, PermissionsView, RequestForm, UiError};

#[derive(Subcommand)]
pub(super) enum BreakGlassCommand {
    /// List permissions that name you, or all of them (administrators, reviewers).
    List,
    /// Sign in advance who may open what in an emergency (administrators). Another administrator has to sign the same.
    Propose(Proposed),
    /// Sign what another administrator proposed (administrators).
    Sign {
        #[arg(allow_hyphen_values = true)]
        permission: String,
        /// Of this moment; each is good once. `-` reads it from standard input.
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Ask by a permission that names you; `open` opens it then. Everybody who was not asked is told.
    Use(Used),
    /// Read what the audit service tells you: Sessions that were opened without you.
    Notices,
    /// List Sessions that were opened so and that nobody else has reviewed (reviewers).
    Duties,
}

#[derive(Args)]
pub(super) struct Proposed {
    /// Who may use it; several times for several people.
    #[arg(long = "person", required = true)]
    persons: Vec<String>,
    /// Where; several times for several Organizations.
    #[arg(long = "organization", required = true)]
    organizations: Vec<String>,
    /// The widest Scope.
    #[arg(long, default_value = "read")]
    scope: String,
    /// The longest Session, in minutes.
    #[arg(long, default_value_t = 60)]
    minutes: u32,
    /// It ends so many days from now.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=90))]
    days: u32,
    /// How many Sessions it opens.
    #[arg(long, default_value_t = 1)]
    uses: u32,
    /// Why, in 10 characters or more.
    #[arg(long)]
    reason: String,
    /// Of this moment; each is good once. `-` reads it from standard input.
    #[arg(long, value_parser = code)]
    code: String,
}

#[derive(Args)]
pub(super) struct Used {
    #[arg(allow_hyphen_values = true)]
    permission: String,
    organization: String,
    #[arg(long, default_value = "security-incident")]
    reason: String,
    #[arg(long)]
    ticket: String,
    #[arg(long)]
    justification: String,
    #[arg(long, default_value = "read")]
    scope: String,
    /// Minutes.
    #[arg(long, default_value_t = 30)]
    minutes: u32,
}

pub(super) async fn break_glass(engine: &Engine, command: BreakGlassCommand, printer: &Printer) -> Result<(), UiError> {
    let view = match command {
        BreakGlassCommand::List => engine.break_glass().await?,
        BreakGlassCommand::Propose(asked) => {
            let form = PermissionForm {
                persons: asked.persons,
                organizations: asked.organizations,
                scope: asked.scope,
                duration_seconds: asked.minutes.saturating_mul(60),
                lasts_seconds: asked.days.saturating_mul(24 * 3600),
                uses: asked.uses,
                reason: asked.reason,
            };
            engine.propose_break_glass(form, &asked.code).await?
        }
        BreakGlassCommand::Sign { permission, code } => engine.countersign_break_glass(&permission, &code).await?,
        BreakGlassCommand::Use(asked) => {
            let form = RequestForm {
                organization: asked.organization,
                reason: asked.reason,
                ticket: asked.ticket,
                justification: asked.justification,
                scope: asked.scope,
                duration_seconds: asked.minutes.saturating_mul(60),
            };
            let request = engine.use_break_glass(&asked.permission, form).await?;
            printer.show(&request, || print::request(&request));
            return Ok(());
        }
        BreakGlassCommand::Notices => {
            let notices = engine.break_glass_notices().await?;
            printer.show(&notices, || lines(&notices, notice));
            return Ok(());
        }
        BreakGlassCommand::Duties => {
            let duties = engine.duties().await?;
            printer.show(&duties, || print::sessions(&duties));
            return Ok(());
        }
    };
    printer.show(&view, || in_words(&view));
    Ok(())
}

fn in_words(view: &PermissionsView) -> String {
    let proposed = view.proposed.iter().map(|p| {
        let next = waits(p.signer_saw.as_deref(), "another administrator has to sign it");
        format!("{}\n  {next}", permission(p))
    });
    let filed = view.permissions.iter().map(|p| match p.signer_saw.as_deref() {
        None => permission(p),
        saw => format!("{}\n  {}", permission(p), waits(saw, "")),
    });
    let all: Vec<String> = filed.chain(proposed).collect();
    if all.is_empty() { "None.".into() } else { all.join("\n\n") }
}

fn permission(view: &PermissionView) -> String {
    let organizations: Vec<String> =
        view.organizations.iter().map(|o| format!("{} ({})", legible(&o.name), legible(&o.id))).collect();
    format!(
        "{}\n  {} may open {} · {} · {} s · used {} of {} · until {}\n  signed by {}: {}",
        legible(&view.id),
        legible(&view.persons.join(", ")),
        organizations.join(", "),
        view.scope,
        view.duration_seconds,
        view.used,
        view.uses,
        time(view.until),
        legible(&view.by.join(" and ")),
        legible(&view.reason)
    )
}

fn notice(view: &BreakGlassNotice) -> String {
    let reviewed = if view.reviewed { "reviewed" } else { "NOT REVIEWED" };
    format!(
        "{}  {}  {} opened {} ({}) by break-glass · {} · {}: {} · signed in advance by {} · {reviewed}",
        view.session,
        time(view.opened_at),
        legible(&view.name),
        legible(&view.organization.name),
        legible(&view.organization.id),
        view.scope,
        legible(&view.reason),
        legible(&view.ticket),
        legible(&view.signed_by.join(" and "))
    )
}

fn lines<T>(list: &[T], line: impl Fn(&T) -> String) -> String {
    if list.is_empty() { "None.".into() } else { list.iter().map(line).collect::<Vec<_>>().join("\n") }
}
