//! Server and proxy together: what ends at the one is refused at the other.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use tests::agent::Agent;
use tests::demo::{CALLBACK, Demo, OPAQUE, PASSWORD, SHOP};
use tests::proxy::Secret;
use tests::server::{Server, Setup};
use url::Url;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn on_both(test: impl AsyncFn(Demo)) {
    for setup in [Setup::sqlite(), Setup::postgres()] {
        test(Demo::with(setup).await.unwrap()).await;
    }
}

/// A code for a person who is signed in with `agent` or can be.
async fn code(agent: &Agent, issuer: &str) -> String {
    let mut url = Url::parse(&format!("{issuer}/oauth2/authorize")).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", SHOP.0),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid orders:read"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let landed = agent.authorize(url.as_str(), "ada", PASSWORD).await.unwrap();
    let mut answers = landed.query_pairs();
    answers.find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn redeem(demo: &Demo, code: &str) -> serde_json::Value {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    demo.token(SHOP, &form).await.unwrap()
}

/// Tokens of a person who has registered with `agent`.
async fn log_in(demo: &Demo, agent: &Agent) -> serde_json::Value {
    let issuer = demo.server.issuer();
    agent.register(&issuer, "ada", PASSWORD).await.unwrap();
    redeem(demo, &code(agent, &issuer).await).await
}

/// R12, S05
#[tokio::test]
async fn a_revoked_token_of_either_form_is_refused_at_once() {
    on_both(async |demo| {
        for client in [SHOP, OPAQUE] {
            let token = demo.client_credentials(client).await.unwrap();
            assert_eq!(demo.call(&token, "/orders/1").await.unwrap(), 200);
            demo.post(client, "/oauth2/revoke", &[("token", &token)])
                .await
                .unwrap()
                .error_for_status()
                .unwrap();
            assert!(!demo.is_active(client, &token).await.unwrap());
            demo.refused_after(&token).await.unwrap();
        }
    })
    .await;
}

/// S08
#[tokio::test]
async fn logging_out_ends_the_access_token_at_the_proxy() {
    on_both(async |demo| {
        let agent = Agent::new().unwrap();
        let tokens = log_in(&demo, &agent).await;
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(demo.call(access, "/orders/1").await.unwrap(), 200);
        let url = format!(
            "{}/oauth2/logout?id_token_hint={}",
            demo.server.issuer(),
            tokens["id_token"].as_str().unwrap()
        );
        assert!(
            agent
                .open(&url)
                .await
                .unwrap()
                .page()
                .unwrap()
                .has("page-logged-out")
        );
        demo.refused_after(access).await.unwrap();
        let refresh = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
        ];
        assert!(
            demo.token(SHOP, &refresh)
                .await
                .unwrap_err()
                .to_string()
                .contains("invalid_grant")
        );
    })
    .await;
}

/// O07, S08: three replicas on one database; what ends at one is over at the others with the next request.
#[tokio::test]
async fn what_ends_at_one_replica_is_over_at_every_other_and_at_the_proxy() {
    let demo = Demo::with(Setup::postgres()).await.unwrap();
    let setup = || Setup::default().with(&tests::demo::sections());
    let second = demo.server.replica(setup()).await.unwrap();
    let third = demo.server.replica(setup()).await.unwrap();
    let is_active = async |at: &Server, token: &str| {
        let request = demo.http.post(at.url("/oauth2/introspect"));
        let request = request
            .basic_auth(OPAQUE.0, Some(OPAQUE.1))
            .form(&[("token", token)]);
        let state: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
        state["active"] == true
    };
    for round in 0..20 {
        let token = demo.client_credentials(OPAQUE).await.unwrap();
        for replica in [&demo.server, &second, &third] {
            assert!(is_active(replica, &token).await);
        }
        assert_eq!(demo.call(&token, "/orders/1").await.unwrap(), 200);
        let revoking = [&second, &third][round % 2];
        let request = demo.http.post(revoking.url("/oauth2/revoke"));
        let request = request
            .basic_auth(OPAQUE.0, Some(OPAQUE.1))
            .form(&[("token", &token)]);
        assert_eq!(request.send().await.unwrap().status(), 200);
        for replica in [&demo.server, &second, &third] {
            assert!(!is_active(replica, &token).await, "round {round}");
        }
        demo.refused_after(&token).await.unwrap();
    }
}

