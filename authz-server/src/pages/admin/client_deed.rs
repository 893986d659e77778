//! `/admin/clients/{id}/{deed}`: changing a client, giving it a new secret, shutting it, letting it in, ending it.
//! Refuses what belongs to the configuration or comes with the server.

use std::time::Duration;

use axum::extract::Path;
use axum::response::Response;
use domain::clients::{ChangeClientError, ListedClient, UpdateClientError};
use http::StatusCode;
use model::client::ClientSource;

use super::client::{find, has_secret};
use super::client_form::Typed;
use super::client_new::secret_shown;
use super::clients::address;
use super::confirm::{Found, Question, ask, complain, presence_fields, prove};
use super::gate::{Administrator, conflict, not_found};
use super::{Draft, isolated};
use crate::http::fault;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{see_other, wait_if};
use crate::pages::view::Button;
use crate::pages::view::admin::{Block, Field, Options, Section};

const OVERLAPS: [(&str, &str); 5] = [
    ("86400", "24 hours"),
    ("0", "Not at all: it ends at once"),
    ("3600", "An hour"),
    ("259200", "3 days"),
    ("604800", "7 days"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Rotate,
    Disable,
    Enable,
    Delete,
}

impl Deed {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "rotate-secret" => Self::Rotate,
            "disable" => Self::Disable,
            "enable" => Self::Enable,
            "delete" => Self::Delete,
            _ => return None,
        })
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Rotate => (
                "New secret",
                "You get a new secret. The old one is taken for the time you choose, so that the client can be given the new one.",
            ),
            Self::Disable => (
                "Disable",
                "Everything the client was given ends at once, and it may do nothing until it is enabled again.",
            ),
            Self::Enable => (
                "Enable",
                "The client may ask for tokens again. What it had stays ended.",
            ),
            Self::Delete => (
                "Delete",
                "Everything the client was given ends at once. This can't be undone, and its id is never used again.",
            ),
        }
    }

    fn applies(self, listed: &ListedClient) -> bool {
        let is_open = listed.disabled_at.is_none();
        let is_ours = !matches!(listed.client.source, ClientSource::Config | ClientSource::BuiltIn);
        is_ours
            && match self {
                Self::Rotate => is_open && has_secret(listed.client.settings.auth_method),
                Self::Disable => is_open,
                Self::Enable => !is_open,
                Self::Delete => true,
            }
    }

    fn question(self, listed: &ListedClient, word: &str) -> Question {
        let client = &listed.client;
        let (words, consequence) = self.words();
        let title = format!("{words}: {}", isolated(&client.name));
        let mut question = Question::new(Section::Clients, "page-admin-client-deed", title)
            .lead(format!("The client {}", client.id))
            .lead(consequence);
        question.action = format!("{}/{word}", address(client));
        question.back = address(client);
        question.button = words;
        if self == Self::Delete {
            question.typed = Some(client.id.to_string());
        }
        if self == Self::Rotate {
            question.fields.push(Field::Options(Options {
                id: "overlap",
                label: "The old secret goes on for",
                hint: "",
                values: OVERLAPS.to_vec(),
                value: OVERLAPS[0].0.to_owned(),
                error: None,
            }));
        }
        question
    }
}

async fn asked(admin: &Administrator, (id, word): &(String, String)) -> Found<(Deed, ListedClient)> {
    let Some(deed) = Deed::parse(word) else {
        return Err(Box::new(not_found(&admin.visitor)));
    };
    let listed = find(admin, id).await?;
    match deed.applies(&listed) {
        true => {
            let question = deed.question(&listed, word);
            Ok(((deed, listed), question))
        }
        false => {
            let back = format!("{}?done=nothing", address(&listed.client));
            Err(Box::new(see_other(&back)))
        }
    }
}

pub async fn show(admin: Administrator, Path(path): Path<(String, String)>) -> Response {
    if path.1 == "edit" {
        return show_edit(&admin, &path.0).await.unwrap_or_else(|answer| *answer);
    }
    ask(&admin, asked(&admin, &path).await).await
}

pub async fn submit(admin: Administrator, Path(path): Path<(String, String)>, posted: Posted) -> Response {
    let done = match path.1.as_str() {
        "edit" => edit(&admin, &path.0, &posted).await,
        _ => carry_out(&admin, &path, &posted).await,
    };
    done.unwrap_or_else(|answer| *answer)
}

