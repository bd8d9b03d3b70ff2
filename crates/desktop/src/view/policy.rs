use serde::{Deserialize, Serialize};
use specta::Type;

/// What the policy allows, for the form.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    pub digest: String,
    pub rules: Vec<PolicyRuleView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRuleView {
    pub reason: String,
    pub scope: String,
    /// 0 when the scope is not allowed for the reason.
    pub max_duration_seconds: u32,
    pub approvals: u32,
    /// Why not, in words, when it is not allowed.
    pub refusal: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    pub id: String,
    pub name: String,
}

/// The policies of this installation.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PoliciesView {
    /// From the pinned one to the one in force.
    pub adopted: Vec<AdoptedPolicyView>,
    /// Those that wait for a second administrator; for administrators.
    pub proposed: Vec<ProposedPolicyView>,
}

/// A policy that is in force or was.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AdoptedPolicyView {
    pub digest: String,
    pub version: String,
    pub name: String,
    pub text: String,
    /// The administrators who adopted it; nobody for the pinned one.
    pub by: Vec<String>,
    /// When the last of them signed.
    pub at: Option<u32>,
    pub comments: Vec<String>,
}

/// A policy that one administrator signed for.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProposedPolicyView {
    pub digest: String,
    pub version: String,
    pub name: String,
    pub text: String,
    pub by: String,
    pub key_short: String,
    pub at: u32,
    /// Until when another administrator can sign for it.
    pub until: u32,
    pub comment: String,
    /// Proposed by whoever looks: somebody else has to sign.
    pub mine: bool,
    /// What it allows more than the policy in force, and by what it may allow more; empty when it is known to allow nothing more.
    pub allows_more: Vec<AllowsMoreView>,
    /// `another-log` or `not-compared`, when somebody who signed is not known to have seen this log: then nobody signs it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_saw: Option<String>,
}

/// One thing that a policy allows more than another, or may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum AllowsMoreView {
    /// A reason opens a Scope, for longer, or with fewer countersigners, for an engineer of whom nothing else is known.
    Offer {
        reason: String,
        scope: String,
        /// Nothing where it does not open.
        old: Option<TermsView>,
        new: TermsView,
        /// When in the week, if not always.
        when: Option<String>,
    },
    /// What is new waits for less before its person asks and opens.
    WaitToAsk { old_seconds: u32, new_seconds: u32 },
    /// What is new waits for less before its person countersigns.
    WaitToCountersign { old_seconds: u32, new_seconds: u32 },
    /// Recordings are destroyed earlier.
    Recordings { old_days: u32, new_days: u32 },
    /// An Organization refuses these employers or countries no longer.
    LetsIn { organization: String, who: Vec<String> },
    /// May: something else that rules can ask of an Organization is another.
    Organization { organization: String },
    /// May: the hours that rules speak of are those of another time zone.
    TimeZone { old: String, new: String },
    /// May: a rule that permits, and none in force is known to permit as much.
    Permits { rule: String, sentence: String },
    /// May: a rule in force that stands in the way, and none of the other text is known to do so as much.
    StoodInTheWay { rule: String, sentence: String },
    /// May: there is too much in the texts to compare what they offer.
    NotCompared,
}

/// The longest duration, and how many countersign at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TermsView {
    pub max_duration_seconds: u32,
    pub countersigners: u32,
}

/// What another policy would have said to everything that was asked in the last 30 days, each beside what the policy of its
/// time said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyLastMonthView {
    pub from: u32,
    pub until: u32,
    pub requests: u32,
    /// They were allowed.
    pub refused: u32,
    /// They were refused.
    pub allowed: u32,
    /// They would have needed more countersigners than they did.
    pub more: u32,
    /// They would have needed fewer.
    pub fewer: u32,
    /// No policy can be asked about so many more.
    pub not_asked: u32,
}
