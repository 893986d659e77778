//! The page on which an account installs the app.

use reqwest::Response;
use serde_json::Value;

use crate::stand::{APP_CALLBACK, Stand, location, query_member, text};

async fn install(stand: &Stand, account: &str) -> Response {
    let url = stand.web("/apps/builder/installations/new");
    let form = [("state", "s&1"), ("account", account)];
    stand.http.post(url).form(&form).send().await.unwrap()
}

#[tokio::test]
async fn the_page_has_a_button_for_each_account() {
    let stand = Stand::new();
    let url = stand.web("/apps/builder/installations/new?state=s%261");
    let page = stand.http.get(url).send().await.unwrap().text().await.unwrap();
    for part in ["id=\"install-octo\"", "id=\"install-acme\"", "value=\"s&amp;1\""] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let url = stand.web("/apps/other/installations/new");
    assert_eq!(stand.http.get(url).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn installing_leads_to_the_set_up_address() {
    let stand = Stand::new();
    let url = location(&install(&stand, "octo").await);
    assert!(
        url.as_str()
            .starts_with("https://product.test/setup?from=github&")
    );
    assert_eq!(query_member(&url, "setup_action").unwrap(), "install");
    assert_eq!(query_member(&url, "state").unwrap(), "s&1");
    let id = query_member(&url, "installation_id").unwrap();
    let path = format!("/app/installations/{id}");
    let body: Value = stand.get(&path, &stand.app_jwt()).await.json().await.unwrap();
    assert_eq!(body["account"]["login"], "octo");
    let again = location(&install(&stand, "octo").await);
    assert_eq!(query_member(&again, "setup_action").unwrap(), "update");
    assert_eq!(query_member(&again, "installation_id").unwrap(), id);
}

#[tokio::test]
async fn an_app_may_ask_for_authorization_while_installing() {
    let stand = Stand::with(|settings| settings.github_apps[0].authorize_on_install = true);
    let url = location(&install(&stand, "acme").await);
    assert!(url.as_str().starts_with(APP_CALLBACK));
    assert!(query_member(&url, "installation_id").is_some());
    let code = query_member(&url, "code").unwrap();
    let form = [
        ("client_id", crate::stand::APP_CLIENT),
        ("client_secret", crate::stand::APP_SECRET),
        ("code", &code),
    ];
    let token = text(&stand.exchange(&form).await["access_token"]);
    let user: Value = stand.get("/user", &token).await.json().await.unwrap();
    assert_eq!(user["login"], "octo");
}
