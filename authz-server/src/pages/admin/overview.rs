//! `/admin`: how much there is, what waits, and what is wrong.

use axum::Extension;
use axum::response::Response;
use domain::Fault;
use domain::operation::{Backlog, Figures, MOST_COUNTED};
use http::StatusCode;
use model::signing_key::KeyState;

use super::Draft;
use super::gate::Administrator;
use super::proxies::is_silent;
use crate::cli::Doctor;
use crate::http::fault;
use crate::pages::account::when::Clock;
use crate::pages::view::admin::{Look, Note, Part, Section, Tile};

pub async fn show(admin: Administrator, doctor: Option<Extension<Doctor>>) -> Response {
    match parts(&admin).await {
        Ok((figures, mut notes)) => {
            if let Some(Extension(doctor)) = doctor {
                notes.extend(doctor.findings().await.into_iter().map(finding));
            }
            Draft::new(Section::Overview, "page-admin")
                .part(Part::Tiles(tiles(figures)))
                .heading("state", "State of the server")
                .part(Part::Notes(notes))
                .part(Part::Text(format!(
                    "Version {}, issuer {}.",
                    env!("CARGO_PKG_VERSION"),
                    admin.visitor.state.authority.settings.issuer
                )))
                .respond(&admin, StatusCode::OK)
        }
        Err(error) => fault(&error),
    }
}

async fn parts(admin: &Administrator) -> Result<(Figures, Vec<Note>), Fault> {
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let figures = authority.figures(ctx).await?;
    let backlog = authority.backlog(ctx).await?;
    let clock = admin.clock();
    let mut notes = vec![
        signing_keys(admin).await?,
        polling(admin).await?,
        waiting(&backlog, &clock),
    ];
    notes.extend(trouble(&backlog, &clock));
    Ok((figures, notes))
}

fn tiles(figures: Figures) -> Vec<Tile> {
    let tile = |id, figure, words, href| Tile {
        id,
        figure,
        words,
        href: Some(href),
    };
    let counted = |count: i64| match count > MOST_COUNTED {
        true => format!("{MOST_COUNTED}+"),
        false => count.to_string(),
    };
    vec![
        tile("tile-users", figures.users.to_string(), "users", "/admin/users"),
        tile(
            "tile-sessions",
            counted(figures.sessions),
            "live sessions",
            "/admin/sessions",
        ),
        tile(
            "tile-clients",
            counted(figures.clients),
            "clients",
            "/admin/clients",
        ),
        tile("tile-keys", counted(figures.api_keys), "API keys", "/admin/keys"),
    ]
}

async fn signing_keys(admin: &Administrator) -> Result<Note, Fault> {
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let keys = authority.list_keys(ctx).await?;
    let count = |state: KeyState| keys.iter().filter(|key| key.state(ctx.now) == state).count();
    let is_ready = authority.keys.snapshot().is_ready();
    Ok(Note {
        look: if is_ready { Look::Good } else { Look::Bad },
        about: "Signing keys".to_owned(),
        what: format!(
            "{} sign, {} are published ahead, {} only verify.",
            count(KeyState::Active),
            count(KeyState::Next),
            count(KeyState::Retired)
        ),
        mend: (!is_ready).then(|| {
            "An algorithm has no key that can sign. Look at the server's log: the master key may be missing.".to_owned()
        }),
    })
}

async fn polling(admin: &Administrator) -> Result<Note, Fault> {
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let standings = authority.list_proxies(ctx).await?;
    let silent = standings
        .iter()
        .filter(|standing| is_silent(standing, ctx.now))
        .count();
    let most = standings
        .iter()
        .filter(|standing| !is_silent(standing, ctx.now))
        .map(|standing| standing.behind)
        .max();
    Ok(Note {
        look: if silent > 0 { Look::Doubtful } else { Look::Good },
        about: "Proxies".to_owned(),
        what: match most {
            Some(most) => format!(
                "{} poll the revocation log, at most {most} revocations behind; {silent} have fallen silent.",
                standings.len() - silent
            ),
            None if silent > 0 => format!("None polls the revocation log; {silent} have fallen silent."),
            None => "None polls the revocation log.".to_owned(),
        },
        mend: (silent > 0)
            .then(|| "Fine when they were stopped; else see whether they reach this server.".to_owned()),
    })
}

fn waiting(backlog: &Backlog, clock: &Clock) -> Note {
    let since = backlog.oldest.map_or_else(String::new, |at| {
        format!(", the oldest since {}", clock.moment(at))
    });
    let is_stuck = backlog.due > 100;
    Note {
        look: if is_stuck { Look::Doubtful } else { Look::Good },
        about: "Jobs".to_owned(),
        what: format!("{} are due{since}.", backlog.due),
        mend: is_stuck.then(|| {
            "Letters and deletions wait. See whether the servers run and reach the mail server.".to_owned()
        }),
    }
}

fn trouble(backlog: &Backlog, clock: &Clock) -> Vec<Note> {
    let trying = backlog.struggling.iter().map(|job| Note {
        look: Look::Doubtful,
        about: job.kind.clone(),
        what: format!(
            "failed {} times and is tried again {}: {}",
            job.attempts,
            clock.moment(job.next_at),
            job.last_error
        ),
        mend: None,
    });
    let given_up = backlog.given_up.iter().map(|job| Note {
        look: Look::Bad,
        about: job.kind.clone(),
        what: format!("was given up {}: {}", clock.moment(job.failed_at), job.last_error),
        mend: Some(
            "Mend the cause (for mail: [mail.smtp]); what was given up is not tried again.".to_owned(),
        ),
    });
    trying.chain(given_up).collect()
}

fn finding(found: (&'static str, Look, String, Option<String>)) -> Note {
    let (about, look, what, mend) = found;
    Note {
        look,
        about: about.to_owned(),
        what,
        mend,
    }
}
