//! What ends tokens: revocation, logout, consent, disabling, deletion; and the log that tells of it.

use std::time::Duration;

use model::Ctx;
use model::audit::Actor;
use oauth::error::ErrorCode;
use oauth::logout::LogoutRequest;
use oauth::revocations::RevocationKind;
use oauth::token::TokenResponse;
use testkit::database::for_each_database;

use crate::shop::{Shop, refresh_token, refusal};
use crate::world::World;

async fn is_dead(shop: &Shop, tokens: &TokenResponse) -> bool {
    let refreshed = refusal(shop.refresh(&shop.shop, refresh_token(tokens)).await);
    !shop.is_active(&shop.shop, &tokens.access_token).await && refreshed == Some(ErrorCode::InvalidGrant)
}

/// O32
#[tokio::test]
async fn revoking_touches_only_ones_own_and_a_refresh_token_takes_all_along() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let ctx = shop.world.ctx();
        let tokens = shop.tokens(&shop.shop, "").await;
        let foreign = shop
            .authority()
            .revoke_token(&ctx, &shop.kiosk, tokens.access_token.expose())
            .await;
        assert!(foreign.is_ok() && shop.is_active(&shop.shop, &tokens.access_token).await);
        assert!(
            shop.authority()
                .revoke_token(&ctx, &shop.shop, "unknown")
                .await
                .is_ok()
        );
        shop.authority()
            .revoke_token(&ctx, &shop.shop, tokens.access_token.expose())
            .await
            .unwrap();
        assert!(!shop.is_active(&shop.shop, &tokens.access_token).await);
        let next = shop.refresh(&shop.shop, refresh_token(&tokens)).await.unwrap();
        shop.authority()
            .revoke_token(&ctx, &shop.shop, refresh_token(&next).expose())
            .await
            .unwrap();
        assert!(is_dead(&shop, &next).await);
    })
    .await;
}

/// O16
#[tokio::test]
async fn logout_ends_what_the_session_granted_but_not_offline_access() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let bound = shop.tokens(&shop.shop, "").await;
        let offline = shop
            .tokens(&shop.shop, "scope=openid+offline_access+orders:read")
            .await;
        let by = Actor::User(shop.ada.user.id);
        assert!(
            shop.authority()
                .end_session(&shop.world.ctx(), shop.ada.session.id, by)
                .await
                .unwrap()
        );
        assert!(is_dead(&shop, &bound).await);
        assert!(shop.is_active(&shop.shop, &offline.access_token).await);
        assert!(shop.refresh(&shop.shop, refresh_token(&offline)).await.is_ok());
    })
    .await;
}

