//! `/admin/audit`: everything that happened, filtered; and one event in full.

use std::time::Duration;

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::operation::Wanted;
use http::StatusCode;
use model::{Ctx, Timestamp};
use serde::Deserialize;
use storage::audit::StoredEvent;
use url::form_urlencoded::Serializer;

use super::gate::{Administrator, not_found};
use super::{Draft, fact};
use crate::http::fault;
use crate::pages::account::when::Clock;
use crate::pages::view::admin::{Cell, Pager, Part, Search, Section, Select, Table};

const PATH: &str = "/admin/audit";
const PERIODS: [(&str, &str); 5] = [
    ("", "Ever"),
    ("1h", "The last hour"),
    ("1d", "The last day"),
    ("7d", "The last 7 days"),
    ("30d", "The last 30 days"),
];

#[derive(Default, Deserialize)]
pub struct AuditQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    from: String,
    /// Since when, as it was when the first page was asked for: a place is good for one search only.
    #[serde(default)]
    since: String,
}

impl AuditQuery {
    fn wanted(&self, ctx: &Ctx) -> Wanted {
        let short = |text: &str| text.trim().chars().take(200).collect();
        Wanted {
            subject: short(&self.q),
            action: short(&self.action),
            address: short(&self.address),
            since: self.since(ctx),
        }
    }

    fn since(&self, ctx: &Ctx) -> Timestamp {
        if let Ok(micros) = self.since.parse() {
            return Timestamp::from_micros(micros);
        }
        let hours = match self.period.as_str() {
            "1h" => 1,
            "1d" => 24,
            "7d" => 7 * 24,
            "30d" => 30 * 24,
            _ => return Timestamp::EPOCH,
        };
        ctx.now.minus(Duration::from_secs(hours * 3600))
    }

    fn link(&self, wanted: &Wanted, from: &str) -> String {
        let since = wanted.since.as_micros().to_string();
        let mut query = Serializer::new(String::new());
        let pairs = [
            ("q", wanted.subject.as_str()),
            ("action", &wanted.action),
            ("address", &wanted.address),
            ("period", &self.period),
            ("since", &since),
            ("from", from),
        ];
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
        format!("{PATH}?{}", query.finish())
    }
}

pub async fn show(admin: Administrator, Query(query): Query<AuditQuery>) -> Response {
    let wanted = query.wanted(&admin.visitor.ctx);
    let authority = &admin.visitor.state.authority;
    let page = match authority.search_audit(&wanted, &query.from).await {
        Ok(page) => page,
        Err(error) => return fault(&error),
    };
    let clock = admin.clock();
    let rows = page.events.iter().map(|event| row(event, &clock)).collect();
    let empty = match page.is_cut {
        true => "Nothing among the events looked at. Go on to look further back.".to_owned(),
        false => "Nothing like this happened. Try a shorter action or a longer time.".to_owned(),
    };
    Draft::new(Section::Audit, "page-admin-audit")
        .part(Part::Search(search(&query, &wanted)))
        .part(Part::Table(Table {
            id: "events",
            caption: "Audit events, newest first",
            heads: vec!["What", "By", "To", "From", "When"],
            rows,
            empty,
        }))
        .part(Part::Pager(Pager {
            words: String::new(),
            newer: (!query.from.is_empty()).then(|| query.link(&wanted, "")),
            older: page.next.map(|next| query.link(&wanted, &next)),
        }))
        .respond(&admin, StatusCode::OK)
}

fn search(query: &AuditQuery, wanted: &Wanted) -> Search {
    Search {
        action: PATH.into(),
        label: "Who did it, or to whom it was done",
        hint: "The id of a user, client, session or key.",
        q: wanted.subject.clone(),
        selects: vec![Select {
            id: "period",
            label: "When",
            values: PERIODS.to_vec(),
            value: query.period.clone(),
        }],
        more: vec![
            ("action", "Action begins with", wanted.action.clone()),
            ("address", "IP address", wanted.address.clone()),
        ],
    }
}

fn actor(event: &StoredEvent) -> String {
    match &event.actor_id {
        Some(id) => format!("{} {id}", event.actor_kind),
        None => event.actor_kind.clone(),
    }
}

fn row(event: &StoredEvent, clock: &Clock) -> Vec<Cell> {
    vec![
        Cell {
            is_code: true,
            ..Cell::link(event.action.clone(), format!("{PATH}/{}", event.id))
        },
        Cell::text(actor(event)),
        Cell::text(event.target.clone().unwrap_or_default()),
        Cell::text(event.address.clone().unwrap_or_default()),
        Cell::short(clock.moment(event.at)),
    ]
}

pub async fn show_one(admin: Administrator, Path(id): Path<String>) -> Response {
    let event = match admin.visitor.state.authority.find_audit_event(&id).await {
        Ok(Some(event)) => event,
        Ok(None) => return not_found(&admin.visitor),
        Err(error) => return fault(&error),
    };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "None".to_owned());
    Draft::new(Section::Audit, "page-admin-audit-event")
        .title(event.action.clone())
        .above("All events", PATH)
        .part(Part::Facts(vec![
            fact("Id", Cell::code(event.id.clone())),
            fact(
                "When",
                Cell::text(admin.clock().moment(event.at)).line(event.at.to_string()),
            ),
            fact("By", Cell::text(actor(&event))),
            fact("To", Cell::text(or_none(event.target.clone()))),
            fact("From", Cell::text(or_none(event.address.clone()))),
            fact("Program", Cell::text(or_none(event.user_agent.clone()))),
        ]))
        .heading("detail-heading", "In detail")
        .part(Part::Code("detail", format!("{:#}", event.detail)))
        .respond(&admin, StatusCode::OK)
}
