//! Clients: made, changed, given another secret, shut, let in and ended.

use http::{StatusCode, header};

use crate::app::Answer;
use crate::world::World;

const NEW: &str = "/admin/clients-new";

async fn make(world: &mut World, fields: &[(&str, &str)]) -> Answer {
    let csrf = world.root.get(NEW).await.csrf();
    let mut all = vec![
        ("csrf", csrf.as_str()),
        ("client-id", "fieldnotes"),
        ("name", "Fieldnotes"),
        ("auth-method", "client_secret_basic"),
        ("application-type", "web"),
        ("redirect-uris", "https://app.example/cb"),
        ("grant-code", "on"),
        ("scopes", "openid profile"),
    ];
    all.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    all.extend(fields);
    world.root.post(NEW, &all).await
}

fn secret(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("id=\"shown-secret\"").expect("a secret");
    let (_, rest) = rest.split_once("<code>").unwrap();
    rest.split_once("</code>").unwrap().0.to_owned()
}

/// Whether the client proves itself with this secret.
async fn is_known(world: &World, secret: &str) -> bool {
    use base64::Engine as _;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("fieldnotes:{secret}"));
    let fields = [("token", "az_at_nothing")];
    let authorization = format!("Basic {basic}");
    let headers = [("authorization", authorization.as_str())];
    let mut browser = world.app.browser();
    let answer = browser.post_with("/oauth2/introspect", &fields, &headers).await;
    answer.status == StatusCode::OK
}

#[tokio::test]
async fn a_client_is_made_and_its_secret_shown_once() {
    let mut world = World::new().await;
    let made = make(&mut world, &[]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let secret = secret(&made);
    assert!(is_known(&world, &secret).await);
    let page = world.root.get("/admin/clients/fieldnotes").await;
    assert!(page.has_page("page-admin-client") && !page.body.contains(&secret));
    assert!(page.body.contains("https://app.example/cb"));
    let list = world.root.get("/admin/clients?q=FIELD").await;
    assert!(list.body.contains("/admin/clients/fieldnotes"));
    let none = world.root.get("/admin/clients?q=%25").await;
    assert!(none.body.contains("No client has"));
}

#[tokio::test]
async fn what_is_refused_is_said_at_its_field_and_nothing_is_lost() {
    let mut world = World::new().await;
    let wrong = [
        ("redirect-uris", "http://app.example/cb#x"),
        ("scopes", "openid unheard-of"),
        ("name", "My <b>notes</b>"),
    ];
    let refused = make(&mut world, &wrong).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    for words in [
        "id=\"redirect-uris-error\"",
        "id=\"scopes-error\"",
        "http://app.example/cb#x</textarea>",
        "My &#60;b&#62;notes",
        "value=\"fieldnotes\"",
    ] {
        assert!(refused.body.contains(words), "{words}");
    }
    let refused = make(&mut world, &[("access-ttl", "-3"), ("client-id", "a b")]).await;
    assert!(
        refused.body.contains("id=\"access-ttl-error\"") && refused.body.contains("id=\"client-id-error\"")
    );
    let public = [
        ("auth-method", "none"),
        ("grant-credentials", "on"),
        ("proxy", "on"),
    ];
    let refused = make(&mut world, &public).await;
    assert!(refused.body.contains("id=\"grants-error\"") && refused.body.contains("id=\"rights-error\""));
    assert!(make(&mut world, &[]).await.status == StatusCode::CREATED);
    let twice = make(&mut world, &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.body.contains("id=\"client-id-error\""));
}

#[tokio::test]
async fn the_old_secret_goes_on_for_the_stated_while() {
    let mut world = World::new().await;
    let old = secret(&make(&mut world, &[]).await);
    let path = "/admin/clients/fieldnotes/rotate-secret";
    let shown = world.confirm(path, &[("overlap", "3600")]).await;
    assert_eq!(shown.status, StatusCode::CREATED);
    let new = secret(&shown);
    assert!(is_known(&world, &old).await && is_known(&world, &new).await);
    world.app.clock.advance(std::time::Duration::from_secs(3601));
    assert!(!is_known(&world, &old).await && is_known(&world, &new).await);
}

#[tokio::test]
async fn a_shut_client_does_nothing_until_it_is_let_in() {
    let mut world = World::new().await;
    let secret = secret(&make(&mut world, &[]).await);
    world
        .confirmed("/admin/clients/fieldnotes/disable", "client-disabled")
        .await;
    assert!(!is_known(&world, &secret).await);
    let page = world.root.get("/admin/clients/fieldnotes").await;
    assert!(page.has_page("client-enable") && page.body.contains("Disabled"));
    world
        .confirmed("/admin/clients/fieldnotes/enable", "client-enabled")
        .await;
    assert!(is_known(&world, &secret).await);
    let path = "/admin/clients/fieldnotes/delete";
    let mistyped = world.confirm(path, &[("typed", "fieldnote")]).await;
    assert_eq!(mistyped.status, StatusCode::BAD_REQUEST);
    let deleted = world.confirm(path, &[("typed", "fieldnotes")]).await;
    assert!(deleted.header(header::LOCATION).ends_with("done=client-deleted"));
    assert!(!is_known(&world, &secret).await);
    assert_eq!(
        world.root.get("/admin/clients/fieldnotes").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn settings_are_changed_but_not_how_mighty_a_client_is() {
    let mut world = World::new().await;
    make(&mut world, &[]).await;
    let path = "/admin/clients/fieldnotes/edit";
    let csrf = world.root.get(path).await.csrf();
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "Field notes"),
        (
            "redirect-uris",
            "https://app.example/cb\r\nhttps://app.example/other",
        ),
        ("grant-code", "on"),
        ("scopes", "openid"),
        ("first-party", "on"),
        ("proxy", "on"),
        ("auth-method", "none"),
    ];
    let saved = world.root.post(path, &fields).await;
    assert!(
        saved.header(header::LOCATION).ends_with("done=client-saved"),
        "{}",
        saved.body
    );
    let client = world
        .app
        .authority
        .find_client("fieldnotes")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(client.settings.redirect_uris.len(), 2);
    assert!(!client.settings.proxy && !client.settings.first_party && !client.is_public());
    assert_eq!(client.name, "Field notes");
}

#[tokio::test]
async fn built_in_clients_are_shown_and_not_touched() {
    let mut world = World::new().await;
    let list = world.root.get("/admin/clients?state=built_in").await;
    let (_, rest) = list.body.split_once("href=\"/admin/clients/").unwrap();
    let path = format!("/admin/clients/{}", rest.split_once('"').unwrap().0);
    let page = world.root.get(&path).await;
    assert!(page.body.contains("comes with the server") && !page.has_page("client-delete"));
    for deed in ["edit", "disable", "delete", "rotate-secret"] {
        let answer = world.root.get(&format!("{path}/{deed}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{deed}");
    }
}