/// O06, O14: one code, then its refresh token, used at three replicas at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_replicas_take_a_code_once_and_give_a_refresh_token_one_successor() {
    let demo = Demo::with(Setup::postgres()).await.unwrap();
    let setup = || Setup::default().with(&tests::demo::sections());
    let replicas = [
        demo.server.replica(setup()).await.unwrap(),
        demo.server.replica(setup()).await.unwrap(),
    ];
    let issuers = [demo.server.issuer(), replicas[0].issuer(), replicas[1].issuer()];
    let agent = Agent::new().unwrap();
    agent.register(&issuers[0], "ada", PASSWORD).await.unwrap();
    let at_all = async |form: Vec<(&'static str, String)>| {
        let calls = (0..48).map(|caller| {
            let request = demo.http.post(format!("{}/oauth2/token", issuers[caller % 3]));
            tokio::spawn(request.basic_auth(SHOP.0, Some(SHOP.1)).form(&form).send())
        });
        let mut taken = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            let answer = call.await.unwrap().unwrap();
            let status = answer.status().as_u16();
            let body: serde_json::Value = answer.json().await.unwrap();
            match status {
                200 => taken.push(body["refresh_token"].as_str().unwrap().to_owned()),
                _ => assert_eq!((status, &body["error"]), (400, &"invalid_grant".into())),
            }
        }
        taken
    };
    for _ in 0..5 {
        let code = code(&agent, &issuers[0]).await;
        let form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("redirect_uri", CALLBACK.to_owned()),
            ("code_verifier", VERIFIER.to_owned()),
        ];
        let taken = at_all(form).await;
        assert_eq!(taken.len(), 1);
        // The replays have killed the family, so the refresh token is taken from a fresh one.
        let tokens = redeem(&demo, &self::code(&agent, &issuers[0]).await).await;
        let form = vec![
            ("grant_type", "refresh_token".to_owned()),
            (
                "refresh_token",
                tokens["refresh_token"].as_str().unwrap().to_owned(),
            ),
        ];
        let taken = at_all(form).await;
        assert_eq!(taken.len(), 48);
        assert!(taken.iter().all(|token| *token == taken[0]));
    }
}

/// O16: a client whose secret was changed or that was deleted, by the command line, is refused by every replica at once.
#[tokio::test]
async fn a_client_changed_by_the_command_line_is_known_at_every_replica_at_once() {
    let server = Server::start(Setup::postgres().with(&tests::demo::sections()))
        .await
        .unwrap();
    let second = server
        .replica(Setup::default().with(&tests::demo::sections()))
        .await
        .unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |at: &Server, secret: &str| {
        let request = http
            .post(at.url("/oauth2/token"))
            .basic_auth("robot", Some(secret));
        let answer = request.form(&[("grant_type", "client_credentials")]).send().await;
        answer.unwrap().status().as_u16()
    };
    let create = [
        "clients",
        "create",
        "--name",
        "Robot",
        "--grant",
        "client_credentials",
        "--scopes",
        "orders:read",
        "--resource",
        "https://api.example.com",
        "robot",
    ];
    let first = secret_of(&server.run(&create).unwrap());
    for replica in [&server, &second] {
        assert_eq!(status(replica, &first).await, 200);
        assert_eq!(status(replica, &first).await, 200);
    }
    let rotate = ["clients", "rotate-secret", "--overlap", "0s", "robot"];
    let rotated = secret_of(&server.run(&rotate).unwrap());
    for replica in [&server, &second] {
        assert_eq!(status(replica, &first).await, 401);
        assert_eq!(status(replica, &rotated).await, 200);
    }
    server.run(&["clients", "delete", "--yes", "robot"]).unwrap();
    for replica in [&server, &second] {
        assert_eq!(status(replica, &rotated).await, 401);
    }
}

fn secret_of(output: &str) -> String {
    let word = output.split_whitespace().find(|word| word.starts_with("az_cs_"));
    word.unwrap().to_owned()
}

/// C12: the proxy's secret is changed twice, once with an overlap and once without; no call fails, and nobody sees it.
#[tokio::test]
async fn the_secret_of_the_proxy_is_changed_without_a_failed_call() {
    let server = Server::start(Setup::sqlite().with(&tests::demo::sections()))
        .await
        .unwrap();
    let create = [
        "clients",
        "create",
        "--name",
        "Edge",
        "--proxy",
        "--grant",
        "client_credentials",
        "--scopes",
        "",
        "door",
    ];
    let first = secret_of(&server.run(&create).unwrap());
    let file = server.folder().join("door.secret");
    std::fs::write(&file, &first).unwrap();
    let mut demo = Demo::around(server, "door", Secret::File(file.clone()))
        .await
        .unwrap();
    let calls = async |demo: &Demo| {
        for _ in 0..10 {
            let token = demo.client_credentials(OPAQUE).await.unwrap();
            let answer = demo.http.get(demo.proxy.url("/orders/1")).bearer_auth(&token);
            let answer = answer.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let seen = answer.text().await.unwrap();
            assert!(!seen.contains("az_cs_") && !seen.contains(&token), "{seen}");
        }
    };
    calls(&demo).await;
    let rotate = |overlap| {
        secret_of(
            &demo
                .server
                .run(&["clients", "rotate-secret", "--overlap", overlap, "door"])
                .unwrap(),
        )
    };
    let second = rotate("1h");
    calls(&demo).await;
    let third = rotate("0s");
    std::fs::write(&file, &third).unwrap();
    calls(&demo).await;
    let said = demo.proxy.log().unwrap() + &demo.server.log().unwrap();
    for secret in [&first, &second, &third] {
        assert!(!said.contains(secret.as_str()));
    }
}

/// C08
#[tokio::test]
async fn without_the_server_an_unknown_token_is_503_with_retry_after() {
    let mut demo = Demo::start().await.unwrap();
    let token = demo.client_credentials(OPAQUE).await.unwrap();
    demo.server.kill_hard().unwrap();
    let answer = demo
        .http
        .get(demo.proxy.url("/orders/1"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
}
