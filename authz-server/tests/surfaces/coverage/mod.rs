//! Every operation of the document × every way to come to it wrongly; a new operation is among them by being described.
//! Keeps no list of operations: what applies to one follows from its description.

mod credentials;
mod form;
mod iam;
mod limits;
mod ownership;

use std::collections::BTreeSet;
use std::io::Write as _;

use domain::api_keys::NewApiKey;
use http::Method;
use model::api_key::{KeyKind, KeyName};
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::{Value, json};

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

const ADMIN: &str = "root@example.org";
const ABSENT: &str = "absent0000000000000000000";

/// One of the document's operations.
struct Operation {
    method: Method,
    path: String,
    described: Value,
}

impl Operation {
    async fn all(app: &App) -> Vec<Self> {
        let document = app.program().get("/openapi.json").await.body;
        let paths = document["paths"].as_object().unwrap().clone();
        let operations = paths.into_iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().clone();
            let methods = methods.into_iter().filter(|(_, described)| described.is_object());
            methods.map(move |(method, described)| Self {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                described,
            })
        });
        operations.collect()
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The kinds of credential it takes; none where it can be had without one.
    fn credentials(&self) -> BTreeSet<String> {
        let alternatives = self.described["security"].as_array().cloned().unwrap_or_default();
        let alternatives: Vec<_> = alternatives
            .iter()
            .filter_map(|alternative| alternative.as_object().cloned())
            .collect();
        if alternatives.iter().any(serde_json::Map::is_empty) {
            return BTreeSet::new();
        }
        alternatives
            .into_iter()
            .flat_map(|alternative| alternative.into_iter().map(|(name, _)| name))
            .collect()
    }

    /// Of its body.
    fn media_type(&self) -> Option<String> {
        let content = self.described.pointer("/requestBody/content")?.as_object()?;
        content.keys().next().cloned()
    }

    /// Whether each request is signed by somebody who holds no credential of ours, as the events of GitHub and of the payment gateway are.
    fn is_event(&self) -> bool {
        let parameters = self.described["parameters"].as_array();
        let signs =
            |one: &Value| one["name"] == "X-Hub-Signature-256" || one["name"] == "X-Razorpay-Signature";
        parameters.is_some_and(|all| all.iter().any(signs))
    }

    /// Whether it is about an IAM user's own credentials.
    fn is_for_iam_users(&self) -> bool {
        self.path.starts_with("/auth/iam/me/")
    }

    fn path(&self, id: &str) -> String {
        let mut parts = self.path.split('/').map(|part| match part.starts_with('{') {
            true => id,
            false => part,
        });
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |path, part| path + "/" + part)
    }

    async fn send(&self, program: &Program, id: &str, body: Option<&str>) -> Reply {
        let program = match self.media_type() {
            Some(kind) if kind.starts_with("multipart/") => {
                program.with("content-type", &format!("{kind}; boundary=edge"))
            }
            _ => program.clone(),
        };
        let body = body.map(str::to_owned);
        program.send(self.method.clone(), &self.path(id), body).await
    }
}

/// Somebody with every right, and the other kinds of credential.
struct Callers {
    session: String,
    key: String,
    service: String,
    dead: String,
    /// Of an IAM user of the account, who has no policy.
    iam: String,
}

impl Callers {
    async fn of(app: &App) -> Self {
        let admin = app.admin(ADMIN, Role::Admin).await;
        let (session, dead) = (log_in(app).await, log_in(app).await);
        let out = app.program().bearing(&dead);
        assert_eq!(out.send(Method::POST, "/api/logout", None).await.status, 200);
        let wish = json!({"name": "x", "scopes": ["repos:read"]});
        let made = app.program().bearing(&session);
        let made = made.post("/api/auth/cli-tokens", wish).await;
        let permissions = PermissionSet::from_list(["builds:read"]).unwrap();
        let new = NewApiKey::new(KeyKind::Service, KeyName::parse("deploy").unwrap(), permissions);
        let (_, service) = app
            .authority
            .create_api_key(&app.ctx(), &admin, new)
            .await
            .unwrap();
        Self {
            key: made.text("/token").to_owned(),
            service: service.expose().to_owned(),
            iam: iam_user(app, &session).await,
            dead,
            session,
        }
    }

    /// With what the operation takes.
    fn right(&self, app: &App, operation: &Operation) -> Program {
        let kinds = operation.credentials();
        if kinds.contains("serviceKey") {
            app.program().with("x-service-key", &self.service)
        } else if kinds.is_empty() {
            app.program()
        } else if operation.is_for_iam_users() {
            app.program().bearing(&self.iam)
        } else {
            app.program().bearing(&self.session)
        }
    }

    /// Alive, but of a kind the operation does not take.
    fn wrong(&self, app: &App, operation: &Operation) -> Option<Program> {
        let kinds = operation.credentials();
        if kinds.contains("serviceKey") {
            Some(app.program().bearing(&self.session))
        } else if kinds.contains("bearer") && !kinds.contains("apiKey") {
            Some(app.program().bearing(&self.key))
        } else {
            None
        }
    }
}

async fn log_in(app: &App) -> String {
    let body = json!({"email": ADMIN, "password": PASSWORD});
    let reply = app.program().post("/v1/auth/login", body).await;
    reply.text("/token").to_owned()
}

async fn iam_user(app: &App, root: &str) -> String {
    let root = app.program().bearing(root);
    let me = root.get("/auth/me").await;
    let new = json!({"username": "bot", "password": PASSWORD});
    let made = root.post("/auth/iam/users", new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let body = json!({"account_id": me.body["account_id"], "username": "bot", "password": PASSWORD});
    let reply = app.program().post("/auth/iam-login", body).await;
    reply.text("/access_token").to_owned()
}

/// What was tried, and what went wrong: all of it is told at once.
#[derive(Default)]
struct Cells {
    tried: usize,
    wrong: Vec<String>,
}

impl Cells {
    fn check(&mut self, operation: &Operation, cell: &str, reply: &Reply, status: u16) {
        self.tried += 1;
        let code = reply.body.pointer("/error/code").and_then(Value::as_str);
        let request = reply.body.pointer("/meta/requestId").and_then(Value::as_str);
        if reply.status != status || code.is_none() || request.is_none() {
            let (found, body) = (reply.status.as_u16(), &reply.body);
            let name = operation.name();
            self.wrong
                .push(format!("{name}, {cell}: {found} for {status}: {body}"));
        }
    }

    fn conclude(self, what: &str) {
        tell(self.tried, what);
        assert!(self.tried > 20, "{}", self.tried);
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

fn tell(tried: usize, what: &str) {
    writeln!(std::io::stdout().lock(), "coverage: {tried} cells of {what}").unwrap();
}
