//! The doors: how each is gone through, and what the log says then.

use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt as _, TryFutureExt as _};
use model::audit::Actor;
use model::grant::GrantEnd;
use model::user::Role;
use model::{Ctx, PlainSecret};
use oauth::revocations::RevocationKind::{self, Account, Client, Grant, Key, Session, Subject, Token};

use super::Scene;
use crate::world::PASSWORD;

const NEW: &str = "eleven brass teapots";

/// A way to end something.
pub struct Door {
    pub name: &'static str,
    /// What there must be before.
    pub given: for<'s> fn(&'s mut Scene) -> BoxFuture<'s, ()>,
    /// True when it did.
    pub ends: for<'s> fn(&'s Scene, &'s Ctx) -> BoxFuture<'s, bool>,
    pub told: &'static [RevocationKind],
}

fn yes<'s, E>(ended: impl Future<Output = Result<bool, E>> + Send + 's) -> BoxFuture<'s, bool> {
    ended.map(|ended| ended.is_ok_and(|ended| ended)).boxed()
}

fn done<'s, T, E>(ended: impl Future<Output = Result<T, E>> + Send + 's) -> BoxFuture<'s, bool> {
    ended.map(|ended| ended.is_ok()).boxed()
}

fn count<'s, E: 's>(
    wanted: usize,
    ended: impl Future<Output = Result<usize, E>> + Send + 's,
) -> BoxFuture<'s, bool> {
    yes(ended.map_ok(move |ended| ended == wanted))
}

fn secret(text: &str) -> PlainSecret {
    PlainSecret::new(text)
}

fn nothing(_: &mut Scene) -> BoxFuture<'_, ()> {
    std::future::ready(()).boxed()
}

