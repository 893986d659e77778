//! `/account`: the account at a glance.

use axum::extract::Query;
use axum::response::Response;
use domain::Fault;
use domain::oauth::authorize::SignedIn;
use http::StatusCode;
use model::api_key::KeyKind;

use super::when::Clock;
use super::{AccountQuery, Draft, owner};
use crate::http::fault;
use crate::pages::view::account::{Fact, Part, Section};
use crate::pages::visitor::Visitor;

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, Section::Overview.path()) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let facts = match facts(&visitor, who).await {
        Ok(facts) => facts,
        Err(error) => return fault(&error),
    };
    Draft::new(Section::Overview, "page-account")
        .done(&query.done)
        .part(Part::Facts(facts))
        .respond(&visitor, who, StatusCode::OK)
        .await
}

async fn facts(visitor: &Visitor, who: &SignedIn) -> Result<Vec<Fact>, Fault> {
    let (authority, user) = (&visitor.state.authority, &who.user);
    let sessions = authority.list_sessions(&visitor.ctx, user).await?.len();
    let applications = authority.list_applications(&visitor.ctx, user).await?.len();
    let keys = authority
        .list_api_keys(&visitor.ctx, user.id, &KeyKind::ALL)
        .await?
        .len();
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "Not set".to_owned());
    let fact = |name, value: String, link| Fact {
        name,
        value,
        badge: None,
        link: Some(link),
    };
    let is_confirmed = user.email_verified_at.is_some();
    let email = Fact {
        badge: (!is_confirmed).then_some("Not confirmed"),
        ..fact(
            "E-mail",
            user.email.to_string(),
            if is_confirmed {
                ("Change", Section::Email.path())
            } else {
                ("Confirm it", "/verify-email")
            },
        )
    };
    let password = if user.password.is_some() { "Set" } else { "None" };
    Ok(vec![
        fact(
            "Name",
            or_none(user.profile.name.clone()),
            ("Edit", Section::Profile.path()),
        ),
        fact(
            "User name",
            or_none(user.username.as_ref().map(ToString::to_string)),
            ("Edit", Section::Profile.path()),
        ),
        email,
        fact("Password", password.to_owned(), ("Change", Section::Email.path())),
        fact(
            "Sessions",
            count(sessions, "place"),
            ("Look at them", Section::Sessions.path()),
        ),
        fact(
            "Applications",
            count(applications, "application"),
            ("Look at them", Section::Applications.path()),
        ),
        fact(
            "API keys",
            count(keys, "key"),
            ("Look at them", Section::Keys.path()),
        ),
        Fact {
            name: "Member since",
            value: Clock::of(user).day(user.created_at),
            ..Fact::default()
        },
    ])
}

fn count(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, "place") => "Signed in here only".to_owned(),
        (count, "place") => format!("Signed in in {count} places"),
        (0, noun) => format!("No {noun}s"),
        (1, noun) => format!("1 {noun}"),
        (count, noun) => format!("{count} {noun}s"),
    }
}