/// O16
#[tokio::test]
async fn a_disabled_user_a_withdrawn_consent_and_a_deleted_client_end_everything() {
    for_each_database(async |database| {
        let shop = Shop::open(database.clone()).await;
        let ctx = shop.world.ctx();
        let tokens = shop.tokens(&shop.shop, "").await;
        assert!(
            shop.authority()
                .withdraw_consent(&ctx, shop.ada.user.id, &shop.shop.id)
                .await
                .unwrap()
        );
        assert!(is_dead(&shop, &tokens).await);
        let tokens = shop.tokens(&shop.shop, "scope=openid+offline_access").await;
        shop.authority()
            .disable_user(&ctx, shop.ada.user.id, Actor::Operator)
            .await
            .unwrap();
        assert!(is_dead(&shop, &tokens).await);
        shop.authority()
            .enable_user(&ctx, shop.ada.user.id, Actor::Operator)
            .await
            .unwrap();
        assert!(is_dead(&shop, &tokens).await, "what ended stays ended");
        shop.world.advance(1);
        let tokens = shop.tokens(&shop.shop, "scope=openid+offline_access").await;
        assert!(shop.is_active(&shop.shop, &tokens.access_token).await);
        shop.authority()
            .delete_client(&shop.world.ctx(), "shop")
            .await
            .unwrap();
        assert!(is_dead(&shop, &tokens).await);
        assert!(shop.authority().find_client("shop").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn the_log_tells_every_ending_in_order() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let ctx = shop.world.ctx();
        let tokens = shop.tokens(&shop.shop, "").await;
        let before = shop.authority().revocation_snapshot().await.unwrap().head;
        shop.authority()
            .revoke_token(&ctx, &shop.shop, tokens.access_token.expose())
            .await
            .unwrap();
        shop.authority()
            .revoke_token(&ctx, &shop.shop, refresh_token(&tokens).expose())
            .await
            .unwrap();
        let page = shop.authority().revocations_after(before).await.unwrap();
        let seen: Vec<_> = page.events.iter().map(|event| event.kind).collect();
        assert_eq!(seen, [RevocationKind::Token, RevocationKind::Grant]);
        let positions = [before, page.events[0].position, page.events[1].position];
        assert!(positions.is_sorted_by(|one, next| one < next), "{positions:?}");
        assert_eq!((page.head, page.more), (positions[2], false));
        // So that a log restored from a copy uses none of them again.
        assert!(positions[1] >= u64::try_from(ctx.now.as_micros()).unwrap());
    })
    .await;
}

/// R8: the clock is ahead for a while, by an hour or by years; everything is cleared up meanwhile, and a replica starts.
#[tokio::test]
async fn what_was_revoked_stays_so_when_the_clock_is_set_forward_and_back() {
    for_each_database(async |database| {
        let shop = Shop::open(database.clone()).await;
        let tokens = shop.tokens(&shop.shop, "").await;
        let (ctx, authority) = (shop.world.ctx(), shop.authority());
        let before = authority.revocation_snapshot().await.unwrap().head;
        let token = tokens.access_token.expose();
        authority.revoke_token(&ctx, &shop.shop, token).await.unwrap();
        let hour = Duration::from_secs(3600);
        assert!(authority.settled_ctx(&ctx, Duration::ZERO).is_none());
        let settled = at(&ctx, hour);
        assert_eq!(authority.settled_ctx(&settled, hour).unwrap().now, settled.now);
        let years = Duration::from_secs(10 * 365 * 86_400);
        for (steady, ahead) in [(hour, hour), (hour * 3 / 2, years)] {
            let wrong = at(&ctx, steady + ahead);
            let settled = authority.settled_ctx(&wrong, steady).unwrap();
            authority.forget_expired(&settled).await.unwrap();
            assert!(!shop.is_active(&shop.shop, &tokens.access_token).await);
            assert_eq!(authority.revocations_after(before).await.unwrap().events.len(), 1);
            let replica = World::new(database.clone());
            replica.clock.set(wrong.now);
            let snapshot = replica.authority.revocation_snapshot().await.unwrap();
            assert!(snapshot.events.iter().any(|event| event.position > before));
        }
    })
    .await;
}

fn at(ctx: &Ctx, later: Duration) -> Ctx {
    Ctx {
        now: ctx.now.plus(later),
        ..ctx.clone()
    }
}

/// A reader that waits is woken by the commit, not by the clock.
#[tokio::test]
async fn a_waiting_reader_hears_of_a_revocation() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let tokens = shop.tokens(&shop.shop, "").await;
        let (authority, ctx) = (shop.authority().clone(), shop.world.ctx());
        let waiting = tokio::spawn(async move { authority.revocations_after(0).await.unwrap() });
        shop.authority()
            .revoke_token(&ctx, &shop.shop, tokens.access_token.expose())
            .await
            .unwrap();
        assert_eq!(waiting.await.unwrap().events.len(), 1);
    })
    .await;
}

/// O36
#[tokio::test]
async fn logout_asks_unless_the_hint_is_of_this_session_and_returns_only_to_registered_places() {
    for_each_database(async |database| {
        let shop = Shop::open(database).await;
        let tokens = shop.tokens(&shop.shop, "").await;
        let hint = tokens.id_token.as_ref().unwrap().expose().to_owned();
        let request = |hint: Option<&str>, uri: Option<&str>| LogoutRequest {
            id_token_hint: hint.map(str::to_owned),
            post_logout_redirect_uri: uri.map(str::to_owned),
            ..LogoutRequest::default()
        };
        let ctx = shop.world.ctx();
        let session = Some(&shop.ada.session);
        let plan = async |request: LogoutRequest| {
            shop.authority()
                .plan_logout(&ctx, &request, session)
                .await
                .unwrap()
        };
        let bye = Some("https://shop.example/bye");
        let proven = plan(request(Some(&hint), bye)).await;
        assert!(!proven.confirm && proven.redirect.is_some());
        assert!(plan(request(None, None)).await.confirm);
        assert!(plan(request(None, bye)).await.bad_redirect);
        assert!(
            plan(request(Some(&hint), Some("https://shop.example/bye?x")))
                .await
                .bad_redirect
        );
        let forged = format!("{hint}x");
        assert!(plan(request(Some(&forged), bye)).await.bad_redirect);
    })
    .await;
}
