//! The entry of one request to the server itself.
//! Refuses bodies and queries: what an entry says was said by the domain, or is the address without what follows it.

use model::audit::details::{LONGEST_DETAILS, canonical, one_line};
use model::audit::{Acting, Actor, Draft, Noted, Personal, SERVER_CHAIN, Traces};
use model::{AuditId, Ctx, UserId};
use serde_json::{Value, json};
use storage::StorageError;

use super::append::append;
use crate::authority::Authority;
use crate::caller::Caller;
use crate::fault::Fault;

pub(super) const IAM: &str = "iam";
const LONGEST_NAME: usize = 128;
const LONGEST_AGENT: usize = 256;
const LONGEST_RESOURCE: usize = 256;
/// Not done, not refused by a rule, but turned away: writing it down would make the limit worthless.
const TOO_MANY: u16 = 429;

/// A request that was answered, as its door knows it.
pub struct Answered {
    pub service: &'static str,
    pub method: String,
    /// Without a query, and without what could open anything.
    pub path: String,
    pub status: u16,
}

impl Authority {
    /// Writes the entry of a request. Nothing is written for strangers who were refused before anything happened.
    ///
    /// # Errors
    /// Storage: then the request must not be acknowledged.
    pub async fn note_request(&self, ctx: &Ctx, answered: Answered) -> Result<(), Fault> {
        let traces = ctx.origin.trail.traces();
        let happened = !traces.events.is_empty();
        let refused = answered.status >= 400;
        if !happened && (answered.status == TOO_MANY || refused && traces.acting.is_none()) {
            return Ok(());
        }
        let mut acting = acting(&traces);
        let account = self.place_of(ctx, &traces, &mut acting).await?;
        let draft = self.draft(ctx, answered, (acting, traces));
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { append(w, &account, vec![draft]).await })
        });
        Ok(work.await?)
    }

    fn draft(&self, ctx: &Ctx, answered: Answered, (acting, traces): (Acting, Traces)) -> Draft {
        let mut salt = [0; 32];
        ctx.random.fill(&mut salt);
        let actions: Vec<&str> = traces.events.iter().map(|event| event.action).collect();
        let resource = traces.events.iter().find_map(|event| event.target.as_deref());
        let agent = ctx.origin.user_agent.as_deref();
        Draft {
            id: AuditId::random(ctx.random.as_ref()).to_string(),
            at: self.clock.now(),
            actor_type: acting.kind.to_owned(),
            actor: acting.id,
            service: answered.service.to_owned(),
            method: answered.method,
            path: answered.path,
            status: answered.status,
            request_id: ctx.origin.request_id.clone(),
            resource: resource.map(|text| one_line(text, LONGEST_RESOURCE)),
            actions: actions.join(" "),
            reporter: None,
            personal: Personal {
                salt,
                actor_name: acting.name.map(|name| one_line(&name, LONGEST_NAME)),
                ip: ctx
                    .origin
                    .address
                    .map(|address| address.to_canonical().to_string()),
                user_agent: agent.map(|agent| one_line(agent, LONGEST_AGENT)),
                details: details(&traces.events, traces.left_out, acting.credential.as_deref()),
            },
        }
    }

    /// The account acted in; else that of the actor; else that of whom it was about.
    async fn place_of(&self, ctx: &Ctx, traces: &Traces, acting: &mut Acting) -> Result<String, Fault> {
        let said = traces.account.as_ref().or(acting.account.as_ref());
        if let Some(account) = said {
            return Ok(account.clone());
        }
        if let Some(user) = acting.id.as_deref().and_then(person) {
            let home = self.home_of(ctx, Some(user)).await?;
            if home.is_iam {
                acting.kind = IAM;
            }
            return Ok(home.account);
        }
        let target = traces.events.iter().find_map(|event| event.target.as_deref());
        let about = target.filter(|_| acting.id.is_none()).and_then(person);
        Ok(self.home_of(ctx, about).await?.account)
    }

    /// Where somebody's requests belong. The same look-ups for nobody: an unknown name takes as long as a known one (L01).
    pub(super) async fn home_of(&self, ctx: &Ctx, user: Option<UserId>) -> Result<Home, Fault> {
        let id = user.unwrap_or_else(|| UserId::random(ctx.random.as_ref()));
        let mut reader = self.database.read().await?;
        let own = storage::accounts::find_of_root(&mut reader, id).await?;
        let iam = storage::iam_users::find_by_id(&mut reader, id).await?;
        let is_iam = iam.is_some();
        let account = own.map(|account| account.to_string());
        if let Some(account) = account.or_else(|| iam.map(|user| user.account_id.to_string())) {
            return Ok(Home { account, is_iam });
        }
        let known = user.is_some() && storage::users::find_by_id(&mut reader, id).await?.is_some();
        drop(reader);
        let account = match known {
            true => self.account_number(ctx, id).await?.to_string(),
            // Nobody, or somebody who is gone.
            false => SERVER_CHAIN.to_owned(),
        };
        Ok(Home { account, is_iam })
    }
}

