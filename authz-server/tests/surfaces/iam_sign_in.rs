//! IAM users at the doors: alike refusals, what ends their tokens where they are checked, and accounts that are chosen.

use http::Method;
use model::audit::Actor;
use model::team::{Membership, MembershipId, TeamRole};
use model::{SystemRandom, UserId};
use serde_json::{Value, json};
use storage::StorageError;

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

const OTHER: &str = "quilt tangent marrow";

struct House {
    app: App,
    root: Program,
    root_id: String,
    account: String,
}

impl House {
    async fn new() -> Self {
        let app = App::new().await;
        let root = register(&app, "root@example.org").await;
        let program = app.program().bearing(root.text("/access_token"));
        let new = json!({"username": "bot", "password": PASSWORD});
        assert_eq!(program.post("/auth/iam/users", new).await.status, 201);
        Self {
            root: program,
            root_id: root.text("/user/id").to_owned(),
            account: root.text("/user/account_id").to_owned(),
            app,
        }
    }

    async fn log_in(&self, body: Value) -> Reply {
        let mut given = json!({"account_id": self.account, "username": "bot", "password": PASSWORD});
        for (name, value) in body.as_object().unwrap() {
            given[name] = value.clone();
        }
        self.app.program().post("/auth/iam-login", given).await
    }

    async fn tokens(&self) -> Reply {
        let reply = self.log_in(json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply
    }

    fn bearing(&self, tokens: &Reply) -> Program {
        self.app.program().bearing(tokens.text("/access_token"))
    }

    /// What the doors where tokens are checked say of these.
    async fn checked(&self, tokens: &Reply) -> [u16; 3] {
        let bearer = self.bearing(tokens);
        let refresh = json!({"refresh_token": tokens.body["refresh_token"]});
        let me = bearer.get("/auth/me").await.status;
        let check = bearer.get("/check").await.status;
        let refreshed = self.app.program().post("/auth/refresh", refresh).await.status;
        [me.as_u16(), check.as_u16(), refreshed.as_u16()]
    }
}

async fn register(app: &App, email: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD});
    let reply = app.program().post("/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply
}

