//! `/account/profile`: what people say about themselves.

use axum::extract::Query;
use axum::response::Response;
use domain::people::{ProfileForm, ProfileProblems, UpdateProfileError, time_zones};
use http::StatusCode;

use super::{AccountQuery, Draft, owner, picture};
use crate::http::fault;
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::{Choice, FormPart, Part, Section};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

pub(super) const ACTION: &str = "/account/profile";

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let form = ProfileForm::of(&who.user);
    draft(&visitor, &form, &ProfileProblems::default())
        .part(picture::part(&visitor, who, None))
        .done(&query.done)
        .respond(&visitor, who, StatusCode::OK)
        .await
}

pub async fn submit(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(ACTION, posted.csrf()) {
        return forged(&visitor);
    }
    let form = typed(&posted);
    let authority = &visitor.state.authority;
    match authority.update_profile(&visitor.ctx, &who.user, &form).await {
        Ok(()) => see_other("/account/profile?done=profile"),
        Err(UpdateProfileError::Invalid(problems)) => {
            draft(&visitor, &form, &problems)
                .part(picture::part(&visitor, who, None))
                .respond(&visitor, who, StatusCode::BAD_REQUEST)
                .await
        }
        Err(UpdateProfileError::Fault(error)) => fault(&error),
    }
}

fn typed(posted: &Posted) -> ProfileForm {
    let text = |name: &str| posted.text(name).to_owned();
    ProfileForm {
        name: text("name"),
        username: text("username"),
        given_name: text("given-name"),
        family_name: text("family-name"),
        company: text("company"),
        website: text("website"),
        locale: text("locale"),
        zoneinfo: text("zoneinfo"),
    }
}

pub(super) fn draft(visitor: &Visitor, form: &ProfileForm, problems: &ProfileProblems) -> Draft {
    let mut part = FormPart::new("about-you", "About you", visitor.form(ACTION, ""))
        .lead("Applications that you allow to see your profile see this. Everything may stay empty.");
    for (input, value, error) in [
        (field("name", "Name", "name"), &form.name, told(problems.name)),
        (
            field("username", "User name", "username"),
            &form.username,
            told(problems.username),
        ),
        (
            field("given-name", "Given name", "given-name"),
            &form.given_name,
            told(problems.given_name),
        ),
        (
            field("family-name", "Family name", "family-name"),
            &form.family_name,
            told(problems.family_name),
        ),
        (
            field("company", "Company", "organization"),
            &form.company,
            told(problems.company),
        ),
        (
            field("website", "Website", "url"),
            &form.website,
            told(problems.website),
        ),
        (
            field("locale", "Language", "language"),
            &form.locale,
            told(problems.locale),
        ),
    ] {
        part = part.input(Input {
            value: value.chars().take(2048).collect(),
            error,
            ..input
        });
    }
    part.choice = Some(Choice {
        id: "zoneinfo",
        label: "Time zone",
        value: form.zoneinfo.clone(),
        values: Choice::plain(time_zones()),
        error: told(problems.zoneinfo),
        ..Choice::default()
    });
    let save = Button::primary("profile-submit", "save", "Save");
    Draft::new(Section::Profile, "page-account-profile").part(Part::Form(Box::new(part.button(save))))
}

fn told(problem: Option<impl ToString>) -> Option<String> {
    problem.map(|problem| sentence(&problem.to_string()))
}

fn field(id: &'static str, label: &str, autocomplete: &'static str) -> Input {
    let hint = match id {
        "username" => "You can sign in with it. Letters, digits, dots, dashes and underscores.",
        "locale" => "Such as en-GB or de.",
        "website" => "Begins with https://.",
        _ => "",
    };
    Input {
        id,
        label: label.to_owned(),
        kind: "text",
        autocomplete,
        hint: hint.to_owned(),
        optional: true,
        ..Input::default()
    }
}
