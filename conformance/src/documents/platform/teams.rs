//! Invitations by mail, and members.
//! The page behind the link is looked at by browser tests.

use serde_json::{Value, json};

use super::heading;
use crate::operation::{Area, Caller, Heading, Operation};
use crate::person::{Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had, wrong};
use crate::world::{World, text};

const HERE: Heading = heading("Teams", Area::Teams);

pub(super) const TABLE: &[Operation] = &[
    HERE.with_body("POST", "/auth/team/invite", Caller::Signed),
    HERE.row("GET", "/auth/team/invites", Caller::Signed),
    HERE.row("DELETE", "/auth/team/invites/{id}", Caller::Signed),
    HERE.with_body("POST", "/auth/team/accept", Caller::Signed),
    HERE.row("GET", "/auth/team/invite/info", Caller::Open),
    HERE.row("GET", "/auth/team/members", Caller::Signed),
    HERE.row("DELETE", "/auth/team/members/{id}", Caller::Signed),
];

/// An owner, somebody to invite whose address is confirmed, and somebody else.
struct Cast {
    owner: Signed,
    guest: Signed,
    stranger: Signed,
}

pub(super) async fn run(scenario: &mut Scenario) {
    let cast = cast(&scenario.world).await;
    let Ok(cast) = cast else {
        for row in TABLE {
            let reason: Outcome = cast.as_ref().map(|_| ()).map_err(Clone::clone);
            scenario.note(&row.name(), "with an owner and a guest", reason);
        }
        return;
    };
    let invite = invite(scenario, &cast).await;
    let token = info(scenario, &cast, &invite).await;
    accept(scenario, &cast, &token).await;
    members(scenario, &cast).await;
    withdraw(scenario, &cast).await;
}

async fn cast(world: &World) -> Outcome<Cast> {
    let guest = newcomer(&world.http).await?;
    let code = world.mail.code(&guest.person.email, &["confirm", "verify"]).await;
    let body = json!({"otp": given(code, "a confirmed address")?});
    let verify = world
        .http
        .post("/auth/verify-email")
        .bearer(&guest.token)
        .json(&body);
    given(verify.answers(200, &json!({})).await, "a confirmed address")?;
    Ok(Cast {
        owner: newcomer(&world.http).await?,
        guest,
        stranger: newcomer(&world.http).await?,
    })
}

async fn invite(scenario: &mut Scenario, cast: &Cast) -> Option<Value> {
    let http = scenario.http();
    let case = async {
        let invite = |role: &str| {
            let body = json!({"email": cast.guest.person.email, "role": role});
            http.post("/auth/team/invite")
                .bearer(&cast.owner.token)
                .json(&body)
        };
        invite("emperor").refused(400, "").await?;
        let shape =
            json!({"id": "@text", "email": cast.guest.person.email, "role": "member", "expires_at": "@time"});
        invite("member").answers(201, &shape).await
    };
    let invite = scenario
        .case("POST /auth/team/invite", "by address and role", case)
        .await;
    let case = async {
        let list = http.get("/auth/team/invites").bearer(&cast.owner.token);
        let each = json!({"id": had(&invite, "POST /auth/team/invite")?["id"], "role": "member"});
        list.answers(200, &json!([each])).await?;
        let list = http.get("/auth/team/invites").bearer(&cast.stranger.token);
        list.answers(200, &json!([])).await
    };
    scenario
        .case("GET /auth/team/invites", "pending ones of the account", case)
        .await;
    invite
}

async fn info(scenario: &mut Scenario, cast: &Cast, invite: &Option<Value>) -> Option<String> {
    let http = scenario.http();
    let mail = scenario.world.mail.clone();
    let case = async {
        had(invite, "POST /auth/team/invite")?;
        let token = mail.token(&cast.guest.person.email, &["join"]).await?;
        let info = |token: &str| http.get(&format!("/auth/team/invite/info?token={token}"));
        let shape = json!({"account_name": "@text", "inviter_name": "@text", "email_hint": "@text",
            "role": "member", "expires_at": "@time", "email": "@absent"});
        let answer = info(&token).answers(200, &shape).await?;
        info("no-such-token").refused(404, "").await?;
        match text(&answer, "email_hint") == cast.guest.person.email {
            true => Err(wrong("email_hint", "no more than a hint", answer.to_string())),
            false => Ok(token),
        }
    };
    let operation = "GET /auth/team/invite/info";
    scenario
        .case(
            operation,
            "for whoever has the link, and no more than needed",
            case,
        )
        .await
}

async fn accept(scenario: &mut Scenario, cast: &Cast, token: &Option<String>) {
    let http = scenario.http();
    let case = async {
        let token = had(token, "GET /auth/team/invite/info")?;
        let accept = |who: &Signed| {
            let call = http.post("/auth/team/accept").bearer(&who.token);
            call.json(&json!({"token": token}))
        };
        let other = accept(&cast.stranger).send().await?;
        if !matches!(other.status, 403 | 404) {
            return Err(other.unlike("403 or 404 for another address"));
        }
        accept(&cast.guest)
            .answers(200, &json!({"role": "member"}))
            .await?;
        let again = accept(&cast.guest).send().await?;
        match again.status {
            404 | 409 | 410 => Ok(()),
            _ => Err(again.unlike("410 for a used invitation")),
        }
    };
    scenario
        .case("POST /auth/team/accept", "by whom it was sent to, once", case)
        .await;
}

async fn members(scenario: &mut Scenario, cast: &Cast) {
    let http = scenario.http();
    let case = async {
        let list = http.get("/auth/team/members").bearer(&cast.owner.token);
        let each = json!({"id": "@text", "email": "@text", "role": "@text"});
        let list = list.answers(200, &json!([each, each])).await?;
        Ok(list.as_array().cloned().unwrap_or_default())
    };
    let list = scenario
        .case("GET /auth/team/members", "owner and guest", case)
        .await;
    let case = async {
        let list = had(&list, "GET /auth/team/members")?;
        let id_of = |role: &str| {
            let member = list.iter().find(|member| member["role"] == role);
            member.map(|member| text(member, "id")).unwrap_or_default()
        };
        let delete = |id: &str| {
            let path = format!("/auth/team/members/{id}");
            http.delete(&path).bearer(&cast.owner.token)
        };
        let last = delete(&id_of("owner")).send().await?;
        if !matches!(last.status, 400 | 403 | 409) {
            return Err(last.unlike("a refusal: the last owner stays"));
        }
        delete(&id_of("member")).answers(200, &json!({})).await?;
        delete(&id_of("member")).refused(404, "").await
    };
    scenario
        .case("DELETE /auth/team/members/{id}", "but never the last owner", case)
        .await;
}

async fn withdraw(scenario: &mut Scenario, cast: &Cast) {
    let http = scenario.http();
    let case = async {
        let body = json!({"email": cast.stranger.person.email, "role": "viewer"});
        let made = http
            .post("/auth/team/invite")
            .bearer(&cast.owner.token)
            .json(&body);
        let made = given(made.answers(201, &json!({"id": "@text"})).await, "an invitation")?;
        let path = format!("/auth/team/invites/{}", text(&made, "id"));
        http.delete(&path)
            .bearer(&cast.stranger.token)
            .refused(404, "")
            .await?;
        http.delete(&path)
            .bearer(&cast.owner.token)
            .answers(200, &json!({}))
            .await?;
        http.delete(&path)
            .bearer(&cast.owner.token)
            .refused(404, "")
            .await
    };
    scenario
        .case("DELETE /auth/team/invites/{id}", "of others: 404", case)
        .await;
}