/// L18
#[tokio::test]
async fn wrong_account_name_and_password_are_answered_word_for_word_alike() {
    let house = House::new().await;
    let mut answers = Vec::new();
    for wrong in [
        json!({"account_id": "000000000000"}),
        json!({"account_id": "root@example.org"}),
        json!({"username": "nobody"}),
        json!({"password": OTHER}),
    ] {
        let reply = house.log_in(wrong).await;
        answers.push((reply.status.as_u16(), reply.body["error"].clone()));
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

/// What ends everything that an IAM user has open.
#[derive(Clone, Copy, Debug)]
enum End {
    Deleted,
    PasswordSet,
    PasswordDisabled,
    LoggedOut,
    RootDisabled,
}

impl End {
    const ALL: [Self; 5] = [
        Self::Deleted,
        Self::PasswordSet,
        Self::PasswordDisabled,
        Self::LoggedOut,
        Self::RootDisabled,
    ];

    async fn bring(self, house: &House, tokens: &Reply) {
        let set = |body: Value| {
            let body = Some(body.to_string());
            house
                .root
                .send(Method::PATCH, "/auth/iam/users/bot/password", body)
        };
        let status = match self {
            Self::Deleted => house.root.delete("/auth/iam/users/bot").await.status,
            Self::PasswordSet => set(json!({"password": OTHER})).await.status,
            Self::PasswordDisabled => set(json!({"disabled": true})).await.status,
            Self::LoggedOut => {
                let bearer = house.bearing(tokens);
                bearer.send(Method::POST, "/api/logout", None).await.status
            }
            Self::RootDisabled => {
                let root: UserId = house.root_id.parse().unwrap();
                let authority = &house.app.authority;
                let disabled = authority
                    .disable_user(&house.app.ctx(), root, Actor::Operator)
                    .await;
                assert!(disabled.unwrap());
                return;
            }
        };
        assert_eq!(status, 200, "{self:?}");
    }
}

/// S12: each way to end × each door where a token is checked.
#[tokio::test]
async fn what_ends_an_iam_users_session_ends_it_at_every_door() {
    for end in End::ALL {
        let house = House::new().await;
        let tokens = house.tokens().await;
        assert_eq!(house.bearing(&tokens).get("/auth/me").await.status, 200);
        end.bring(&house, &tokens).await;
        assert_eq!(house.checked(&tokens).await, [401, 401, 401], "{end:?}");
    }
}

#[tokio::test]
async fn a_password_of_ones_own_is_changed_and_only_this_session_goes_on() {
    let house = House::new().await;
    let (here, there) = (house.tokens().await, house.tokens().await);
    let own = house.bearing(&here);
    let change = |old: &str, new: &str| {
        let body = json!({"current_password": old, "new_password": new});
        own.post("/auth/iam/me/password", body)
    };
    assert_eq!(change(OTHER, OTHER).await.refusal(), (403, "invalid_password"));
    let short = change(PASSWORD, "short").await;
    assert_eq!(short.status, 400);
    assert_eq!(short.body["error"]["details"]["rules"][0], "min_length");
    assert_eq!(change(PASSWORD, OTHER).await.status, 200);
    assert_eq!(house.checked(&there).await, [401, 401, 401]);
    assert_eq!(house.checked(&here).await, [200, 200, 200]);
}

#[tokio::test]
async fn a_password_that_must_change_is_changed_on_the_way_in() {
    let house = House::new().await;
    let body = json!({"password": OTHER, "require_change": true}).to_string();
    let path = "/auth/iam/users/bot/password";
    assert_eq!(house.root.send(Method::PATCH, path, Some(body)).await.status, 200);
    let due = house.log_in(json!({"password": OTHER})).await;
    assert_eq!(due.refusal(), (401, "password_change_required"));
    let pending = due.text("/error/details/pending_token");
    let verify = json!({"pending_token": pending, "new_password": PASSWORD});
    let reply = house
        .app
        .program()
        .post("/auth/iam-login/verify", verify.clone())
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let again = house.app.program().post("/auth/iam-login/verify", verify).await;
    assert_eq!(again.status, 410);
    assert_eq!(house.checked(&reply).await, [200, 200, 200]);
}

/// T05
#[tokio::test]
async fn an_account_is_chosen_among_ones_own_and_the_token_stays_in_it() {
    let house = House::new().await;
    let ada = register(&house.app, "ada@example.org").await;
    let (own, id) = (
        ada.text("/user/account_id"),
        ada.text("/user/id").parse().unwrap(),
    );
    let log_in = |account: &str| {
        let body = json!({"email": "ada@example.org", "password": PASSWORD, "account_id": account});
        let program = house.app.program();
        async move { program.post("/auth/login", body).await }
    };
    assert_eq!(log_in(&house.account).await.refusal(), (403, "not_a_member"));
    let header = house.app.program().with("x-account-id", own);
    let both = json!({"email": "ada@example.org", "password": PASSWORD, "account_id": house.account});
    let both = header.post("/auth/login", both).await;
    assert_eq!(both.refusal(), (403, "account_mismatch"));
    seat(&house, id).await;
    let there = log_in(&house.account).await;
    assert_eq!(there.status, 200, "{}", there.body);
    let me = house.bearing(&there).get("/auth/me").await;
    assert_eq!(me.text("/account_id"), house.account);
    assert_eq!(me.text("/type"), "member");
    let elsewhere = house.bearing(&there).with("x-account-id", own);
    let users = elsewhere.get("/auth/iam/users").await;
    assert_eq!(users.refusal(), (403, "account_mismatch"));
    let refresh = json!({"refresh_token": there.body["refresh_token"]});
    let again = house.app.program().post("/auth/refresh", refresh).await;
    let me = house.bearing(&again).get("/auth/me").await;
    assert_eq!(me.text("/account_id"), house.account);
}

/// Lets the person work in the house's account.
async fn seat(house: &House, user: UserId) {
    let membership = Membership {
        id: MembershipId::random(&SystemRandom),
        account_id: house.account.parse().unwrap(),
        user_id: user,
        role: TeamRole::Member,
        invited_by: None,
        created_at: house.app.ctx().now,
    };
    let database = &house.app.authority.database;
    let work = database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::memberships::insert(w, &membership).await })
    });
    assert!(work.await.unwrap());
}
