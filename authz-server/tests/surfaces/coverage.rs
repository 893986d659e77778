//! Every operation of the document × every way to come to it wrongly; a new operation is among them by being described.
//! Keeps no list of operations: what applies to one follows from its description.

use std::collections::BTreeSet;
use std::io::Write as _;

use authz_server::config::{LimitsConfig, Rate};
use domain::api_keys::NewApiKey;
use http::Method;
use model::api_key::{KeyKind, KeyName};
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::{Value, json};

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};
use crate::people::signed;

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

    /// Whether each request is signed by somebody who holds no credential of ours, as GitHub's events are.
    fn is_event(&self) -> bool {
        let parameters = self.described["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "X-Hub-Signature-256"))
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
            session,
            key: made.text("/token").to_owned(),
            service: service.expose().to_owned(),
            dead,
        }
    }

    /// With what the operation takes.
    fn right(&self, app: &App, operation: &Operation) -> Program {
        let kinds = operation.credentials();
        if kinds.contains("serviceKey") {
            app.program().with("x-service-key", &self.service)
        } else if kinds.is_empty() {
            app.program()
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

#[tokio::test]
async fn no_operation_answers_without_a_live_credential_of_the_right_kind() {
    let app = App::new().await;
    let callers = Callers::of(&app).await;
    let mut cells = Cells::default();
    for operation in Operation::all(&app).await {
        if operation.credentials().is_empty() {
            continue;
        }
        let nobody = operation.send(&app.program(), ABSENT, None).await;
        cells.check(&operation, "nobody", &nobody, 401);
        let dead = app.program().bearing(&callers.dead);
        let dead = operation.send(&dead, ABSENT, None).await;
        cells.check(&operation, "logged out", &dead, 401);
        if let Some(wrong) = callers.wrong(&app, &operation) {
            let wrong = operation.send(&wrong, ABSENT, None).await;
            cells.check(&operation, "another kind of credential", &wrong, 403);
        }
    }
    cells.conclude("credentials");
}

#[tokio::test]
async fn every_body_is_read_within_its_form_type_and_size() {
    let app = App::new().await;
    let callers = Callers::of(&app).await;
    let mut cells = Cells::default();
    let (large, larger) = ("[".repeat(70_000), "[".repeat((6 << 20) + 1));
    for operation in Operation::all(&app).await {
        let Some(kind) = operation.media_type().filter(|_| !operation.is_event()) else {
            continue;
        };
        let program = callers.right(&app, &operation);
        let malformed = operation.send(&program, ABSENT, Some("{\"a\": ")).await;
        cells.check(&operation, "malformed", &malformed, 400);
        let other = program.with("content-type", "text/plain");
        let path = operation.path(ABSENT);
        let body = Some("{}".to_owned());
        let other = other.send(operation.method.clone(), &path, body).await;
        cells.check(&operation, "another media type", &other, 415);
        let large = if kind == "application/json" {
            &large
        } else {
            &larger
        };
        let oversized = operation.send(&program, ABSENT, Some(large)).await;
        cells.check(&operation, "oversized", &oversized, 413);
    }
    cells.conclude("bodies");
}

/// An id of somebody else's is answered as one that nobody has, whatever kind of thing it names.
#[tokio::test]
async fn what_belongs_to_another_looks_absent() {
    let app = App::new().await;
    let eve = app.admin("eve@example.org", Role::User).await;
    let ada = signed(&app).await;
    let body = json!({"email": "eve@example.org", "password": PASSWORD});
    let token = app.program().post("/v1/auth/login", body).await;
    let wish = json!({"name": "x", "scopes": ["repos:read"]});
    let made = app.program().bearing(token.text("/token"));
    let key = made.post("/api/auth/cli-tokens", wish).await;
    let foreign = [eve.id.to_string(), key.text("/id").to_owned()];
    let (mut tried, mut wrong) = (0, Vec::new());
    for operation in Operation::all(&app).await {
        // What is open to strangers has no owner to hide it.
        if !operation.path.contains('{') || operation.credentials().is_empty() {
            continue;
        }
        let body = operation.media_type().map(|_| "{}");
        let absent = operation.send(&ada, ABSENT, body).await;
        for id in &foreign {
            tried += 1;
            let reply = operation.send(&ada, id, body).await;
            let (status, code) = reply.refusal();
            if ![403, 404].contains(&status) || (status, code) != absent.refusal() {
                let name = operation.name();
                wrong.push(format!("{name}: {} but {}", reply.body, absent.body));
            }
        }
    }
    tell(tried, "others' ids");
    assert!(tried >= 8, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_operation_is_limited_and_says_until_when() {
    let once = Rate::per_minute(1);
    let app = App::limited(&LimitsConfig {
        v1: once,
        v1_authentication: once,
        v1_admin: once,
        console_authentication: once,
        authentication: once,
        standard: once,
    })
    .await;
    let mut cells = Cells::default();
    for (number, operation) in Operation::all(&app).await.into_iter().enumerate() {
        if operation.is_event() {
            continue;
        }
        let program = app.program_at(&format!("198.51.{}.{}", number / 200, number % 200 + 1));
        let first = operation.send(&program, ABSENT, None).await;
        assert_ne!(first.status, 429, "{}", operation.name());
        let second = operation.send(&program, ABSENT, None).await;
        cells.check(&operation, "limit exceeded", &second, 429);
        for field in ["retry-after", "x-ratelimit-limit", "x-ratelimit-reset"] {
            let number = second.header(field).parse::<u64>();
            assert!(
                number.is_ok_and(|number| number > 0),
                "{} {field}",
                operation.name()
            );
        }
        assert_eq!(
            second.header("x-ratelimit-remaining"),
            "0",
            "{}",
            operation.name()
        );
        for field in ["ratelimit", "ratelimit-policy"] {
            assert!(!second.header(field).is_empty(), "{} {field}", operation.name());
        }
    }
    cells.conclude("limits");
}
