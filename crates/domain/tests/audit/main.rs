//! The audit log below the doors: chains, checkpoints, erasure, retention, reports of proxies, and tampering with all of it.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]
#![expect(clippy::print_stderr, reason = "how many tamperings were tried is told")]

#[path = "../people/world.rs"]
mod world;

mod chain;
mod export;
mod reports;
mod tampering;

use domain::audit::{Answered, Span};
use model::Ctx;
use model::audit::{Acting, Actor, Noted, Reading, Trail, Verdict};
use serde_json::json;
use storage::Database;
use world::World;

/// The account whose log is looked at.
pub const ACCOUNT: &str = "000000004711";

pub async fn open(database: Database) -> World {
    let world = World::new(database);
    world.authority.keep_keys(&world.ctx()).await.unwrap();
    world
}

/// A request of somebody in [`ACCOUNT`].
pub fn request(world: &World, number: usize) -> Ctx {
    request_of(world, number, "usr_someone")
}

pub fn request_of(world: &World, number: usize, actor: &str) -> Ctx {
    let mut ctx = world.ctx();
    ctx.origin.user_agent = Some(format!("agent/{number}"));
    ctx.origin.request_id = Some(format!("request-{number}"));
    ctx.origin.trail = Trail::new();
    ctx.origin.trail.acts(|| Acting {
        kind: "user",
        id: Some(actor.to_owned()),
        name: Some("Ada".to_owned()),
        credential: None,
        account: Some(ACCOUNT.to_owned()),
    });
    ctx.origin.trail.note(Noted {
        actor: Actor::System,
        action: "thing.done",
        target: Some(format!("thing_{number}")),
        detail: json!({ "number": number }),
    });
    ctx
}

pub fn answered(number: usize) -> Answered {
    Answered {
        service: "things",
        method: "POST".to_owned(),
        path: format!("/things/{number}"),
        status: 201,
    }
}

/// So many entries, with a checkpoint in the middle and one at the end.
pub async fn fill(world: &World, entries: usize) {
    for number in 0..entries {
        world
            .authority
            .note_request(&request(world, number), answered(number))
            .await
            .unwrap();
        world.advance(1);
        if number + 1 == entries / 2 || number + 1 == entries {
            world.authority.sign_checkpoints(&world.ctx(), 1).await.unwrap();
        }
    }
}

pub async fn exported(world: &World, span: Span) -> String {
    let export = world
        .authority
        .export_audit_log_of(&world.ctx(), ACCOUNT, span)
        .await;
    let (mut export, mut text) = (export.unwrap(), String::new());
    while let Some(lines) = export.next().await.unwrap() {
        text.push_str(&lines);
    }
    text
}

pub fn read(text: &str) -> Verdict {
    let mut reading = Reading::new(None);
    text.lines().for_each(|line| reading.line(line));
    reading.finish()
}

/// What verifying the database finds, as text.
pub async fn findings(world: &World) -> Vec<String> {
    let verified = world.authority.verify_audit_log(None).await.unwrap();
    verified.findings.list.iter().map(ToString::to_string).collect()
}
