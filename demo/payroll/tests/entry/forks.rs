//! The service behind the gateway, when somebody who signed was shown another log than the one that the proof leads to.

use std::collections::BTreeMap;

use super::*;

/// Heads that the log's key signed: of the log's size and another root, of a size that it had, of one that it has not yet, and
/// an old one of its own.
fn heads_to_see(company: &Company) -> [(String, StatusCode); 4] {
    let of_a_fork = |size: u64| {
        let mut fork = company.log.fork_at(0);
        for n in 0..size {
            fork.append_leaf(format!("another {n}"), BTreeMap::new());
        }
        fork.checkpoint()
    };
    let size = company.log.size();
    let forks = [size + 1, size, size + 50].map(|size| (of_a_fork(size), StatusCode::FORBIDDEN));
    let [same, earlier, ahead] = forks;
    [same, earlier, ahead, (company.log.checkpoint_of(size - 1), StatusCode::OK)]
}

#[tokio::test]
async fn l_02_the_service_lets_nobody_in_whose_signer_was_shown_another_log() {
    for (who, name) in ["requester", "approver", "administrator"].into_iter().enumerate() {
        for which in 0..4 {
            let mut stage = Stage::set(&format!("forked-{name}-{which}")).await;
            with_a_past(&mut stage.company);
            let [(note, expected), ..] = &heads_to_see(&stage.company)[which..] else { panic!("there are four") };
            let company = &mut stage.company;
            let [administrator, _] = &mut company.administrators;
            [&mut company.engineer, &mut company.approver, administrator][who].saw = note.clone();
            let claims = stage.opened();
            assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, *expected, "{name} {which}");
        }
    }
}

#[tokio::test]
async fn l_02_a_proof_without_what_holds_it_to_the_log_is_none() {
    let mut stage = Stage::set("untied").await;
    stage.company.log.append_leaf("earlier".into(), BTreeMap::new());
    stage.company.engineer.saw = stage.company.log.checkpoint();
    let good = stage.company.good();
    let bundle_json = serde_json::to_string(&good.bundle).unwrap();
    let index = stage.company.log.append(Source::Audit, &opened_event(&stage.company, &good), good.opened_at * 1000);
    let proof = ServiceProof {
        bundle_json: bundle_json.clone(),
        receipt: stage.company.log.receipt(index),
        opened_at: good.opened_at,
        extensions: Vec::new(),
        policies: Vec::new(),
        log: LogShown::default(),
    };
    let whole = with_log(&stage.company, &proof);
    let without_paths = LogShown { paths: Vec::new(), ..whole.log.clone() };
    let claims = claims(&good, &bundle_json, &stage.company.trust.gateway_id);
    for log in [LogShown::default(), without_paths] {
        stage.gateway.prove(&ServiceProof { log, ..proof.clone() });
        assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::FORBIDDEN);
    }
    stage.gateway.prove(&whole);
    assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, StatusCode::OK);
}

/// The log has a past that people may have seen.
fn with_a_past(company: &mut Company) {
    for _ in 0..3 {
        company.log.append_leaf("earlier".into(), BTreeMap::new());
    }
}

#[tokio::test]
async fn l_02_no_policy_is_in_force_at_the_service_that_one_adopted_who_was_shown_another_log() {
    for which in 0..4 {
        for who in 0..2 {
            let mut stage = Stage::set(&format!("adopted-{which}-{who}")).await;
            let company = &mut stage.company;
            with_a_past(company);
            let [(note, expected), ..] = &heads_to_see(company)[which..] else { panic!("there are four") };
            company.administrators[who].saw = note.clone();
            company.adopt(&company.stricter_policy(3600));
            company.administrators[who].saw.clear();
            let claims = stage.opened();
            assert_eq!(stage.get(&claims, "/o/kinloch-hotels/").await.0, *expected, "{which} {who}");
        }
    }
}

#[tokio::test]
async fn l_02_no_extension_counts_at_the_service_whose_signer_was_shown_another_log() {
    for which in 0..4 {
        for who in 0..2 {
            let mut stage =
                Stage::opening_ago(&format!("more-{which}-{who}"), 2000, |company| company.trust_file()).await;
            with_a_past(&mut stage.company);
            let mut longer = Longer::of(&mut stage);
            let company = &mut stage.company;
            let [(note, expected), ..] = &heads_to_see(company)[which..] else { panic!("there are four") };
            [&mut company.engineer, &mut company.approver][who].saw = note.clone();
            longer.more = company.more(&longer.good);
            let extension = longer.extension(company, longer.good.opened_at + 2700);
            longer.proof.extensions.push(extension);
            stage.gateway.prove(&with_log(&stage.company, &longer.proof));
            assert_eq!(longer.visit(&stage).await, *expected, "{which} {who}");
        }
    }
}
