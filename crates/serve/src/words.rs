use statement::Refusal;

use crate::ProblemResponse;

/// What a person is told when a statement, or the token that they call with, is not believed.
#[must_use]
pub fn refused(refusal: &Refusal) -> ProblemResponse {
    let (status, detail) = advice(refusal);
    ProblemResponse::new(status, refusal.code(), sentence(&refusal.to_string()), detail)
}

/// Status and what to do next.
fn advice(refusal: &Refusal) -> (u16, &'static str) {
    match refusal {
        Refusal::Malformed(_) | Refusal::TooLarge | Refusal::WrongKind | Refusal::WrongAlgorithm => {
            (400, "Update the app, then try again.")
        }
        Refusal::BadText(_) => (400, "Change the text and sign again."),
        Refusal::BadSignature
        | Refusal::WrongIssuer
        | Refusal::WrongClient
        | Refusal::WrongNonce
        | Refusal::NoPerson
        | Refusal::OtherCall => (403, "Sign out and sign in again. If it stays so, tell your security team."),
        Refusal::UnknownProviderKey | Refusal::RetiredProviderKey | Refusal::SignInTooOld | Refusal::UnknownSigner => {
            (403, "Sign in again, then repeat the step.")
        }
        Refusal::UnusedToken => (400, "Load the request again; if it stays so, update Countersign."),
        Refusal::WrongAudience => (403, "Open the join file of this installation, then sign again."),
        Refusal::FromTheFuture => (403, "Set your computer's clock, then sign again."),
        Refusal::Expired | Refusal::LivesTooLong => (409, "Sign again and send it at once."),
        Refusal::NotEnrolled => (403, "Ask an administrator to enrol this device."),
        Refusal::DeviceTooNew => {
            (403, "Wait until the computer has been enrolled for an hour, or sign on the one that you had before.")
        }
        Refusal::MissingRole => (403, "Ask your directory's administrators for the role, then sign in again."),
        Refusal::SamePerson | Refusal::SameDevice => (403, "Somebody else has to do this, from their own computer."),
        Refusal::TooFewAdministrators => (409, "Wait until another administrator has signed for the same text."),
        Refusal::PermissionsDiffer => (409, "Load the permission again and sign exactly what the other one signed."),
        Refusal::ForgettingsDiffer | Refusal::RevealsDiffer => {
            (409, "Load what was proposed again and sign exactly what the other one signed.")
        }
        Refusal::OtherReader => (403, "Sign on the computer that is to be given the values."),
        Refusal::NamesItsSigner => (403, "Have another administrator sign; nobody signs their own permission."),
        Refusal::OtherPermission | Refusal::ApprovalAndBreakGlass => {
            (409, "Load the permission again, then ask again.")
        }
        Refusal::PersonNotNamed | Refusal::OrganizationNotNamed | Refusal::NotPermittedNow => {
            (403, "Ask for a countersignature instead.")
        }
        Refusal::WiderThanPermitted => (403, "Choose what the permission allows, or ask for a countersignature."),
        Refusal::NoMoreByBreakGlass => (403, "More time takes somebody's countersignature."),
        Refusal::NoApproval => (409, "Wait until somebody has countersigned."),
        Refusal::DecidedTwice | Refusal::Denied | Refusal::ApprovalLapsed => (409, "Ask again with a new request."),
        Refusal::OtherRequest | Refusal::OtherDecisions => (409, "Load the request again and sign what it says now."),
        Refusal::WiderThanAsked | Refusal::ScopeAboveBound | Refusal::DurationOutOfBounds => {
            (403, "Choose a narrower Scope or a shorter time, then sign again.")
        }
        Refusal::OtherPolicy => (409, "Load the policy again, then sign again."),
        Refusal::NoSecondFactor | Refusal::SecondFactorTooOld => (403, "Enter a fresh code, then try again."),
        Refusal::NotTheRequester => (403, "Only the person who asked can do this."),
        Refusal::OtherTlsKey => (403, "Open the Session again from this computer."),
        Refusal::OpensNothing | Refusal::ExtendsNothing => (403, "Sign what you want to do again, then send that."),
        Refusal::OtherSession | Refusal::OtherOrganization => (403, "Ask for more time in the Session itself."),
        Refusal::OtherScope => (403, "Ask for access of its own; this Session keeps its Scope."),
        Refusal::AddsNoTime | Refusal::EndsSooner => (409, "Ask again for as long as you need."),
        Refusal::SessionOver => (409, "Ask for access again."),
        Refusal::OtherWitness => (403, "Join the installation again on this computer, then try again."),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_wrong_and_what_to_do() {
        let problem = refused(&Refusal::SamePerson);
        assert_eq!(problem.0.status, 403);
        assert_eq!(problem.code(), "same-person");
        assert_eq!(problem.0.title, "Requester and approver are the same person.");
        assert!(problem.0.detail.contains("Somebody else"));
    }
}
