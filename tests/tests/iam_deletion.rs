//! kill -9 of the server in the middle of a deletion: an IAM user is there with all they have, or nothing of them is.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::demo::PASSWORD;
use tests::server::{Server, Setup};

const CYCLES: u32 = 100;
/// A deletion takes a few milliseconds; each cycle kills this much later than the one before.
const STEP: Duration = Duration::from_micros(120);
/// Every user that is gone makes an attempt with a key that nobody has, all of them from one address.
const LIMITS: &str =
    "[limits]\nauthentication = \"10000/min\"\nstandard = \"10000/min\"\n[throttle]\nattempts = 100\n";

struct Account {
    http: reqwest::Client,
    origin: String,
    root: String,
}

impl Account {
    async fn open(server: &Server) -> Self {
        let mut account = Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            origin: server.issuer(),
            root: String::new(),
        };
        let body = json!({"email": "ada@example.org", "password": PASSWORD, "name": "Ada"});
        let owner = account.made("/auth/register", &body).await;
        account.root = owner["access_token"].as_str().unwrap().to_owned();
        account.made("/auth/iam/groups", &json!({"name": "crew"})).await;
        account
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.origin);
        let request = self.http.request(method.parse().unwrap(), url);
        let request = match self.root.as_str() {
            "" => request,
            root => request.bearer_auth(root),
        };
        let answer = request.json(body).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.ok()?))
    }

    async fn made(&self, path: &str, body: &Value) -> Value {
        let (status, made) = self.call("POST", path, body).await.unwrap();
        assert_eq!(status, 201, "{path}: {made}");
        made
    }

    async fn read(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, &json!({})).await.unwrap()
    }

    /// A user with a policy of their own, in a group, with an access key: the policy's id and the key.
    async fn user(&self, name: &str) -> (String, Value) {
        let statement = json!({"Effect": "Allow", "Action": "orders:Read", "Resource": "*"});
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        let policy = json!({"name": name, "description": "Orders", "document": document});
        let policy = self.made("/auth/iam/policies", &policy).await;
        let policy = policy["id"].as_str().unwrap().to_owned();
        let user = json!({"username": name, "groups": ["crew"], "policies": [policy]});
        self.made("/auth/iam/users", &user).await;
        let keys = format!("/auth/iam/users/{name}/access-keys");
        (policy, self.made(&keys, &json!({})).await)
    }

    /// Whether the key still gets a token. It is asked for by whoever has the key, so without the root's token.
    async fn is_exchanged(&self, key: &Value) -> bool {
        let url = format!("{}/auth/iam/exchange-credentials", self.origin);
        let answer = self.http.post(url).json(key).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(matches!(status, 200 | 401), "{status}");
        status == 200
    }

    /// Whether the user is there, whole; anything between there and gone fails.
    async fn is_there(&self, name: &str, (policy, key): &(String, Value)) -> bool {
        let there = match self.read(&format!("/auth/iam/users/{name}")).await.0 {
            200 => true,
            404 => false,
            other => panic!("{name}: {other}"),
        };
        assert_eq!(self.is_exchanged(key).await, there, "the key of {name}");
        let (_, members) = self.read("/auth/iam/groups/crew").await;
        let is_member = members.to_string().contains(&format!("\"{name}\""));
        assert_eq!(is_member, there, "{name} in {members}");
        let path = format!("/auth/iam/policies/{policy}");
        let (status, body) = self.call("DELETE", &path, &json!({})).await.unwrap();
        let in_use = status == 409;
        assert_eq!(in_use, there, "the policy of {name}: {status} {body}");
        there
    }
}

/// P08.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_a_deletion_the_server_has_all_of_a_user_or_nothing() {
    let mut server = Server::start(Setup::sqlite().with(LIMITS)).await.unwrap();
    let account = Account::open(&server).await;
    let (mut there, mut gone) = (0, 0);
    for cycle in 0..CYCLES {
        let name = format!("user-{cycle}");
        let things = account.user(&name).await;
        let path = format!("/auth/iam/users/{name}");
        let nothing = json!({});
        let kill = async {
            let begun = Instant::now();
            while begun.elapsed() < STEP * cycle {
                tokio::task::yield_now().await;
            }
            server.kill_hard().unwrap();
        };
        let (answer, ()) = tokio::join!(account.call("DELETE", &path, &nothing), kill);
        server.restart().await.unwrap();
        let is_there = account.is_there(&name, &things).await;
        assert!(
            !(is_there && matches!(answer, Some((200, _)))),
            "{name} is back after the answer that they are gone"
        );
        if is_there {
            there += 1;
        } else {
            gone += 1;
        }
    }
    assert!(
        there > 0 && gone > 0,
        "{there} there, {gone} gone: nothing was cut"
    );
}
