use wire::audit::ReviewView as Shown;

use super::kept::lines;
use super::*;

fn review(kept: &Kept, by: &Person, at: i64) -> Shown {
    let manifest = manifest_digest(kept.detail.manifest.as_ref().unwrap());
    let verdict = ReviewVerdict::NothingToReport;
    let body = Review { manifest, note: "Fine.".into(), session: kept.id.clone(), verdict };
    let statement = by.sign(body, at, "");
    let (name, note) = (by.name.clone(), "Fine.".to_owned());
    Shown { statement, reviewer_token: by.pk_token.clone(), name, at, verdict, note }
}

fn enrol(by: &Person, who: &Person, at: i64) -> String {
    by.sign(statement::Enrol { device: who.thumbprint(), person: who.id.clone() }, at, "")
}

async fn check(kept: &Kept, by: &Person, enrols: Vec<String>, tokens: Vec<String>) -> SignatureCheck {
    let mut detail = kept.detail.clone();
    detail.reviews = vec![review(kept, by, NOW + 40)];
    (detail.reviewer_enrols, detail.reviewer_enrol_tokens) = (enrols, tokens);
    let took_part = [kept.world.mara.id.0.clone(), kept.world.tomasz.id.0.clone()];
    kept.engine.inner.reviews(&kept.joined, &kept.id, &detail, &took_part).await.unwrap()[0].check
}

#[tokio::test]
async fn a_review_on_an_enrolled_device_checks_out() {
    let kept = kept().await;
    let (ben, ines) = (&kept.world.ben, &kept.world.ines);
    let enrols = vec![enrol(ben, ines, NOW - 50)];
    assert_eq!(check(&kept, ines, enrols, vec![ben.pk_token.clone()]).await, SignatureCheck::ChecksOut);
}

#[tokio::test]
async fn a_review_on_a_device_that_nobody_enrolled_does_not_match() {
    let kept = kept().await;
    let (ben, ines, tomasz) = (&kept.world.ben, &kept.world.ines, &kept.world.tomasz);
    let tokens = vec![ben.pk_token.clone()];
    let other = Person::new(&kept.world.idp, &kept.world.trust.issuer, &ines.id.0, &ines.name, &["reviewer"]);
    let cases = [
        ("no enrolment", ines, vec![]),
        ("of another Device of hers", ines, vec![enrol(ben, &other, NOW - 50)]),
        ("by somebody who is no administrator", ines, vec![enrol(tomasz, ines, NOW - 50)]),
        ("by herself", ines, vec![enrol(ines, ines, NOW - 50)]),
        ("after the review", ines, vec![enrol(ben, ines, NOW + 50)]),
        ("another account of hers", &other, vec![enrol(ben, ines, NOW - 50)]),
        ("one who took part", tomasz, vec![enrol(ben, ines, NOW - 50)]),
    ];
    for (name, by, enrols) in cases {
        assert_eq!(check(&kept, by, enrols, tokens.clone()).await, SignatureCheck::DoesNotMatch, "{name}");
    }
}

async fn reviewed(kept: &Kept, by: &Person, verdict: ReviewVerdict) -> Result<Digest, String> {
    let person = kept.signed_in(by);
    let inner = &kept.engine.inner;
    inner.reviewed(&kept.joined, &kept.audit, &person, &kept.id, &kept.detail, verdict).await.map_err(|e| e.code)
}

#[tokio::test]
async fn a_review_is_signed_by_a_reviewer_who_took_no_part_over_what_was_sealed() {
    use ReviewVerdict::{Flagged, NothingToReport};
    let kept = kept().await;
    let manifest = manifest_digest(kept.detail.manifest.as_ref().unwrap());
    let world = &kept.world;
    let own = Person::with_key(
        &world.idp,
        &world.trust.issuer,
        &world.mara.id.0,
        &world.mara.name,
        &["engineer", "reviewer"],
        world.mara.device.clone(),
    );
    assert_eq!(reviewed(&kept, &world.ines, NothingToReport).await, Ok(manifest.clone()));
    assert_eq!(reviewed(&kept, &world.ben, NothingToReport).await, Err("missing-role".into()));
    assert_eq!(reviewed(&kept, &own, NothingToReport).await, Err("same-person".into()));
    kept.stored().segments[1] = lines(&kept::frames()[0]);
    assert_eq!(reviewed(&kept, &world.ines, NothingToReport).await, Err("does-not-match".into()));
    assert_eq!(reviewed(&kept, &world.ines, Flagged).await, Ok(manifest), "and it can be flagged");
}

#[tokio::test]
async fn whoever_countersigned_more_time_took_part() {
    let kept = kept().await;
    let (world, mut bundle) = (&kept.world, kept.detail.bundle.clone());
    let by = |bundle: &Bundle| extended_by(bundle, &world.trust, &world.provider);
    assert_eq!(by(&bundle), Some(vec![world.tomasz.id.0.clone()]));
    bundle.pk_tokens.retain(|token| *token != world.tomasz.pk_token);
    assert_eq!(by(&bundle), None, "somebody unknown is not nobody");
}

#[tokio::test]
async fn l_02_a_review_by_one_who_saw_another_log_does_not_match() {
    for (size, forked) in [(1, true), (2, true), (52, true), (2, false)] {
        let kept = kept().await;
        let (ben, ines) = (&kept.world.ben, &kept.world.ines);
        let seen = if forked { kept::signer().sign(size, &[9; 32]) } else { kept.stored().note.clone() };
        seen.clone_into(&mut ines.saw.lock().unwrap());
        let leaves: Vec<_> =
            kept.stored().entries.iter().map(|entry| merkle::leaf_hash(entry.leaf.as_bytes())).collect();
        let path = merkle::consistency_path(1, &leaves).iter().map(statement::base64url).collect::<Vec<_>>();
        let proof = serde_json::json!({ "from": 1, "to": 2, "path": path });
        kept.stored().others.insert("/v1/consistency?from=1&to=2".into(), proof);
        let expected = if forked { SignatureCheck::DoesNotMatch } else { SignatureCheck::ChecksOut };
        let enrols = vec![enrol(ben, ines, NOW - 50)];
        assert_eq!(check(&kept, ines, enrols, vec![ben.pk_token.clone()]).await, expected, "{size}");
    }
}
