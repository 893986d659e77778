//! kill -9 of the server in a loop under load: what was answered stays, nothing works twice.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::sync::Arc;

use tests::agent::Agent;
use tests::demo::{CALLBACK, OPAQUE, PASSWORD, SHOP, sections};
use tests::server::{Server, Setup};
use tokio::sync::Mutex;
use url::Url;

const CYCLES: usize = 8;
const WORKERS: usize = 8;
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// What the server has acknowledged.
#[derive(Default)]
struct History {
    issued: Vec<String>,
    revoked: Vec<String>,
    /// Codes that were answered with tokens.
    redeemed: Vec<String>,
    /// Refresh tokens whose successor's successor was answered.
    spent: Vec<String>,
}

struct Caller {
    http: reqwest::Client,
    issuer: String,
}

impl Caller {
    async fn form(
        &self,
        client: (&str, &str),
        path: &str,
        form: &[(&str, &str)],
    ) -> Option<(u16, serde_json::Value)> {
        let request = self
            .http
            .post(format!("{}{path}", self.issuer))
            .basic_auth(client.0, Some(client.1))
            .form(form);
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// A token is issued and every other one revoked, until the server is gone.
    async fn opaque_tokens(&self, history: &Mutex<History>) {
        loop {
            let Some((200, body)) = self
                .form(OPAQUE, "/oauth2/token", &[("grant_type", "client_credentials")])
                .await
            else {
                return;
            };
            let token = body["access_token"].as_str().unwrap().to_owned();
            let keep = history.lock().await.issued.len() % 2 == 0;
            if keep {
                history.lock().await.issued.push(token);
                continue;
            }
            let Some((200, _)) = self.form(OPAQUE, "/oauth2/revoke", &[("token", &token)]).await else {
                return;
            };
            let mut history = history.lock().await;
            history.revoked.push(token);
            // Counted so that the next one is kept again.
            history.issued.push(String::new());
        }
    }

    /// A code is redeemed and refreshed twice, until the server is gone.
    async fn codes(&self, agent: &Agent, history: &Mutex<History>) {
        loop {
            let Ok(landed) = agent.authorize(&self.authorization(), "ada", PASSWORD).await else {
                return;
            };
            let Some((_, code)) = landed.query_pairs().find(|(name, _)| name == "code") else {
                return;
            };
            let form = [
                ("grant_type", "authorization_code"),
                ("code", &*code),
                ("redirect_uri", CALLBACK),
                ("code_verifier", VERIFIER),
            ];
            let Some((200, first)) = self.form(SHOP, "/oauth2/token", &form).await else {
                return;
            };
            history.lock().await.redeemed.push(code.to_string());
            let Some(second) = self.refresh(&first).await else {
                return;
            };
            let Some(_) = self.refresh(&second).await else {
                return;
            };
            history
                .lock()
                .await
                .spent
                .push(first["refresh_token"].as_str().unwrap().to_owned());
        }
    }

    async fn refresh(&self, tokens: &serde_json::Value) -> Option<serde_json::Value> {
        let token = tokens["refresh_token"].as_str()?;
        match self
            .form(
                SHOP,
                "/oauth2/token",
                &[("grant_type", "refresh_token"), ("refresh_token", token)],
            )
            .await
        {
            Some((200, body)) => Some(body),
            _ => None,
        }
    }

    fn authorization(&self) -> String {
        let mut url = Url::parse(&format!("{}/oauth2/authorize", self.issuer)).unwrap();
        url.query_pairs_mut().extend_pairs([
            ("client_id", SHOP.0),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid orders:read"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        url.into()
    }

    async fn is_active(&self, token: &str) -> bool {
        let (status, body) = self
            .form(OPAQUE, "/oauth2/introspect", &[("token", token)])
            .await
            .unwrap();
        assert_eq!(status, 200);
        body["active"] == true
    }
}

/// R1, I1–I7 in their quick form.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_again_and_again_on_sqlite_the_server_loses_nothing_and_lets_nothing_be_used_twice() {
    kill_in_a_loop(Setup::sqlite()).await;
}

/// R1, I1–I7 in their quick form.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_again_and_again_on_postgres_the_server_loses_nothing_and_lets_nothing_be_used_twice() {
    kill_in_a_loop(Setup::postgres()).await;
}

async fn kill_in_a_loop(setup: Setup) {
    let mut server = Server::start(setup.with(&sections())).await.unwrap();
    let agent = Agent::new().unwrap();
    agent.register(&server.issuer(), "ada", PASSWORD).await.unwrap();
    let caller = Arc::new(Caller {
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        issuer: server.issuer(),
    });
    let history = Arc::new(Mutex::new(History::default()));
    for cycle in 0..CYCLES {
        let wanted = history.lock().await.issued.len() + 20 + 7 * cycle;
        let load = load(&caller, &agent, &history);
        while history.lock().await.issued.len() < wanted {
            tokio::task::yield_now().await;
        }
        server.kill_hard().unwrap();
        for worker in load {
            worker.await.unwrap();
        }
        server.restart().await.unwrap();
    }
    judge(&caller, &history).await;
}

fn load(
    caller: &Arc<Caller>,
    agent: &Agent,
    history: &Arc<Mutex<History>>,
) -> Vec<tokio::task::JoinHandle<()>> {
    let workers = (0..WORKERS).map(|worker| {
        let (caller, agent, history) = (caller.clone(), agent.clone(), history.clone());
        tokio::spawn(async move {
            match worker % 2 {
                0 => caller.opaque_tokens(&history).await,
                _ => caller.codes(&agent, &history).await,
            }
        })
    });
    workers.collect()
}

async fn judge(caller: &Caller, history: &Mutex<History>) {
    let history = history.lock().await;
    assert!(
        history.redeemed.len() > CYCLES && history.revoked.len() > CYCLES,
        "too little happened"
    );
    for token in history.issued.iter().filter(|token| !token.is_empty()) {
        assert!(caller.is_active(token).await, "an acknowledged token is gone");
    }
    for token in &history.revoked {
        assert!(
            !caller.is_active(token).await,
            "an acknowledged revocation is gone"
        );
    }
    for code in &history.redeemed {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        assert_eq!(
            caller.form(SHOP, "/oauth2/token", &form).await.unwrap().0,
            400,
            "a code worked twice"
        );
    }
    for token in &history.spent {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        assert_eq!(
            caller.form(SHOP, "/oauth2/token", &form).await.unwrap().0,
            400,
            "a spent refresh token worked"
        );
    }
}
