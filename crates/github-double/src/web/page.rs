//! The HTML: plain forms, one button for each choice.
//! Shows nothing that is not escaped.

use axum::response::{Html, IntoResponse, Response};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use url::Url;

use crate::call::Pairs;
use crate::people::Person;
use crate::world::World;

/// One form per person, the suggested one first, and one to refuse.
pub(super) fn choose_person(
    world: &World,
    client_id: &str,
    suggested: Option<&str>,
    pairs: &Pairs,
) -> Response {
    let hidden = hidden(pairs);
    let is_suggested =
        |person: &&Person| suggested.is_some_and(|login| person.login.eq_ignore_ascii_case(login));
    let mut people: Vec<&Person> = world.people.values().collect();
    people.sort_by_key(|person| !is_suggested(person));
    let mut forms: String = people
        .into_iter()
        .map(|person| form(&hidden, ("person", &person.login), "person", &label(person)))
        .collect();
    forms.push_str(&format!(
        "<form method=\"post\">{hidden}<button id=\"deny\" name=\"deny\" value=\"1\">Cancel</button></form>\n"
    ));
    let title = format!("Authorize {}", escape(client_id));
    html(StatusCode::OK, &title, &format!("<p>Continue as</p>\n{forms}"))
}

/// One form per account.
pub(super) fn choose_account(world: &World, slug: &str, state: Option<&str>) -> Response {
    let pairs: Pairs = state
        .map(|state| ("state".to_owned(), state.to_owned()))
        .into_iter()
        .collect();
    let hidden = hidden(&pairs);
    let forms: String = world
        .accounts()
        .map(|account| {
            form(
                &hidden,
                ("account", &account.login),
                "install",
                &escape(&account.login),
            )
        })
        .collect();
    let title = format!("Install {}", escape(slug));
    html(StatusCode::OK, &title, &format!("<p>Install for</p>\n{forms}"))
}

/// The end of an installation that leads nowhere else.
pub(super) fn installed(installation: u64) -> Response {
    html(
        StatusCode::OK,
        "Installed",
        &format!("<p id=\"installed\">{installation}</p>"),
    )
}

pub(super) fn not_found() -> Response {
    html(
        StatusCode::NOT_FOUND,
        "Page not found",
        "<p>This is not the web page you are looking for.</p>",
    )
}

/// A picture for an account: the number's colour.
pub(crate) fn avatar(id: u64) -> Response {
    let hue = id.wrapping_mul(47) % 360;
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><rect width=\"8\" height=\"8\" \
         fill=\"hsl({hue} 60% 45%)\"/></svg>"
    );
    ([("content-type", "image/svg+xml")], picture).into_response()
}

pub(super) fn redirect(url: &Url) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(location) = HeaderValue::from_str(url.as_str()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

pub(super) fn redirect_with_cookie(url: &Url, name: &str, value: &str) -> Response {
    let mut response = redirect(url);
    let cookie = format!("{name}={value}; Path=/login; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

fn form(hidden: &str, (name, value): (&str, &str), id: &str, label: &str) -> String {
    let value = escape(value);
    format!(
        "<form method=\"post\">{hidden}<button id=\"{id}-{value}\" name=\"{name}\" \
         value=\"{value}\">{label}</button></form>\n"
    )
}

fn label(person: &Person) -> String {
    let login = escape(&person.login);
    match &person.name {
        Some(name) => format!("{} ({login})", escape(name)),
        None => login,
    }
}

fn hidden(pairs: &Pairs) -> String {
    let field = |(name, value): &(String, String)| {
        let (name, value) = (escape(name), escape(value));
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    };
    pairs.iter().map(field).collect()
}

fn html(status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1>\n{body}</body></html>\n"
    );
    let alone = [("cache-control", "no-store"), ("x-frame-options", "deny")];
    (status, alone, Html(page)).into_response()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
