//! `/admin/clients-new`: a client registered by hand; its secret is shown once.
//! Refuses to lose what was typed when something about it is refused.

use axum::response::Response;
use domain::clients::{CreateClientError, CreatedClient, NewClient};
use http::StatusCode;
use model::ClientId;
use model::client::ClientSettings;
use oauth::client_auth::ClientAuthMethod;
use oauth::redirect_uri::ApplicationType;
use oauth::scope::ScopeSet;

use super::client_form::{Typed, area, text};
use super::clients::address;
use super::confirm::{complain, presence_fields, prove};
use super::gate::{Administrator, not_found};
use super::{Draft, fact};
use crate::http::fault;
use crate::pages::posted::Posted;
use crate::pages::refusal::wait_if;
use crate::pages::view::Button;
use crate::pages::view::admin::{Block, Cell, Field, Options, Part, Section, TickLine, Ticks};

/// Beside the clients, not below them: an id may be any text.
pub const PATH: &str = "/admin/clients-new";
const METHODS: [(&str, &str); 4] = [
    ("client_secret_basic", "A secret, in the header (confidential)"),
    ("client_secret_post", "A secret, in the form (confidential)"),
    ("private_key_jwt", "A key of its own (confidential)"),
    ("none", "Nothing (public: an app or a page in the browser)"),
];
const KINDS: [(&str, &str); 2] = [("web", "On the web"), ("native", "On a device")];

/// What only a new client is asked.
#[derive(Clone, Default)]
struct Start {
    id: String,
    method: String,
    kind: String,
    jwks: String,
    first_party: bool,
    proxy: bool,
}

impl Start {
    fn from(posted: &Posted) -> Self {
        Self {
            id: posted.text("client-id").trim().to_owned(),
            method: posted.text("auth-method").to_owned(),
            kind: posted.text("application-type").to_owned(),
            jwks: posted.text("jwks").trim().to_owned(),
            first_party: posted.text("first-party") == "on",
            proxy: posted.text("proxy") == "on",
        }
    }

    fn before(&self) -> Vec<Field> {
        vec![
            text(
                "client-id",
                "Id",
                &self.id,
                "The client_id. It can't be changed, and is never used again.",
                false,
            ),
            Field::Options(Options {
                id: "auth-method",
                label: "Proves itself with",
                hint: "",
                values: METHODS.to_vec(),
                value: self.method.clone(),
                error: None,
            }),
            Field::Options(Options {
                id: "application-type",
                label: "Where it runs",
                hint: "",
                values: KINDS.to_vec(),
                value: self.kind.clone(),
                error: None,
            }),
        ]
    }

    fn after(&self) -> Vec<Field> {
        let line = |id, words, checked| TickLine { id, words, checked };
        vec![
            area(
                "jwks",
                "Its public keys",
                &self.jwks,
                "A JWK set, when it proves itself with a key.",
            ),
            Field::Ticks(Ticks {
                id: "rights",
                label: "What else it is",
                lines: vec![
                    line(
                        "first-party",
                        "Our own application: nobody is asked for consent",
                        self.first_party,
                    ),
                    line(
                        "proxy",
                        "A proxy: reads the revocation log, introspects every token",
                        self.proxy,
                    ),
                ],
                error: None,
            }),
        ]
    }
}

pub async fn show(admin: Administrator) -> Response {
    let start = Start {
        method: "client_secret_basic".to_owned(),
        kind: "web".to_owned(),
        ..Start::default()
    };
    let settings = ClientSettings {
        scopes: ScopeSet::parse("openid profile email offline_access").unwrap_or_default(),
        ..ClientSettings::default()
    };
    match block(&admin, &start, &Typed::of("", &settings)).await {
        Ok(block) => page(&admin, block, StatusCode::OK),
        Err(answer) => *answer,
    }
}

fn page(admin: &Administrator, block: Block, status: StatusCode) -> Response {
    Draft::new(Section::Clients, "page-admin-client-new")
        .title("Make a client")
        .above("All clients", Section::Clients.path())
        .form(block)
        .respond(admin, status)
}

async fn block(admin: &Administrator, start: &Start, typed: &Typed) -> Result<Block, Box<Response>> {
    let mut block = Block::new("new-client", "What it is", admin.visitor.form(PATH, ""));
    block.fields.extend(start.before());
    block.fields.extend(typed.fields());
    block.fields.extend(start.after());
    block
        .fields
        .extend(presence_fields(admin, Section::Clients).await?);
    block.back = Some(Section::Clients.path().to_owned());
    Ok(block.button(Button::primary("client-create", "create", "Make the client")))
}

