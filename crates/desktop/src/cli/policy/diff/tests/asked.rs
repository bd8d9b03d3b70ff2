use statement::sha256;
use wire::audit::LogEntry;

use super::*;
use crate::engine::asked_in_tests::{asked, entry, period};
use crate::policy_change::asked::tests::{chain, first, version_2};

/// What the change of the policy in force to `new` says of these.
fn said(new: &str, entries: &[LogEntry]) -> String {
    let (policies, new) = (chain(), Policy::read(new).unwrap());
    let old = policies.current().policy.clone();
    let asked = Some(Asked::of(&period(policies, entries), &new));
    Difference::of(&old, &new, Facts { asked, ..Facts::default() }).to_string()
}

#[test]
fn each_request_is_asked_about_under_the_policy_of_its_time_and_under_the_new_one() {
    let second = sha256(version_2());
    let new = version_2().replace("\"version\": 2", "\"version\": 3").replace("<= 900", "<= 3600");
    let text = said(
        &new,
        &[
            asked(1, "7200", &first(), None),
            asked(2, "600", &first(), None),
            asked(3, "3600", &second, Some("duration-out-of-policy")),
            asked(4, "7200", &second, Some("duration-out-of-policy")),
        ],
    );
    let expected = "
What was asked
  2026-11-18T11:06:41Z  Mara Lindqvist (e-mara) in kinloch-hotels: Maintenance, Read, 2 h
    was  allowed with 1 countersigner
    is   refused: “Maintenance” opens Read for 1 h at most. (duration-out-of-policy)
  2026-11-18T11:06:43Z  Mara Lindqvist (e-mara) in kinloch-hotels: Maintenance, Read, 1 h
    was  refused: “Maintenance” opens Read for 15 min at most. (duration-out-of-policy)
    is   allowed with 1 countersigner
  2026-11-18T11:06:44Z";
    assert!(text.contains(expected), "{text}");
    let count = "; of 4 requests asked from 2026-11-18T11:06:40Z until 2026-11-18T11:08:20Z, 1 would have been allowed, 1 \
                 refused and 0 would have needed more countersigners; 0 could not be asked about.";
    assert!(text.ends_with(count), "{text}");
}

#[test]
fn what_cannot_be_asked_about_is_named_with_why() {
    let mut gone = asked(1, "600", &first(), None);
    gone.personal.clear();
    let strange = asked(2, "600", &sha256("another policy"), None);
    let malformed = entry(3, wire::event::EventKind::RequestRefused, &[("code", "malformed")], &[]);
    let text = said(&version_2(), &[gone, strange, malformed]);
    for line in [
        "\n  2026-11-18T11:06:41Z  Somebody in kinloch-hotels (entry 1): its Organization was forgotten, and with it who asked.\n",
        "\n  2026-11-18T11:06:42Z  Mara Lindqvist (e-mara) in kinloch-hotels (entry 2): it names a policy that was never in force here.\n",
        "\nRefused without asking a policy about a request\n  1 × request-refused (malformed)\n",
        "; 2 could not be asked about.",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn what_the_broker_answered_otherwise_is_told_though_nothing_differs() {
    let text = said(
        &version_2(),
        &[
            asked(1, "7201", &first(), None),
            asked(2, "7201", &first(), Some("missing-role")),
            asked(3, "600", &first(), Some("too-many-waiting")),
        ],
    );
    assert!(text.contains("The broker took it otherwise, which is not what the policy of that time says."), "{text}");
    assert!(text.contains("The broker refused it as missing-role, which is not what"), "{text}");
    assert!(!text.contains("11:06:43Z"), "what a policy was not asked about differs in nothing: {text}");
}
