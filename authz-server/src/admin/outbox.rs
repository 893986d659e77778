//! `/outbox`: the kept letters, for developers. There is none where letters leave by SMTP.
//! Shows letters as text, so that nothing in them runs; the operators' listener is on the loopback unless moved.

use std::io;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::outbound::mail::Outbox;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #8884}:root{color-scheme:light dark}";

pub(super) fn router(outbox: Option<Outbox>) -> Router {
    match outbox {
        None => Router::new(),
        Some(outbox) => Router::new()
            .route("/outbox", get(list))
            .route("/outbox/{name}", get(show))
            .with_state(outbox),
    }
}

async fn list(State(outbox): State<Outbox>) -> Response {
    match in_background(move || outbox.list()).await {
        Err(error) => failed(&error),
        Ok(letters) => {
            let rows: String = letters
                .iter()
                .map(|letter| {
                    format!(
                        "<tr><td><a href=\"/outbox/{}\">{}</a></td><td>{}</td></tr>",
                        letter.name,
                        escaped(&letter.subject),
                        escaped(&letter.to)
                    )
                })
                .collect();
            let body = if rows.is_empty() {
                "<p>No letter was sent yet.</p>".to_owned()
            } else {
                format!("<table><tr><th>Subject</th><th>To</th></tr>{rows}</table>")
            };
            Html(format!("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Outbox</title><style>{STYLE}</style></head><body><h1>Outbox</h1><p>Letters stay here because no SMTP server is configured.</p>{body}</body></html>")).into_response()
        }
    }
}

async fn show(State(outbox): State<Outbox>, Path(name): Path<String>) -> Response {
    match in_background(move || outbox.read(&name)).await {
        Ok(text) => (
            [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ],
            text,
        )
            .into_response(),
        Err(error) => failed(&error),
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

fn failed(error: &io::Error) -> Response {
    let status = match error.kind() {
        io::ErrorKind::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, "there is no such letter, or it can't be read\n").into_response()
}

fn escaped(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html)
        .map(|text| text.to_string())
        .unwrap_or_default()
}
