//! What people say about themselves.

use http::{StatusCode, header};

use crate::app::{App, Browser};

const PATH: &str = "/account/profile";

async fn save(browser: &mut Browser, changed: &[(&str, &str)]) -> crate::app::Answer {
    let usual = [
        ("name", "Ada Lovelace"),
        ("username", "ada"),
        ("given-name", "Ada"),
        ("family-name", "Lovelace"),
        ("website", "https://ada.example/"),
        ("locale", "en-GB"),
        ("zoneinfo", "Europe/London"),
    ];
    let fields: Vec<_> = usual
        .into_iter()
        .map(|(name, value)| {
            let other = changed.iter().find(|(changed, _)| *changed == name);
            (name, other.map_or(value, |(_, other)| *other))
        })
        .collect();
    browser.fill(PATH, &fields).await
}

#[tokio::test]
async fn what_was_saved_is_shown_and_told_to_applications() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let saved = save(&mut ada, &[("username", "countess")]).await;
    assert_eq!(saved.header(header::LOCATION), "/account/profile?done=profile");
    let page = ada.get(saved.header(header::LOCATION)).await;
    assert!(page.has_page("done"), "{}", page.body);
    for shown in [
        "value=\"countess\"",
        "value=\"Lovelace\"",
        "<option value=\"Europe/London\" selected>Europe/London",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    let user = app.authority.find_user("countess").await.unwrap().unwrap();
    assert_eq!(user.profile.locale.as_deref(), Some("en-GB"));
    assert!(app.authority.find_user("ada").await.unwrap().is_none());
    let history = ada.get("/account/history").await;
    assert!(history.body.contains("You changed your profile"));
}

/// S04
#[tokio::test]
async fn what_is_refused_keeps_what_was_typed() {
    let app = App::new().await;
    app.browser().register("bob").await;
    let mut ada = app.browser();
    ada.register("ada").await;
    for (field, value, words) in [
        ("username", "bob", "This user name is taken."),
        ("username", "-", "A user name has"),
        ("website", "javascript:alert(1)", "A website begins"),
        ("locale", "English!", "A language is written"),
        ("zoneinfo", "Mars/Olympus", "This is not a time zone"),
    ] {
        let answer = save(&mut ada, &[(field, value), ("given-name", "A<d>a")]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field}");
        assert!(answer.body.contains(words), "{field}: {}", answer.body);
        assert!(answer.body.contains("value=\"A&#60;d&#62;a\""), "{field}");
        assert!(answer.has_page(&format!("{field}-error")), "{field}");
    }
    let user = app.authority.find_user("ada").await.unwrap().unwrap();
    assert_eq!(user.profile.given_name, None);
}
