use super::*;

#[tokio::test]
async fn a_good_session_is_in_the_log_unaltered() {
    let kept = kept().await;
    let proof = kept.proof(&kept.detail).await;
    assert!(proof.verified, "{}", proof.detail);
    assert_eq!((proof.entry, proof.checkpoint, proof.detail.as_str()), (0, 2, "In the log, unaltered"));
}

#[tokio::test]
async fn a_record_that_was_altered_anywhere_is_not_verified() {
    let kept = kept().await;
    let other = World::new().shown(&kept.world.mara, "").request;
    let changes: [(&str, Box<dyn Fn(&mut SessionDetail)>); 9] = [
        ("another Organization", Box::new(|d| d.summary.organization.id = "delmar-foods".parse().unwrap())),
        ("another person", Box::new(|d| d.summary.person.0 = "e-other".into())),
        ("a narrower Scope", Box::new(|d| d.summary.scope = domain::Scope::Diagnostics)),
        ("another ticket", Box::new(|d| d.summary.ticket = "SUP-1".into())),
        ("another request", Box::new(move |d| d.bundle.request.clone_from(&other))),
        ("no decision", Box::new(|d| d.bundle.decisions.clear())),
        ("no second factor", Box::new(|d| d.bundle.mfa.clear())),
        ("another leaf", Box::new(|d| d.opened.leaf = d.opened.leaf.replace("opened-at\":\"1", "opened-at\":\"2"))),
        ("another place", Box::new(|d| d.opened.index = 1)),
    ];
    for (name, change) in changes {
        let mut detail = kept.detail.clone();
        change(&mut detail);
        let proof = kept.proof(&detail).await;
        assert!(!proof.verified && !proof.detail.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn names_approvers_and_times_that_were_not_signed_or_logged_are_a_mismatch_by_name() {
    let kept = kept().await;
    let changes: [(&str, fn(&mut SessionDetail)); 7] = [
        ("another name than", |d| d.summary.name = "Somebody Else".into()),
        ("another approver than", |d| d.summary.approvers = vec!["Adaeze Obi".into()]),
        ("another approver than", |d| d.summary.approvers.push("Adaeze Obi".into())),
        ("another approver than", |d| d.summary.approvers.clear()),
        ("another beginning than", |d| d.summary.opened_at -= 3600),
        ("another end than", |d| d.summary.ends_at += 3600),
        ("how it ended", |d| d.summary.ended_by = Some("time-is-up".into())),
    ];
    for (name, change) in changes {
        let mut detail = kept.detail.clone();
        change(&mut detail);
        let proof = kept.proof(&detail).await;
        assert!(!proof.verified && proof.detail.contains(name), "{name}: {}", proof.detail);
    }
}

#[tokio::test]
async fn a_session_cannot_stand_in_for_another() {
    let kept = kept().await;
    let other = SessionId::from(sha256("another"));
    assert!(!kept.engine.inner.proof(&kept.joined, &other, &kept.detail).await.unwrap().verified);
}

#[tokio::test]
async fn findings_are_shown_when_the_log_s_entry_is_about_them() {
    let kept = kept().await;
    let shown = async |detail: &SessionDetail| kept.engine.inner.findings(&kept.joined, &kept.id, detail).await;
    assert!(shown(&kept.detail).await.unwrap().is_none(), "nobody has looked");
    // The log's second entry is the sealing; no Findings stand in it.
    let mut other = kept.detail.clone();
    let receipt = other.sealed.clone().unwrap();
    other.examination = Some(wire::finding::Examination { findings_json: "[]".into(), receipt });
    assert_eq!(shown(&other).await.unwrap_err().code, "does-not-match");
}