pub async fn submit(admin: Administrator, posted: Posted) -> Response {
    let done = create(&admin, &posted).await;
    done.unwrap_or_else(|answer| *answer)
}

async fn create(admin: &Administrator, posted: &Posted) -> Result<Response, Box<Response>> {
    admin.gave(PATH, posted)?;
    let (start, typed) = (Start::from(posted), Typed::from(posted));
    let mut block = block(admin, &start, &typed).await?;
    let new = match wish(&start, &typed) {
        Ok(new) => new,
        Err(wrong) => {
            for (field, words) in wrong {
                block.complain(field, &words);
            }
            return Ok(page(admin, block, StatusCode::BAD_REQUEST));
        }
    };
    if let Err(error) = prove(admin, posted).await {
        let (status, time) = complain(&mut block, error, Section::Clients)?;
        return Ok(wait_if(page(admin, block, status), time));
    }
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    match authority.create_client_by(ctx, new, admin.actor()).await {
        Ok(made) => Ok(created(admin, &made)),
        Err(CreateClientError::IdTaken) => {
            block.complain("client-id", "A client has this id, or had it once.");
            Ok(page(admin, block, StatusCode::CONFLICT))
        }
        Err(CreateClientError::Invalid(problems)) => {
            typed.complain(&mut block, &problems);
            Ok(page(admin, block, StatusCode::BAD_REQUEST))
        }
        Err(CreateClientError::NotAdministrator) => Ok(not_found(&admin.visitor)),
        Err(CreateClientError::Fault(error)) => Ok(fault(&error)),
    }
}

fn wish(start: &Start, typed: &Typed) -> Result<NewClient, Vec<(&'static str, String)>> {
    let mut wrong = Vec::new();
    let id = start.id.parse::<ClientId>();
    if let Err(error) = &id {
        wrong.push((
            "client-id",
            crate::pages::account_form::sentence(&error.to_string()),
        ));
    }
    let methods = [
        ClientAuthMethod::ClientSecretBasic,
        ClientAuthMethod::ClientSecretPost,
        ClientAuthMethod::PrivateKeyJwt,
        ClientAuthMethod::None,
    ];
    let method = methods.into_iter().find(|method| method.as_str() == start.method);
    if method.is_none() {
        wrong.push(("auth-method", "Choose one of these.".to_owned()));
    }
    let jwks = (!start.jwks.is_empty()).then(|| serde_json::from_str(&start.jwks));
    let jwks = jwks.transpose().unwrap_or_else(|_| {
        wrong.push(("jwks", "This is no JSON.".to_owned()));
        None
    });
    let change = typed.read().map_err(|more| wrong.extend(more)).ok();
    match (id, method, change) {
        (Ok(id), Some(auth_method), Some(change)) if wrong.is_empty() => {
            let settings = ClientSettings {
                auth_method,
                application_type: match start.kind.as_str() {
                    "native" => ApplicationType::Native,
                    _ => ApplicationType::Web,
                },
                jwks,
                first_party: start.first_party,
                proxy: start.proxy,
                ..ClientSettings::default()
            };
            Ok(NewClient {
                id,
                name: change.name.clone(),
                settings: change.onto(settings),
            })
        }
        _ => Err(wrong),
    }
}

/// Once.
fn created(admin: &Administrator, made: &CreatedClient) -> Response {
    let draft = Draft::new(Section::Clients, "page-admin-client-created")
        .title(made.client.name.clone())
        .above("To the client", address(&made.client))
        .part(Part::Facts(vec![fact(
            "Id",
            Cell::code(made.client.id.to_string()),
        )]));
    match &made.secret {
        Some(secret) => secret_shown(draft, secret.expose()),
        None => draft.part(Part::Text("The client is made. It has no secret.".to_owned())),
    }
    .respond(admin, StatusCode::CREATED)
}

/// A secret, this one time.
pub fn secret_shown(draft: Draft, secret: &str) -> Draft {
    draft
        .heading("secret-heading", "Its secret")
        .part(Part::Text(
            "Copy it now: it is not shown again, and nobody can look it up.".to_owned(),
        ))
        .part(Part::Code("shown-secret", secret.to_owned()))
}
