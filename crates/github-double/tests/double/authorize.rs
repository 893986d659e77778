//! The authorization page and where it leads.

use crate::stand::{
    APP_CALLBACK, APP_CLIENT, CALLBACK, CHALLENGE, CLIENT, Stand, header, location, query_member,
};

#[tokio::test]
async fn the_page_has_a_button_for_each_person_and_one_to_refuse() {
    let stand = Stand::new();
    let answer = stand
        .authorize(&[("client_id", CLIENT), ("state", "a\"b"), ("login", "octo")])
        .await;
    assert_eq!(answer.status(), 200);
    assert!(header(&answer, "content-type").starts_with("text/html"));
    let page = answer.text().await.unwrap();
    for part in [
        "id=\"person-octo\"",
        "id=\"person-mona\"",
        "id=\"deny\"",
        "value=\"a&quot;b\"",
        "Octo &lt;Cat&gt;",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn a_suggested_account_comes_first() {
    let stand = Stand::new();
    let page = stand
        .authorize(&[("client_id", CLIENT), ("login", "mona")])
        .await
        .text()
        .await
        .unwrap();
    assert!(page.find("person-mona").unwrap() < page.find("person-octo").unwrap());
}

#[tokio::test]
async fn a_yes_leads_to_the_asked_address_with_code_and_state() {
    let stand = Stand::new();
    let asked = "http://127.0.0.1:4321/back/below?keep=1";
    let query = [("client_id", CLIENT), ("redirect_uri", asked), ("state", "x y&z")];
    let url = location(&stand.decide(&query, ("person", "octo")).await);
    assert!(url.as_str().starts_with(asked));
    assert_eq!(query_member(&url, "state").unwrap(), "x y&z");
    assert_eq!(query_member(&url, "code").unwrap().len(), 20);
}

#[tokio::test]
async fn without_an_address_the_registered_one_is_used() {
    let stand = Stand::new();
    let url = location(&stand.decide(&[("client_id", CLIENT)], ("person", "octo")).await);
    assert!(url.as_str().starts_with(CALLBACK));
    assert_eq!(query_member(&url, "state"), None);
}

#[tokio::test]
async fn a_no_leads_back_with_access_denied() {
    let stand = Stand::new();
    let url = location(
        &stand
            .decide(&[("client_id", CLIENT), ("state", "s")], ("deny", "1"))
            .await,
    );
    assert!(url.as_str().starts_with(CALLBACK));
    assert_eq!(query_member(&url, "error").unwrap(), "access_denied");
    assert_eq!(
        query_member(&url, "error_description").unwrap(),
        "The user has denied your application access."
    );
    assert!(
        query_member(&url, "error_uri")
            .unwrap()
            .ends_with("#access-denied")
    );
    assert_eq!(query_member(&url, "state").unwrap(), "s");
    assert_eq!(query_member(&url, "code"), None);
}

#[tokio::test]
async fn an_unknown_client_is_a_page_that_is_not_found() {
    let stand = Stand::new();
    for query in [&[("client_id", "other")][..], &[]] {
        assert_eq!(stand.authorize(query).await.status(), 404);
        assert_eq!(stand.decide(query, ("person", "octo")).await.status(), 404);
    }
}

#[tokio::test]
async fn an_address_that_is_not_registered_is_told_at_the_registered_one() {
    let stand = Stand::new();
    for asked in [
        "http://evil.test/back",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1/backpack",
        "nonsense",
    ] {
        let query = [("client_id", CLIENT), ("redirect_uri", asked), ("state", "s")];
        for answer in [
            stand.authorize(&query).await,
            stand.decide(&query, ("person", "octo")).await,
        ] {
            let url = location(&answer);
            assert!(url.as_str().starts_with(CALLBACK), "{url}");
            assert_eq!(query_member(&url, "error").unwrap(), "redirect_uri_mismatch");
            assert_eq!(query_member(&url, "state").unwrap(), "s");
        }
    }
}

#[tokio::test]
async fn a_github_app_must_ask_for_exactly_its_callback() {
    let stand = Stand::new();
    let below = format!("{APP_CALLBACK}/below");
    let url = location(
        &stand
            .authorize(&[("client_id", APP_CLIENT), ("redirect_uri", &below)])
            .await,
    );
    assert_eq!(query_member(&url, "error").unwrap(), "redirect_uri_mismatch");
    let exact = [("client_id", APP_CLIENT), ("redirect_uri", APP_CALLBACK)];
    assert_eq!(stand.authorize(&exact).await.status(), 200);
}

#[tokio::test]
async fn a_challenge_other_than_s256_is_refused() {
    let stand = Stand::new();
    for pkce in [
        [("code_challenge", CHALLENGE), ("code_challenge_method", "plain")],
        [("code_challenge", "short"), ("code_challenge_method", "S256")],
        [("code_challenge", CHALLENGE), ("state", "no method")],
    ] {
        let query: Vec<_> = pkce.into_iter().chain([("client_id", CLIENT)]).collect();
        let url = location(&stand.authorize(&query).await);
        assert_eq!(query_member(&url, "error").unwrap(), "invalid_request");
    }
}

#[tokio::test]
async fn who_sits_at_the_browser_is_not_asked_twice_unless_the_client_wants_a_choice() {
    let stand = Stand::new();
    let query = [("client_id", CLIENT), ("scope", "user:email")];
    let answer = stand.decide(&query, ("person", "octo")).await;
    let cookie = header(&answer, "set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let again = async |query: &[(&str, &str)]| {
        let mut url = stand.web("/login/oauth/authorize");
        url.query_pairs_mut().extend_pairs(query);
        let request = stand.http.get(url).header("cookie", &cookie);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(again(&query).await, 302);
    assert_eq!(again(&[("client_id", CLIENT), ("scope", "repo")]).await, 200);
    let choice = ("prompt", "select_account");
    assert_eq!(again(&[query[0], query[1], choice]).await, 200);
    assert_eq!(again(&[query[0], query[1], ("login", "mona")]).await, 200);
    stand.double.revoke_authorization("octo", CLIENT).unwrap();
    assert_eq!(again(&query).await, 200);
}
