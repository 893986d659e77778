//! `/account/team`: the accounts somebody works in, who works there with them, and who has been invited.
//! Refuses to show an account to anybody who is not a member of it.

use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use domain::oauth::authorize::SignedIn;
use domain::teams::{InviteError, RenameError, Seated};
use http::StatusCode;
use model::team::{AccountName, Invitation, Member, Seat, TeamRole};

use super::when::Clock;
use super::{Draft, owner, team_member};
use crate::app::AppState;
use crate::http::fault;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, page as error_page, see_other, too_many_attempts, wait};
use crate::pages::view::account::{Choice, Fact, FormPart, Part, Row, Rows, Section};
use crate::pages::view::{Button, Form, Input};
use crate::pages::visitor::Visitor;

pub(super) const TEAM: &str = "/account/team";
const INVITE: &str = "/account/team/invite";
const NAME: &str = "/account/team/name";
/// How many of a list are shown.
const SHOWN: i64 = 100;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(TEAM, get(show))
        .route(INVITE, post(invite))
        .route(NAME, post(rename))
        .merge(team_member::router())
}

/// Which account, which of its members or invitations, and what was just done.
#[derive(serde::Deserialize)]
pub struct TeamQuery {
    #[serde(default)]
    pub account: String,
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub done: String,
}

/// The accounts of whoever is signed in, and the one that is looked at.
pub(super) struct Seats {
    pub all: Vec<Seat>,
    total: i64,
    pub current: Seat,
}

impl Seats {
    /// The account that is named, if they work there; their own, if none is.
    pub(super) async fn of(visitor: &Visitor, who: &SignedIn, named: &str) -> Result<Self, Box<Response>> {
        let authority = &visitor.state.authority;
        let seats = authority.list_seats(&visitor.ctx, who.user.id, (SHOWN, 0)).await;
        let (all, total) = seats.map_err(|error| Box::new(fault(&error)))?;
        let is_meant = |seat: &&Seat| match named {
            "" => seat.account.root == who.user.id,
            named => seat.account.id.to_string() == named,
        };
        match all.iter().find(is_meant).cloned() {
            Some(current) => Ok(Self { all, total, current }),
            None => Err(Box::new(unknown(visitor))),
        }
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("{path}?account={}", self.current.account.id)
    }
}