async fn carry_out(
    admin: &Administrator,
    path: &(String, String),
    posted: &Posted,
) -> Result<Response, Box<Response>> {
    let ((deed, listed), question) = asked(admin, path).await?;
    question.answered(admin, posted).await?;
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let (client, by) = (&listed.client, admin.actor());
    let done = match deed {
        Deed::Rotate => return Ok(rotate(admin, &listed, posted).await),
        Deed::Disable => authority
            .disable_client(ctx, &client.id, by)
            .await
            .map(|_| "client-disabled"),
        Deed::Enable => authority
            .enable_client(ctx, &client.id, by)
            .await
            .map(|_| "client-enabled"),
        Deed::Delete => {
            let deleted = authority.delete_client_by(ctx, client.id.as_str(), by).await;
            return Ok(match deleted {
                Ok(()) => see_other(&format!("{}?done=client-deleted", Section::Clients.path())),
                Err(error) => refused(admin, error.into()),
            });
        }
    };
    Ok(match done {
        Ok(word) => see_other(&format!("{}?done={word}", address(client))),
        Err(error) => refused(admin, error),
    })
}

async fn rotate(admin: &Administrator, listed: &ListedClient, posted: &Posted) -> Response {
    let chosen = OVERLAPS
        .iter()
        .find(|(seconds, _)| *seconds == posted.text("overlap"));
    let seconds = chosen.and_then(|(seconds, _)| seconds.parse().ok());
    let Some(overlap) = seconds.map(Duration::from_secs) else {
        return conflict(admin, "Choose how long the old secret goes on.");
    };
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let id = listed.client.id.as_str();
    match authority
        .rotate_client_secret_by(ctx, id, overlap, admin.actor())
        .await
    {
        Ok(secret) => {
            let draft = Draft::new(Section::Clients, "page-admin-client-secret")
                .title(listed.client.name.clone())
                .above("To the client", address(&listed.client));
            secret_shown(draft, secret.expose()).respond(admin, StatusCode::CREATED)
        }
        Err(error) => refused(admin, error.into()),
    }
}

fn refused(admin: &Administrator, error: UpdateClientError) -> Response {
    match error {
        UpdateClientError::Unchangeable(ChangeClientError::Fault(error)) => fault(&error),
        UpdateClientError::NotAdministrator
        | UpdateClientError::Unchangeable(ChangeClientError::Unknown | ChangeClientError::NotAdministrator) => {
            not_found(&admin.visitor)
        }
        error => conflict(admin, &sentence(&error.to_string())),
    }
}

async fn editable(admin: &Administrator, id: &str) -> Result<ListedClient, Box<Response>> {
    let listed = find(admin, id).await?;
    match listed.client.source {
        ClientSource::Managed | ClientSource::Registered => Ok(listed),
        _ => Err(Box::new(see_other(&address(&listed.client)))),
    }
}

async fn show_edit(admin: &Administrator, id: &str) -> Result<Response, Box<Response>> {
    let listed = editable(admin, id).await?;
    let client = &listed.client;
    let block = edit_block(admin, &listed, &Typed::of(&client.name, &client.settings)).await?;
    Ok(edit_page(admin, &listed, block, StatusCode::OK))
}

async fn edit_block(
    admin: &Administrator,
    listed: &ListedClient,
    typed: &Typed,
) -> Result<Block, Box<Response>> {
    let action = format!("{}/edit", address(&listed.client));
    let mut block = Block::new("edit-client", "Settings", admin.visitor.form(&action, ""))
        .lead("What the client was granted before stays until it ends; nothing beyond these settings is granted any more.");
    block.fields.extend(typed.fields());
    block
        .fields
        .extend(presence_fields(admin, Section::Clients).await?);
    block.back = Some(address(&listed.client));
    Ok(block.button(Button::primary("client-save", "save", "Save")))
}

fn edit_page(admin: &Administrator, listed: &ListedClient, block: Block, status: StatusCode) -> Response {
    Draft::new(Section::Clients, "page-admin-client-edit")
        .title(format!("Change {}", isolated(&listed.client.name)))
        .above("To the client", address(&listed.client))
        .form(block)
        .respond(admin, status)
}

async fn edit(admin: &Administrator, id: &str, posted: &Posted) -> Result<Response, Box<Response>> {
    let listed = editable(admin, id).await?;
    admin.gave(&format!("{}/edit", address(&listed.client)), posted)?;
    let typed = Typed::from(posted);
    let mut block = edit_block(admin, &listed, &typed).await?;
    let change = match typed.read() {
        Ok(change) => change,
        Err(wrong) => {
            for (field, words) in wrong {
                block.complain(field, &words);
            }
            return Ok(edit_page(admin, &listed, block, StatusCode::BAD_REQUEST));
        }
    };
    if let Err(error) = prove(admin, posted).await {
        let (status, time) = complain(&mut block, error, Section::Clients)?;
        return Ok(wait_if(edit_page(admin, &listed, block, status), time));
    }
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    match authority
        .update_client(ctx, &listed.client, change, admin.actor())
        .await
    {
        Ok(client) => Ok(see_other(&format!("{}?done=client-saved", address(&client)))),
        Err(UpdateClientError::Invalid(problems)) => {
            typed.complain(&mut block, &problems);
            Ok(edit_page(admin, &listed, block, StatusCode::BAD_REQUEST))
        }
        Err(error) => Ok(refused(admin, error)),
    }
}
