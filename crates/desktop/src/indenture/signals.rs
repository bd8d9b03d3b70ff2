use domain::UnixSeconds;
use policy::{Ask, Policy};
use statement::{Directory, Enrolments, Extends};

use super::{Ground, Indenture};
use crate::view::{RequestView, SignalView};

/// A Device that was enrolled more recently than this is worth a look, in seconds.
const NEW_DEVICE: i64 = 24 * 3600;
/// A sign-in that is older than this is worth a look, in seconds.
const OLD_SIGN_IN: i64 = 4 * 3600;
const WEEK: i64 = 7 * 24 * 3600;

/// Earlier requests that this computer verified, newest first.
pub(crate) struct History<'a>(pub(crate) &'a [RequestView]);

/// "Before you sign": sentences with a verdict, worst first, at most seven. Each comes from statements that were verified
/// here; which earlier ones there are is the broker's word, and without a history nothing is said of the past.
pub(crate) fn signals(
    indenture: &Indenture<'_>,
    ground: &Ground<'_>,
    policy: &Policy,
    history: Option<&History<'_>>,
) -> Vec<SignalView> {
    let Some(request) = indenture.sound() else {
        return vec![signal("stop", "This signature does not match the request.", "Do not sign. Tell security.")];
    };
    let (body, who) = (request.statement.body(), &request.identity);
    let mut found = vec![match policy.evaluate(&Ask::of(request, None)) {
        Ok(allowed) if allowed.approvals > 1 => signal(
            "look",
            "Policy allows this with more than one countersignature.",
            &format!("It takes {}.", allowed.approvals),
        ),
        Ok(_) => signal(
            "fits",
            "Policy allows this.",
            &format!("“{}” may open {}.", body.reason.label(), body.scope.label()),
        ),
        Err(refused) => signal("stop", "Policy does not allow this.", &refused.sentence),
    }];
    found.extend(body.extends.as_ref().map(|extends| more(extends, body.duration_seconds, ground.now)));
    found.push(device(indenture, ground, who));
    let signed_in = ground.now - who.signed_in_at;
    found.push(if signed_in > OLD_SIGN_IN {
        signal("look", "The sign-in is not recent.", &format!("{} signed in {} ago.", who.name, span(signed_in)))
    } else {
        signal("fits", "Signed in recently.", &format!("{} signed in {} ago.", who.name, span(signed_in)))
    });
    if let Some(history) = history {
        found.extend(from_history(indenture, body, who, ground.now, history));
    }
    found.sort_by_key(|s| match s.verdict.as_str() {
        "stop" => 0,
        "look" => 1,
        _ => 2,
    });
    found.truncate(7);
    found
}

/// What an approver signs when a Session is to go on: how much is added, and what it comes to.
fn more(extends: &Extends, duration_seconds: i64, now: UnixSeconds) -> SignalView {
    let added = extends.opened_at.saturating_add(duration_seconds).saturating_sub(extends.ends_at);
    let open = now.saturating_sub(extends.opened_at).max(0);
    signal(
        "look",
        "This asks for more time in a Session that is open.",
        &format!(
            "{} more in the Session that has been open for {}; {} in all.",
            span(added),
            span(open),
            span(duration_seconds)
        ),
    )
}

fn from_history(
    indenture: &Indenture<'_>,
    body: &statement::Request,
    who: &statement::Identity,
    now: UnixSeconds,
    history: &History<'_>,
) -> Vec<SignalView> {
    let earlier: Vec<&RequestView> = history
        .0
        .iter()
        .filter(|r| r.id != indenture.shown.id.as_str() && r.left.person == who.person.0)
        .filter(|r| i64::from(r.left.at) > now - WEEK)
        .filter(|r| !is_of_session(r, body))
        .collect();
    let same_place = earlier.iter().filter(|r| r.organization.id == body.organization.id.as_str()).count();
    let mut found = Vec::new();
    found.push(match same_place {
        0 => {
            signal("fits", "First request for this Organization in 7 days.", "As far as the broker shows you requests.")
        }
        1 => signal("look", "Asked for this Organization before.", "Once in the last 7 days."),
        n => signal("look", "Asked for this Organization before.", &format!("{n} times in the last 7 days.")),
    });
    if earlier.iter().any(|r| r.justification == body.justification) {
        found.push(signal("look", "The justification is copied.", "An earlier request has the same words."));
    }
    if earlier.iter().any(|r| r.ticket == body.ticket && r.organization.id != body.organization.id.as_str()) {
        found.push(signal("look", "The ticket was used for another Organization.", &body.ticket));
    }
    found
}

/// What opened the Session that is to be extended, or asked for more time in it: it has the same words, and says nothing.
fn is_of_session(earlier: &RequestView, body: &statement::Request) -> bool {
    body.extends.as_ref().is_some_and(|of| {
        let opened = earlier.id == of.request.as_str();
        opened || earlier.extends.as_ref().is_some_and(|same| same.session == of.session.as_str())
    })
}

fn device(indenture: &Indenture<'_>, ground: &Ground<'_>, who: &statement::Identity) -> SignalView {
    if ground.trust.first_administrators.contains(&who.device) {
        return signal("look", "Signed with a first administrator's key.", "It needs nobody's enrolment.");
    }
    // Only what counted: a good signature alone enrols nobody.
    let enrolled =
        Directory::new(&indenture.shown.pk_tokens, ground.trust, ground.provider).ok().and_then(|directory| {
            let enrols = &indenture.shown.enrols;
            let mut known = Enrolments::derive(enrols, &directory, ground.trust, ground.now);
            let statements = enrols.iter().filter_map(|e| directory.verify_enrol(e).ok());
            statements
                .filter(|(s, _)| s.body().device == who.device && s.body().person == who.person)
                .filter(|(s, by)| known.add(s, by, ground.trust, ground.now).is_ok())
                .min_by_key(|(s, _)| s.payload().iat)
        });
    match enrolled {
        Some((statement, by)) => {
            let age = ground.now - statement.payload().iat;
            let detail = format!("{} enrolled it {} ago.", by.name, span(age));
            if age < NEW_DEVICE {
                signal("look", "The Device is new.", &detail)
            } else {
                signal("fits", "A known Device.", &detail)
            }
        }
        None => signal("stop", "Nobody enrolled this Device.", "The chain of enrolments does not name it."),
    }
}

fn signal(verdict: &str, title: &str, detail: &str) -> SignalView {
    SignalView { verdict: verdict.to_owned(), title: title.to_owned(), detail: detail.to_owned() }
}

fn span(seconds: i64) -> String {
    match seconds.max(0) {
        s if s < 90 => format!("{s} s"),
        s if s < 5400 => format!("{} min", s / 60),
        s if s < 2 * 86_400 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}