/// Who may do this here, or the page that says that they may not.
pub(super) async fn seated(
    visitor: &Visitor,
    who: &SignedIn,
    (seats, action): (&Seats, &'static str),
) -> Result<Seated, Box<Response>> {
    let authority = &visitor.state.authority;
    let account = &seats.current.account.id;
    match authority.seat(&visitor.ctx, (who.user.id, account), action).await {
        Ok(Some(seated)) => Ok(seated),
        Ok(None) => {
            let words = "Your role in this account does not allow it. Ask one of its owners.";
            Err(Box::new(error_page(
                visitor,
                StatusCode::FORBIDDEN,
                "That is not yours to do",
                words,
            )))
        }
        Err(error) => Err(Box::new(fault(&error))),
    }
}

pub(super) fn unknown(visitor: &Visitor) -> Response {
    let words = "It may have ended meanwhile, or it is not yours to see.";
    error_page(visitor, StatusCode::NOT_FOUND, "No such thing", words)
}

pub async fn show(visitor: Visitor, Query(query): Query<TeamQuery>) -> Response {
    let who = match owner(&visitor, TEAM) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    match Seats::of(&visitor, who, &query.account).await {
        Ok(seats) => {
            page(
                &visitor,
                who,
                &seats,
                (Forms::default(), &query.done, StatusCode::OK),
            )
            .await
        }
        Err(answer) => *answer,
    }
}

/// Forms that come back with what is wrong in them.
#[derive(Default)]
struct Forms {
    invite: Option<FormPart>,
    name: Option<FormPart>,
}

async fn page(
    visitor: &Visitor,
    who: &SignedIn,
    seats: &Seats,
    (forms, done, status): (Forms, &str, StatusCode),
) -> Response {
    let clock = Clock::of(&who.user);
    let mut draft = Draft::new(Section::Team, "page-account-team")
        .lead("You can work in accounts of others, and others can work in yours. Programs choose the account with the header X-Account-Id.")
        .done(done)
        .part(accounts(seats))
        .part(facts(seats));
    let members = match members(visitor, who, (seats, &clock)).await {
        Ok(members) => members,
        Err(answer) => return *answer,
    };
    draft = draft
        .part(Part::Heading("members-heading", "Members"))
        .part(members);
    if seated(visitor, who, (seats, "team:ListInvites")).await.is_ok() {
        draft = match managed(visitor, who, (seats, &clock), (draft, forms)).await {
            Ok(draft) => draft,
            Err(answer) => return *answer,
        };
    }
    draft.respond(visitor, who, status).await
}

fn accounts(seats: &Seats) -> Part {
    let row = |seat: &Seat| {
        let is_current = seat.account.id == seats.current.account.id;
        let address = format!("{TEAM}?account={}", seat.account.id);
        Row {
            title: seat.account.title.clone(),
            badge: Some(seat.role.as_str()),
            lines: match is_current {
                true => vec![format!("{} · shown below", seat.account.id)],
                false => vec![seat.account.id.to_string()],
            },
            link: (!is_current).then_some(("Switch to it", address)),
            ..Row::default()
        }
    };
    Part::Rows(Rows {
        id: "accounts",
        empty: "You work in no account.",
        rows: seats.all.iter().map(row).collect(),
    })
}

fn facts(seats: &Seats) -> Part {
    let account = &seats.current.account;
    let fact = |name, value: String| Fact {
        name,
        value,
        ..Fact::default()
    };
    let mut facts = vec![
        fact("Account", account.title.clone()),
        fact("Number", account.id.to_string()),
        fact("Your role", seats.current.role.as_str().to_owned()),
    ];
    if seats.total > SHOWN {
        facts.push(fact("Accounts not shown", (seats.total - SHOWN).to_string()));
    }
    Part::Facts(facts)
}

async fn members(
    visitor: &Visitor,
    who: &SignedIn,
    (seats, clock): (&Seats, &Clock),
) -> Result<Part, Box<Response>> {
    let seat = seated(visitor, who, (seats, "team:ListMembers")).await?;
    let listed = visitor.state.authority.list_members(&seat, (SHOWN, 0)).await;
    let (members, total) = listed.map_err(|error| Box::new(fault(&error)))?;
    let mut rows: Vec<Row> = members
        .iter()
        .map(|member| member_row((seats, who), member, clock))
        .collect();
    if total > SHOWN {
        rows.push(Row {
            title: format!("and {} more", total - SHOWN),
            ..Row::default()
        });
    }
    Ok(Part::Rows(Rows {
        id: "members",
        empty: "Nobody works here.",
        rows,
    }))
}

fn member_row((seats, who): (&Seats, &SignedIn), member: &Member, clock: &Clock) -> Row {
    let membership = &member.membership;
    let is_root = membership.user_id == seats.current.account.root;
    let is_own = membership.user_id == who.user.id;
    let manages = matches!(seats.current.role, TeamRole::Owner | TeamRole::Admin)
        && seats.current.role.covers(membership.role);
    let address = seats.address(team_member::MEMBER) + "&id=" + &membership.id.to_string();
    let words = if is_own { "Leave" } else { "Change" };
    let since = format!("Since {}", clock.day(membership.created_at));
    Row {
        title: member.name.clone().unwrap_or_else(|| member.email.to_string()),
        badge: Some(membership.role.as_str()),
        lines: vec![member.email.to_string(), since],
        link: (!is_root && (is_own || manages)).then_some((words, address)),
        ..Row::default()
    }
}

/// What only those see who look after the team.
async fn managed(
    visitor: &Visitor,
    who: &SignedIn,
    (seats, clock): (&Seats, &Clock),
    (draft, forms): (Draft, Forms),
) -> Result<Draft, Box<Response>> {
    let seat = seated(visitor, who, (seats, "team:ListInvites")).await?;
    let authority = &visitor.state.authority;
    let listed = authority.list_invitations(&visitor.ctx, &seat, (SHOWN, 0)).await;
    let (open, _) = listed.map_err(|error| Box::new(fault(&error)))?;
    let row = |invitation: &Invitation| Row {
        title: invitation.email.to_string(),
        badge: Some(invitation.role.as_str()),
        lines: vec![
            format!("Invited {}", clock.day(invitation.created_at)),
            format!("Open until {}", clock.moment(invitation.expires_at)),
        ],
        link: Some((
            "Take back",
            seats.address(team_member::INVITATION) + "&id=" + &invitation.id.to_string(),
        )),
        ..Row::default()
    };
    let invite = forms.invite.unwrap_or_else(|| invite_form(visitor, seats));
    let name = forms.name.unwrap_or_else(|| name_form(visitor, seats));
    Ok(draft
        .part(Part::Heading("invitations-heading", "Open invitations"))
        .part(Part::Rows(Rows {
            id: "invitations",
            empty: "Nobody is invited at the moment.",
            rows: open.iter().map(row).collect(),
        }))
        .part(Part::Form(Box::new(invite)))
        .part(Part::Form(Box::new(name))))
}

fn form(visitor: &Visitor, seats: &Seats, path: &str) -> Form {
    Form {
        action: seats.address(path),
        ..visitor.form(path, "")
    }
}

fn invite_form(visitor: &Visitor, seats: &Seats) -> FormPart {
    let mut part = FormPart::new("invite", "Invite somebody", form(visitor, seats, INVITE))
        .lead("They get a mail with a link. Inviting the same address again replaces the invitation before.")
        .input(Input {
            id: "email",
            label: "E-mail address".to_owned(),
            kind: "email",
            autocomplete: "off",
            ..Input::default()
        });
    let given = TeamRole::INVITED
        .into_iter()
        .filter(|role| seats.current.role.covers(*role));
    part.choice = Some(Choice {
        id: "role",
        label: "Role",
        value: TeamRole::Member.as_str().to_owned(),
        values: given.map(TeamRole::as_str).collect(),
        is_required: true,
        ..Choice::default()
    });
    part.button(Button::primary("invite-submit", "invite", "Send the invitation"))
}

fn name_form(visitor: &Visitor, seats: &Seats) -> FormPart {
    let account = &seats.current.account;
    FormPart::new(
        "account-naming",
        "Name of the account",
        form(visitor, seats, NAME),
    )
    .lead("Shown to those who are invited. Without one, the account is called after its root user.")
    .input(Input {
        id: "account-name",
        label: "Name".to_owned(),
        kind: "text",
        value: account.name.clone().unwrap_or_default(),
        autocomplete: "off",
        optional: true,
        ..Input::default()
    })
    .button(Button {
        look: "secondary",
        ..Button::primary("account-name-submit", "save", "Save")
    })
}

pub async fn invite(visitor: Visitor, Query(query): Query<TeamQuery>, posted: Posted) -> Response {
    let who = match owner(&visitor, TEAM) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(INVITE, posted.csrf()) {
        return forged(&visitor);
    }
    let seats = match Seats::of(&visitor, who, &query.account).await {
        Ok(seats) => seats,
        Err(answer) => return *answer,
    };
    let seat = match seated(&visitor, who, (&seats, "team:Invite")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    let authority = &visitor.state.authority;
    let invited = match TeamRole::parse(posted.text("role")) {
        Some(role) => {
            authority
                .invite(&visitor.ctx, &seat, (posted.text("email"), role))
                .await
        }
        None => Err(InviteError::NoSuchRole),
    };
    match invited {
        Ok(_) => see_other(&(seats.address(TEAM) + "&done=invited")),
        Err(error) => not_invited(&visitor, who, &seats, (&posted, error)).await,
    }
}

async fn not_invited(
    visitor: &Visitor,
    who: &SignedIn,
    seats: &Seats,
    (posted, error): (&Posted, InviteError),
) -> Response {
    let mut form = invite_form(visitor, seats);
    form.input_mut("email")
        .into_iter()
        .for_each(|input| input.value = posted.text("email").chars().take(254).collect());
    let words = sentence(&error.to_string());
    let (status, again) = match error {
        InviteError::Malformed | InviteError::AlreadyMember => {
            form.complain("email", &words);
            (StatusCode::BAD_REQUEST, None)
        }
        InviteError::TooManyMails { retry_after } => {
            form.error = Some(too_many_attempts(retry_after));
            (StatusCode::TOO_MANY_REQUESTS, Some(retry_after))
        }
        InviteError::NoSuchRole
        | InviteError::AboveOwn
        | InviteError::MembersOnly
        | InviteError::TooManyOpen => {
            form.error = Some(words);
            (StatusCode::BAD_REQUEST, None)
        }
        InviteError::Fault(error) => return fault(&error),
    };
    let forms = Forms {
        invite: Some(form),
        name: None,
    };
    let response = page(visitor, who, seats, (forms, "", status)).await;
    match again {
        Some(retry_after) => wait(response, retry_after),
        None => response,
    }
}

pub async fn rename(visitor: Visitor, Query(query): Query<TeamQuery>, posted: Posted) -> Response {
    let who = match owner(&visitor, TEAM) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(NAME, posted.csrf()) {
        return forged(&visitor);
    }
    let seats = match Seats::of(&visitor, who, &query.account).await {
        Ok(seats) => seats,
        Err(answer) => return *answer,
    };
    let seat = match seated(&visitor, who, (&seats, "account:Update")).await {
        Ok(seat) => seat,
        Err(answer) => return *answer,
    };
    let typed = posted.text("account-name").trim();
    let name = match typed.is_empty() {
        true => Ok(None),
        false => typed.parse::<AccountName>().map(Some),
    };
    let name = match name {
        Ok(name) => name,
        Err(error) => {
            let mut form = name_form(&visitor, &seats);
            form.complain("account-name", &sentence(&error.to_string()));
            let forms = Forms {
                invite: None,
                name: Some(form),
            };
            return page(&visitor, who, &seats, (forms, "", StatusCode::BAD_REQUEST)).await;
        }
    };
    let authority = &visitor.state.authority;
    match authority.rename_account(&visitor.ctx, &seat, name).await {
        Ok(_) => see_other(&(seats.address(TEAM) + "&done=account-name")),
        Err(RenameError::NotFound) => unknown(&visitor),
        Err(RenameError::Fault(error)) => fault(&error),
    }
}
