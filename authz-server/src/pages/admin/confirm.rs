//! The page before anything is changed: it names what is touched, and asks who is there where that is not certain.
//! Refuses to act on a session that was merely left open (S11).

use std::time::Duration;

use axum::response::Response;
use domain::people::PresenceError;
use http::StatusCode;
use model::PlainSecret;

use super::gate::Administrator;
use super::{Draft, Section};
use crate::http::fault;
use crate::pages::flow::sign_in_for;
use crate::pages::posted::Posted;
use crate::pages::presence::{self, WRONG_CODE, WRONG_PASSWORD};
use crate::pages::refusal::{see_other, too_many_attempts, wait_if};
use crate::pages::view::admin::{Block, Field};
use crate::pages::view::{Button, Input};

const TYPED: &str = "typed";

/// Something that is about to be done.
pub struct Question {
    pub section: Section,
    pub page: &'static str,
    pub title: String,
    /// What it is done to and what follows.
    pub lead: Vec<String>,
    /// Where the answer is posted to; its token is good for nothing else.
    pub action: String,
    pub back: String,
    pub button: &'static str,
    /// Asks whoever it is to show that it is them.
    pub is_grave: bool,
    /// A text that has to be typed.
    pub typed: Option<String>,
    /// Besides what shows who is there.
    pub fields: Vec<Field>,
}

impl Question {
    pub fn new(section: Section, page: &'static str, title: impl Into<String>) -> Self {
        Self {
            section,
            page,
            title: title.into(),
            lead: Vec::new(),
            action: String::new(),
            back: section.path().to_owned(),
            button: "Go on",
            is_grave: true,
            typed: None,
            fields: Vec::new(),
        }
    }

    pub fn lead(mut self, sentence: impl Into<String>) -> Self {
        self.lead.push(sentence.into());
        self
    }

    /// Asks.
    pub async fn ask(self, admin: &Administrator) -> Response {
        match self.block(admin).await {
            Ok(block) => self.show(admin, block, StatusCode::OK),
            Err(answer) => *answer,
        }
    }

    fn show(&self, admin: &Administrator, block: Block, status: StatusCode) -> Response {
        Draft::new(self.section, self.page)
            .title(self.title.clone())
            .form(block)
            .respond(admin, status)
    }

    async fn block(&self, admin: &Administrator) -> Result<Block, Box<Response>> {
        let form = admin.visitor.form(&self.action, "");
        let mut block = Block::new("confirm", "Please confirm", form);
        block.lead.clone_from(&self.lead);
        for field in &self.fields {
            block.fields.push(field.clone());
        }
        if let Some(text) = &self.typed {
            block.fields.push(Field::Text(Input {
                id: TYPED,
                label: format!("Type {text} to go on"),
                kind: "text",
                autocomplete: "off",
                ..Input::default()
            }));
        }
        if self.is_grave {
            let fields = presence_fields(admin, self.section).await?;
            block.fields.extend(fields);
        }
        block.back = Some(self.back.clone());
        Ok(block.button(Button {
            look: if self.is_grave { "danger" } else { "primary" },
            ..Button::primary("confirm-submit", "go", self.button)
        }))
    }

    /// Whether the answer is a yes, from whom it has to be; else the page again.
    pub async fn answered(&self, admin: &Administrator, posted: &Posted) -> Result<(), Box<Response>> {
        admin.gave(&self.action, posted)?;
        if let Some(text) = &self.typed
            && posted.text(TYPED).trim() != text
        {
            let mut block = self.block(admin).await?;
            block.complain(TYPED, "This is not what has to be typed.");
            return Err(Box::new(self.show(admin, block, StatusCode::BAD_REQUEST)));
        }
        if !self.is_grave {
            return Ok(());
        }
        let Err(error) = prove(admin, posted).await else {
            return Ok(());
        };
        let mut block = self.block(admin).await?;
        let (status, time) = complain(&mut block, error, self.section)?;
        Err(Box::new(wait_if(self.show(admin, block, status), time)))
    }
}

/// A question, and what it is about; an answer where there is nothing to ask about.
pub type Found<T> = Result<(T, Question), Box<Response>>;

/// Asks about what was found.
pub async fn ask<T>(admin: &Administrator, found: Found<T>) -> Response {
    match found {
        Ok((_, question)) => question.ask(admin).await,
        Err(answer) => *answer,
    }
}

/// What the administrator has agreed to by the form at `action`; else the page again.
/// S03: before anything is told about it, the form has to be ours.
pub async fn agreed<T>(
    admin: &Administrator,
    (action, posted): (&str, &Posted),
    find: impl Future<Output = Found<T>>,
) -> Result<T, Box<Response>> {
    admin.gave(action, posted)?;
    let (about, question) = find.await?;
    question.answered(admin, posted).await?;
    Ok(about)
}

/// The fields by which administrators show that it is them; none within minutes of signing in.
pub async fn presence_fields(admin: &Administrator, section: Section) -> Result<Vec<Field>, Box<Response>> {
    let authority = &admin.visitor.state.authority;
    let demand = authority
        .presence_demand_with(&admin.visitor.ctx, (&admin.who.user, &admin.who.session))
        .await
        .map_err(|error| Box::new(fault(&error)))?;
    let Some(demand) = demand else {
        return Ok(Vec::new());
    };
    if demand.sign_in {
        return Err(Box::new(see_other(&sign_in_for(section.path()))));
    }
    let fields = presence::fields(demand).into_iter();
    Ok(fields.map(Field::Text).collect())
}

/// That whoever posted this is the administrator, now.
pub async fn prove(admin: &Administrator, posted: &Posted) -> Result<(), PresenceError> {
    let authority = &admin.visitor.state.authority;
    let who = (&admin.who.user, &admin.who.session);
    let password = PlainSecret::new(posted.text("current-password"));
    let was_asked = posted.0.get("current-password").is_some() || posted.0.get("code").is_some();
    let demand = authority.presence_demand_with(&admin.visitor.ctx, who).await?;
    match demand {
        None => Ok(()),
        // The form was given out when nothing was asked for: no guess, so nothing is counted.
        Some(demand) if !was_asked && demand.password => Err(PresenceError::WrongPassword),
        Some(_) => {
            let given = presence::given(&password, posted);
            authority.prove_presence(&admin.visitor.ctx, who, given).await
        }
    }
}

/// Says in the form what was not proven; the status, and how long to wait, where it is that.
pub fn complain(
    block: &mut Block,
    error: PresenceError,
    section: Section,
) -> Result<(StatusCode, Option<Duration>), Box<Response>> {
    match error {
        PresenceError::WrongPassword => block.complain("current-password", WRONG_PASSWORD),
        PresenceError::WrongCode => block.complain("code", WRONG_CODE),
        PresenceError::TooManyAttempts { retry_after } => {
            block.error = Some(too_many_attempts(retry_after));
            return Ok((StatusCode::TOO_MANY_REQUESTS, Some(retry_after)));
        }
        PresenceError::SignInAgain => return Err(Box::new(see_other(&sign_in_for(section.path())))),
        PresenceError::Fault(error) => return Err(Box::new(fault(&error))),
    }
    Ok((StatusCode::FORBIDDEN, None))
}