/// The account that somebody's requests belong to when nothing says another one.
pub(super) struct Home {
    pub account: String,
    pub is_iam: bool,
}

/// Who is behind a live credential, as entries name them.
pub(crate) fn acting_of(caller: &Caller) -> Acting {
    let token = caller.token();
    let who = match (caller.user(), caller.iam_user()) {
        (Some(user), _) => person_acting(user),
        (None, Some(user)) => Acting {
            kind: IAM,
            id: Some(user.id.to_string()),
            name: Some(user.name.to_string()),
            credential: None,
            account: None,
        },
        (None, None) => Acting::client(&token.client_id),
    };
    Acting {
        credential: token.key_id.map(|id| id.to_string()),
        account: caller.account().map(|account| account.id.to_string()),
        ..who
    }
}

/// Somebody who is signed in.
pub(crate) fn person_acting(user: &model::user::User) -> Acting {
    let name = user.profile.name.clone();
    Acting {
        kind: "user",
        id: Some(user.id.to_string()),
        name: name.or_else(|| Some(user.email.to_string())),
        credential: None,
        account: None,
    }
}

/// Whoever came with a credential; else whom the domain says has acted.
fn acting(traces: &Traces) -> Acting {
    if let Some(acting) = &traces.acting {
        return acting.clone();
    }
    let mut actors = traces.events.iter().map(|event| &event.actor);
    let actor = actors.find(|actor| **actor != Actor::Anonymous);
    let actor = actor.unwrap_or(&Actor::Anonymous);
    Acting {
        kind: actor.kind(),
        id: actor.id(),
        name: None,
        credential: None,
        account: None,
    }
}

/// Events name a user by the id, or as what attempts are counted on.
fn person(name: &str) -> Option<UserId> {
    name.strip_prefix("account:").unwrap_or(name).parse().ok()
}

fn details(events: &[Noted], left_out: usize, credential: Option<&str>) -> Value {
    let told = |full: bool| {
        let events = events.iter().map(|event| match full {
            true => json!({ "action": event.action, "target": event.target, "detail": event.detail }),
            false => json!({ "action": event.action }),
        });
        let mut details = json!({ "events": events.collect::<Vec<_>>() });
        if let Some(credential) = credential {
            details["credential"] = json!(credential);
        }
        if left_out > 0 {
            details["more_events"] = json!(left_out);
        }
        canonical(details)
    };
    let full = told(true);
    match full.to_string().len() > LONGEST_DETAILS {
        true => told(false),
        false => full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_that_are_too_long_name_the_events_only() {
        let event = Noted {
            actor: Actor::System,
            action: "thing.done",
            target: None,
            detail: json!("x".repeat(1900)),
        };
        let few = details(&vec![event.clone(); 2], 0, None);
        assert_eq!(few["events"][0]["detail"], event.detail);
        let many = details(&vec![event; 16], 3, Some("key_1"));
        assert_eq!(many["events"][15], json!({ "action": "thing.done" }));
        assert_eq!(
            (&many["more_events"], &many["credential"]),
            (&json!(3), &json!("key_1"))
        );
    }

    #[test]
    fn people_are_known_by_both_names() {
        let id = UserId::random(&model::SystemRandom);
        assert_eq!(person(&id.to_string()), Some(id));
        assert_eq!(person(&format!("account:{id}")), Some(id));
        assert_eq!(person("client"), None);
    }
}
