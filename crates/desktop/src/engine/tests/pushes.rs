use super::*;

#[tokio::test]
async fn a_push_becomes_a_sentence_from_what_was_verified_here() {
    let desk = Desk::new().await;
    let mut notices = desk.engine.notices();
    desk.engine.state().await.unwrap();
    desk.engine.watch();
    let told = async {
        loop {
            if let Notice::Requests { id, text } = notices.recv().await.unwrap()
                && !text.is_empty()
            {
                return (id, text);
            }
        }
    };
    let (id, text) = tokio::time::timeout(std::time::Duration::from_secs(2), told).await.unwrap();
    assert_eq!((id, text.as_str()), (desk.id(), "Mara Lindqvist asks for access to Kinloch Hotels."));

    desk.services().shown[0].organization.name = "Delmar Foods".into();
    let text = desk.engine.inner.sentence(&desk.id().parse().unwrap()).await;
    assert_eq!(text, None, "nothing is announced in the broker's words");
}

#[tokio::test]
async fn the_pushes_of_somebody_who_signed_out_end_at_once() {
    let desk = Desk::new().await;
    desk.engine.state().await.unwrap();
    desk.services().quiet = true;
    let inner = desk.engine.inner.clone();
    let following = tokio::spawn(async move { inner.follow().await });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!following.is_finished(), "nothing comes, and it waits");
    desk.engine.sign_out().await.unwrap();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(2), following).await;
    assert!(ended.is_ok_and(|ended| ended.unwrap()), "the stream of who was signed in is closed");
}
