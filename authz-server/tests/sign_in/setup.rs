//! `/setup`.

use http::StatusCode;

use crate::app::{App, PASSWORD};

const ROOT: [(&str, &str); 4] = [
    ("username", "root"),
    ("email", "root@example.org"),
    ("name", "Root"),
    ("password", PASSWORD),
];

/// Looking at the page, as scanners do, uses nothing up; the form does, once.
#[tokio::test]
async fn the_link_is_used_by_the_form_alone_and_once() {
    let app = App::new().await;
    let link = app.authority.offer_setup(&app.ctx()).await.unwrap().unwrap();
    let path = format!("/setup?token={}", link.expose());
    for _ in 0..5 {
        assert_eq!(app.browser().get(&path).await.status, StatusCode::OK);
        assert_eq!(app.browser().head(&path).await.status, StatusCode::OK);
    }
    let mut browser = app.browser();
    let with_link: Vec<_> = ROOT.into_iter().chain([("flow", link.expose())]).collect();
    let csrf = browser.get(&path).await.csrf();
    let again = browser.clone();
    let fields: Vec<_> = with_link
        .iter()
        .copied()
        .chain([("csrf", csrf.as_str())])
        .collect();
    assert_eq!(
        browser.post("/setup", &fields).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(browser.is_signed_in().await);
    let (all, by) = (
        domain::people::UserQuery::default(),
        model::audit::Actor::Operator,
    );
    let page = app.authority.list_users(&all, &by).await.unwrap();
    assert!(page.total == 1 && page.users[0].is_admin());
    assert_eq!(
        again.clone().post("/setup", &fields).await.status,
        StatusCode::GONE
    );
    assert_eq!(app.browser().get(&path).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn without_a_good_link_there_is_no_page() {
    let app = App::new().await;
    for path in ["/setup", "/setup?token=x", "/setup?token=%3Cscript%3E"] {
        let answer = app.browser().get(path).await;
        assert_eq!(answer.status, StatusCode::GONE, "{path}");
        assert!(answer.has_page("page-error") && !answer.body.contains("<script>x"));
    }
}

/// S03
#[tokio::test]
async fn a_forged_form_does_not_use_the_link_up() {
    let app = App::new().await;
    let link = app.authority.offer_setup(&app.ctx()).await.unwrap().unwrap();
    let fields: Vec<_> = ROOT.into_iter().chain([("flow", link.expose())]).collect();
    assert_eq!(
        app.browser().post("/setup", &fields).await.status,
        StatusCode::FORBIDDEN
    );
    assert!(
        app.authority
            .is_setup_open(&app.ctx(), link.expose())
            .await
            .unwrap()
    );
}
