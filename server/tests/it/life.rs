//! Life events over the real router, as a browser without scripts sends them; after each the record still holds.

use axum::http::StatusCode;
use server::{check, demo};

use crate::support::{Site, each_db};

#[tokio::test]
async fn an_enrollment_is_closed_reopened_and_changed_and_the_record_holds() {
    each_db(async |site| {
        assert!(demo::fill(&site.state).await.unwrap());
        check::run(&site.state, None).await.unwrap();
        let mut boss = site.signed_in("coordinator@demo.qdei.example", demo::PASSWORD).await;
        let id = site
            .look_up("SELECT e.id FROM enrollment e JOIN account a ON a.id = e.mentee_id WHERE a.email = 'mentee1@demo.qdei.example'")
            .await;
        let desk = format!("/coordinator/enrollments/{id}");
        let enrollment = ("enrollment", id.as_str());

        let chapter = site
            .look_up("SELECT c.id FROM chapter c JOIN enrollment e ON e.outline_id = c.outline_id JOIN account a ON a.id = e.mentee_id
                WHERE a.email = 'mentee1@demo.qdei.example' AND c.number = 12")
            .await;
        let today = app::clock::today(site.state.clock.now());
        let (day, limit) = (today.to_string(), (today + chrono::Days::new(300)).to_string());
        let fields = [
            enrollment,
            ("what", "study"),
            ("chapters", chapter.as_str()),
            ("studied_on", day.as_str()),
            ("minutes", "30"),
            ("came_by", "fax"),
            ("came_on", day.as_str()),
        ];
        let answer = boss.send("enter-study", &fields).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, format!("{desk}/enter?done=entered-on-behalf").as_str()));
        assert!(boss.open(&desk).await.html().contains("8 of 14 read"));

        let outline = site
            .look_up("SELECT o.id FROM outline o JOIN edition d ON d.id = o.edition_id JOIN title t ON t.id = d.title_id
                WHERE t.name = 'Understanding Diabetes'")
            .await;
        let study = format!("1/{outline}");
        let preview = boss.open(&format!("{desk}/option?study={study}")).await;
        assert!(preview.status == StatusCode::OK && preview.html().contains("What stays"));
        let answer = boss.send("change-option", &[enrollment, ("study", &study), ("reason", "Type 1"), ("go_on", "yes")]).await;
        assert_eq!(answer.location(), format!("{desk}?done=option-changed"));
        check::run(&site.state, None).await.unwrap();

        let answer = boss.send("close-enrollment", &[enrollment, ("silence", "Nobody answers")]).await;
        assert_eq!(answer.location(), desk);
        check::run(&site.state, None).await.unwrap();
        // The mentor is none of the pair any more, and still answers what was asked.
        let mut mentor = site.signed_in("mentor@demo.qdei.example", demo::PASSWORD).await;
        assert_eq!(mentor.open(&format!("/enrollments/{id}/chapters")).await.status, StatusCode::NOT_FOUND);
        assert!(mentor.open(&format!("/enrollments/{id}/closing")).await.html().contains("What helped most?"));

        let answer = boss.send("reopen-enrollment", &[enrollment, ("limit", &limit), ("same_mentor", "yes")]).await;
        assert_eq!(answer.location(), format!("{desk}?done=enrollment-reopened"));
        check::run(&site.state, None).await.unwrap();
        assert_eq!(mentor.open(&format!("/enrollments/{id}/chapters")).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn nobody_counts_through_the_links_of_follow_ups() {
    let site = Site::new().await.limited(2);
    let mut stranger = site.stranger();
    for _ in 0..2 {
        assert_eq!(stranger.open("/follow-up/unknown").await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(stranger.open("/follow-up/unknown").await.status, StatusCode::TOO_MANY_REQUESTS);
}
