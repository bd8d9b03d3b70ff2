use super::*;

/// A draw that is the one of so many, and one that is none.
fn draws(so_many: u64) -> (Draw, Draw) {
    let mut all = (0..).map(|n: u64| Draw::of(&n.to_string()));
    let one = all.find(|draw| draw.is_one_in(so_many)).expect("some are");
    let none = all.find(|draw| !draw.is_one_in(so_many)).expect("most are");
    (one, none)
}

#[test]
fn a_share_of_the_sessions_is_drawn_whatever_was_done_in_them() {
    for (scope, one_in, rule) in [
        (Scope::Diagnostics, 20, "drawn"),
        (Scope::Read, 20, "drawn"),
        (Scope::ReadWrite, 5, "drawn-changes"),
        (Scope::Administer, 2, "drawn-administer"),
    ] {
        let (one, none) = draws(one_in);
        let of = |draw| looked(&Context { scope, draw, ..context() }, Vec::new());
        let Looked { findings, one_in: share, drawn } = of(Some(one));
        assert_eq!((share, drawn, findings.len()), (one_in, true, 1), "{scope:?}");
        assert_eq!((findings[0].rule.as_str(), findings[0].weight), (rule, Weight::Note));
        assert!(findings[0].sentence.starts_with(&format!("Drawn for review: of {one_in} Sessions")));
        assert_eq!(of(Some(none)), Looked { findings: Vec::new(), one_in, drawn: false });
        assert_eq!(of(None), Looked { findings: Vec::new(), one_in, drawn: false }, "it runs");
    }
}

#[test]
fn of_several_shares_the_largest_counts_and_without_one_nothing_is_drawn() {
    let drawn = include_str!("../../rules/drawn.yml");
    let more = drawn.replace("name: drawn", "name: more").replace("one_in: 20", "one_in: 3");
    let (one, _) = draws(3);
    let of = |texts: &[&str]| {
        let rules = Rules::read(texts.iter().copied()).expect("rules");
        let context = Context { draw: Some(one), ..context() };
        Watch::new(Arc::new(rules), context, Room::of(0)).done()
    };
    let both = of(&[drawn, &more]);
    let names: Vec<_> = both.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!((both.one_in, both.drawn, names), (3, true, vec!["more"]));
    assert_eq!(of(&[include_str!("../../rules/export.yml")]), Looked { findings: Vec::new(), one_in: 0, drawn: false });
}