pub const DOORS: &[Door] = &[
    Door {
        name: "a session",
        given: nothing,
        ends: |s, ctx| yes(s.world.authority.end_session(ctx, s.other.session.id, s.by())),
        told: &[Session],
    },
    Door {
        name: "a session of one's own",
        given: nothing,
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .end_own_session(ctx, &s.ada.user, s.other.session.id))
        },
        told: &[Session],
    },
    Door {
        name: "all other sessions",
        given: nothing,
        ends: |s, ctx| {
            count(
                1,
                s.world
                    .authority
                    .end_own_sessions(ctx, &s.ada.user, Some(s.ada.session.id)),
            )
        },
        told: &[Session],
    },
    Door {
        name: "a session, by an administrator",
        given: nothing,
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .end_session_of(ctx, s.other.session.id, Actor::Operator))
        },
        told: &[Session],
    },
    Door {
        name: "all sessions, by an administrator",
        given: nothing,
        ends: |s, ctx| {
            count(
                2,
                s.world
                    .authority
                    .end_sessions_of(ctx, s.ada.user.id, Actor::Operator),
            )
        },
        told: &[Session, Session],
    },
    Door {
        name: "a new password",
        given: nothing,
        ends: |s, ctx| {
            done(s.world.authority.change_password(
                ctx,
                (&s.ada.user, &s.ada.session),
                (secret(PASSWORD), secret(NEW)),
            ))
        },
        told: &[Session],
    },
    Door {
        name: "a new password by a mailed link",
        given: |s| s.a_reset().boxed(),
        ends: |s, ctx| done(s.world.authority.reset_password(ctx, &s.held.secret, secret(NEW))),
        told: &[Session, Session],
    },
    Door {
        name: "an authenticator app that is taken away",
        given: |s| s.an_app().boxed(),
        ends: |s, ctx| {
            done(
                s.world
                    .authority
                    .disable_totp(ctx, (&s.ada.user, &s.ada.session), &s.held.secret),
            )
        },
        told: &[Session, Session],
    },
    Door {
        name: "the last passkey",
        given: |s| s.a_passkey().boxed(),
        ends: |s, ctx| {
            Box::pin(async move {
                let password = secret(PASSWORD);
                let which = (s.held.passkey.as_ref().unwrap().id, &password);
                let removed = s
                    .world
                    .authority
                    .remove_passkey(ctx, (&s.ada.user, &s.ada.session), which);
                removed.await.is_ok_and(|removed| removed)
            })
        },
        told: &[Session, Session],
    },
    Door {
        name: "a change of address that is taken back",
        given: |s| s.a_change_of_address().boxed(),
        ends: |s, ctx| done(s.world.authority.undo_email_change(ctx, &s.held.secret)),
        told: &[Session, Session],
    },
    Door {
        name: "a user who is disabled",
        given: nothing,
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .disable_user(ctx, s.ada.user.id, Actor::Operator))
        },
        told: &[Subject, Account],
    },
    Door {
        name: "a user who is erased",
        given: nothing,
        ends: |s, ctx| done(s.world.authority.delete_user(ctx, s.ada.user.id, Actor::Operator)),
        told: &[Subject, Account],
    },
    Door {
        name: "another role",
        given: nothing,
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .change_role(ctx, s.ada.user.id, Role::Admin, Actor::Operator))
        },
        told: &[Subject],
    },
    Door {
        name: "the wish to leave",
        given: nothing,
        ends: |s, ctx| {
            Box::pin(async move {
                let password = secret(PASSWORD);
                let asked = s
                    .world
                    .authority
                    .request_deletion(ctx, (&s.ada.user, &s.ada.session), &password);
                asked.await.is_ok()
            })
        },
        told: &[Key],
    },
    Door {
        name: "a member who leaves",
        given: |s| s.a_member().boxed(),
        ends: |s, ctx| {
            Box::pin(async move {
                let left = s.held.membership();
                let left = s.world.authority.leave(ctx, (&s.account, left.user_id), left.id);
                left.await.is_ok_and(|left| left)
            })
        },
        told: &[Subject],
    },
    Door {
        name: "a key",
        given: nothing,
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .revoke_api_key(ctx, s.ada.user.id, s.key.id, s.by()))
        },
        told: &[Key],
    },
    Door {
        name: "all keys",
        given: nothing,
        ends: |s, ctx| count(1, s.world.authority.revoke_api_keys(ctx, s.ada.user.id, s.by())),
        told: &[Key],
    },
    Door {
        name: "a key, by an administrator",
        given: nothing,
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .revoke_key_of_somebody(ctx, s.key.id, Actor::Operator))
        },
        told: &[Key],
    },
    Door {
        name: "a key that is rotated",
        given: nothing,
        ends: |s, ctx| {
            done(
                s.world
                    .authority
                    .rotate_api_key(ctx, &s.ada.user, s.key.id, Duration::ZERO),
            )
        },
        told: &[Key],
    },
    Door {
        name: "an access key",
        given: |s| s.an_access_key().boxed(),
        ends: |s, ctx| {
            yes(s.world.authority.delete_access_key(
                ctx,
                s.held.permit(),
                (&s.bot, s.held.access_key.unwrap()),
            ))
        },
        told: &[Key],
    },
    Door {
        name: "an IAM user who is switched off",
        given: nothing,
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .switch_iam_user(ctx, (s.bot.id, false), Actor::Operator))
        },
        told: &[Subject],
    },
    Door {
        name: "an IAM user who is deleted",
        given: |s| s.leave_to_delete().boxed(),
        ends: |s, ctx| {
            done(
                s.world
                    .authority
                    .delete_iam_user(ctx, s.held.permit(), s.bot.name.as_str()),
            )
        },
        told: &[Subject],
    },
    Door {
        name: "a client",
        given: |s| s.a_client().boxed(),
        ends: |s, ctx| done(s.world.authority.delete_client(ctx, s.held.client().id.as_str())),
        told: &[Client],
    },
    Door {
        name: "a consent",
        given: |s| s.tokens().boxed(),
        ends: |s, ctx| {
            yes(s
                .world
                .authority
                .withdraw_consent(ctx, s.ada.user.id, &s.held.client().id))
        },
        told: &[Grant],
    },
    Door {
        name: "a grant",
        given: |s| s.tokens().boxed(),
        ends: |s, ctx| {
            done(s.world.authority.end_grant(
                ctx,
                s.held.tokens().caller.token().grant_id.unwrap(),
                GrantEnd::Revoked,
                s.by(),
            ))
        },
        told: &[Grant],
    },
    Door {
        name: "an access token",
        given: |s| s.tokens().boxed(),
        ends: |s, ctx| {
            done(
                s.world
                    .authority
                    .revoke_token(ctx, s.held.client(), &s.held.tokens().access),
            )
        },
        told: &[Token],
    },
    Door {
        name: "a refresh token",
        given: |s| s.tokens().boxed(),
        ends: |s, ctx| {
            done(
                s.world
                    .authority
                    .revoke_token(ctx, s.held.client(), &s.held.tokens().refresh),
            )
        },
        told: &[Grant],
    },
];
