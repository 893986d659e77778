//! What is known of a request besides action and resource, under the keys that policies may name (`policy::KEYS`).
//! Refuses to say what is not known: a condition on it does not hold.

use model::Ctx;
use model::iam::AccountId;
use oauth::scope::Scope;
use policy::Context;

use super::subject::Subject;
use crate::oauth::TokenFacts;

/// How a second factor is told in `amr` (RFC 8176).
const SECOND_FACTOR: &str = "mfa";

/// What the server knows of a request. `token`: none where it is only thought of.
pub(super) fn context(
    ctx: &Ctx,
    (subject, account): (&Subject, &AccountId),
    token: Option<&TokenFacts>,
) -> Context {
    let mut known = of_subject(subject, account);
    known.add("request:time", ctx.now.to_string());
    if let Some(address) = ctx.origin.address {
        known.add("request:ip", address.to_canonical().to_string());
    }
    known.add(
        "request:user_agent",
        ctx.origin.user_agent.clone().unwrap_or_default(),
    );
    if let Some(token) = token {
        add_token(&mut known, token, ctx);
    }
    known
}

/// What does not depend on the request.
pub(super) fn of_subject(subject: &Subject, account: &AccountId) -> Context {
    let mut known = Context::new()
        .with("iam:userid", subject.id.to_string())
        .with("iam:account_id", account.as_str())
        .with("iam:principal_arn", subject.arn.as_str())
        .with("iam:principal_type", subject.kind.as_str())
        .with("iam:username", subject.username.clone().unwrap_or_default());
    known.set("iam:groups", subject.groups.iter().map(String::as_str));
    known
}

fn add_token(known: &mut Context, token: &TokenFacts, ctx: &Ctx) {
    let proved = token.amr.iter().flatten().any(|method| method == SECOND_FACTOR);
    known.add("iam:mfa", if proved { "true" } else { "false" });
    if let Some(at) = token.auth_time.filter(|_| proved) {
        let age = ctx.now.as_seconds().saturating_sub(at).max(0);
        known.add("iam:mfa_age", age.to_string());
    }
    known.add("token:client_id", token.client_id.as_str());
    known.add("token:issued_at", token.issued_at.to_string());
    known.set("token:scope", token.scopes.iter().map(Scope::as_str));
}
