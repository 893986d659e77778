//! The stand-in's own doors over HTTP, and the program with its file.

use std::io::Write as _;
use std::net::TcpStream;

use github_double::{AppKey, GithubDouble, Settings};
use serde_json::{Value, json};

use crate::stand::{CLIENT, Stand};

async fn change(stand: &Stand, body: &Value) -> (u16, Value) {
    let url = stand.web("/_double/faults");
    let answer = stand.http.post(url).json(body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn faults_are_set_and_cleared_over_http() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "").await;
    let fault = json!({"do": "fault", "endpoint": "user", "fault": {"kind": "status", "status": 502}});
    assert_eq!(change(&stand, &fault).await.0, 200);
    assert_eq!(stand.get("/user", &token).await.status(), 502);
    let clear = stand.http.delete(stand.web("/_double/faults"));
    assert_eq!(clear.send().await.unwrap().status(), 204);
    assert_eq!(stand.get("/user", &token).await.status(), 200);
}

#[tokio::test]
async fn people_change_over_http() {
    let stand = Stand::new();
    let token = stand.sign_in("octo", "user:email").await;
    let unverified = [json!({"email": "o@example.com", "primary": true})];
    let changes = json!([
        {"do": "rename_person", "login": "octo", "to": "inky"},
        {"do": "set_emails", "login": "inky", "emails": unverified},
        {"do": "add_person", "login": "new", "id": 42},
        {"do": "install", "app": "builder", "account": "inky"},
        {"do": "advance", "seconds": 60},
    ]);
    let (status, body) = change(&stand, &changes).await;
    assert_eq!(status, 200);
    assert_eq!(body["numbers"][2], 42);
    let emails: Value = stand.get("/user/emails", &token).await.json().await.unwrap();
    assert_eq!(emails[0]["verified"], false);
    let revoke = json!({"do": "revoke_authorization", "login": "inky", "client_id": CLIENT});
    assert_eq!(change(&stand, &revoke).await.0, 200);
    assert_eq!(stand.get("/user", &token).await.status(), 401);
    let gone = json!({"do": "delete_person", "login": "inky"});
    assert_eq!(change(&stand, &gone).await.0, 200);
    assert_eq!(
        change(&stand, &gone).await,
        (422, json!({"message": "no person inky"}))
    );
    assert_eq!(change(&stand, &json!({"do": "nonsense"})).await.0, 422);
}

#[tokio::test]
async fn requests_are_read_over_http() {
    let stand = Stand::new();
    stand.get("/user", "gho_x").await;
    let answer = stand.http.get(stand.web("/_double/requests"));
    let seen: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        seen,
        json!([{
            "method": "GET",
            "path": "/user",
            "endpoint": "user",
            "authenticated_as": "nobody",
            "status": 401,
        }])
    );
}

#[tokio::test]
async fn a_prefix_moves_the_api() {
    let stand = Stand::with(|settings| settings.api_prefix = "/api/v3".to_owned());
    assert!(stand.double.api_url().ends_with("/api/v3"));
    let token = stand.sign_in("octo", "").await;
    assert_eq!(stand.get("/user", &token).await.status(), 200);
    let root = stand.http.get(stand.web("/user")).bearer_auth(&token);
    assert_eq!(root.send().await.unwrap().status(), 404);
}

#[test]
fn a_dropped_stand_in_is_gone() {
    let double = GithubDouble::start(Settings::default()).unwrap();
    let address = double.address();
    let mut open = TcpStream::connect(address).unwrap();
    open.write_all(b"GET /").unwrap();
    drop(double);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_file_of_settings_is_read_whole() {
    let key = AppKey::generate().unwrap();
    let text = format!(
        "[[oauth_apps]]\nclient_id = \"a\"\nclient_secret = \"b\"\ncallback_urls = [\"http://127.0.0.1/cb\"]\n\
         [[github_apps]]\nid = 7\nslug = \"builder\"\nclient_id = \"c\"\nclient_secret = \"d\"\n\
         private_key = \"\"\"\n{}\"\"\"\n\
         [[people]]\nlogin = \"octo\"\nemails = [{{ email = \"o@example.com\", primary = true, verified = true }}]\n\
         [[organizations]]\nlogin = \"acme\"\nmembers = [\"octo\"]\n\
         [[repositories]]\nowner = \"acme\"\nname = \"one\"\n\
         [[installations]]\napp = \"builder\"\naccount = \"acme\"\nrepositories = [\"one\"]\n",
        key.private_pem()
    );
    let settings: Settings = toml::from_str(&text).unwrap();
    assert!(settings.github_apps[0].expiring_tokens);
    GithubDouble::start(settings).unwrap();
    assert!(toml::from_str::<Settings>("misspelt = 1").is_err());
    let unknown = "[[repositories]]\nowner = \"nobody\"\nname = \"one\"\n";
    assert!(GithubDouble::start(toml::from_str(unknown).unwrap()).is_err());
}
