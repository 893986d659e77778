//! The account's rules, and passwords that have to be changed.

use std::time::Duration;

use domain::people::{IamLoginError, IamPasswordError, IamVerify};
use model::PlainSecret;
use model::iam::AccountId;
use model::password_rules::{BrokenRule, PasswordRules};
use storage::StorageError;
use testkit::database::for_each_database;

use super::{Change, attempt};
use crate::world::{PASSWORD, World};

const OTHER: &str = "quilt tangent marrow";
const THIRD: &str = "brisk lantern gravel";

async fn set_rules(world: &World, account: &AccountId, rules: PasswordRules) {
    let (account, now) = (account.clone(), world.now());
    let work = world.authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::password_policies::put(w, &account, &rules, now).await })
    });
    work.await.unwrap();
}

#[tokio::test]
async fn a_password_that_must_change_waits_for_another_and_then_lets_in() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let before = world.signed_in(&house).await;
        let open = world.tokens(&before).await;
        world.change_iam(house.bot.id, Change::RequirePassword).await;
        let Err(IamLoginError::ChangeRequired { pending }) =
            world.log_in_iam(attempt(&house, PASSWORD)).await
        else {
            panic!("let in with the old password");
        };
        let (authority, ctx) = (&world.authority, world.ctx());
        let verify = |new: Option<&str>| {
            let given = IamVerify {
                pending: pending.0.clone(),
                code: None,
                new_password: new.map(PlainSecret::new),
            };
            authority.finish_iam_sign_in(&ctx, given)
        };
        let still = verify(None).await;
        assert!(matches!(still, Err(IamLoginError::ChangeRequired { .. })));
        let short = verify(Some("short")).await;
        assert!(matches!(
            short,
            Err(IamLoginError::Refused(IamPasswordError::Broken { .. }))
        ));
        let who = verify(Some(OTHER)).await.unwrap();
        assert!(world.caller(&world.tokens(&who).await).await.is_some());
        // What the old one had opened is shut, and so is the way here.
        assert!(world.caller(&open).await.is_none());
        assert!(matches!(verify(Some(THIRD)).await, Err(IamLoginError::Over)));
        assert!(world.log_in_iam(attempt(&house, PASSWORD)).await.is_err());
        assert!(world.log_in_iam(attempt(&house, OTHER)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_old_password_is_changed_in_one_step_unless_expiry_is_hard() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let mut rules = PasswordRules {
            max_age_days: 30,
            ..PasswordRules::default()
        };
        set_rules(&world, &house.account, rules).await;
        world.clock.advance(Duration::from_secs(30 * 86_400));
        let due = world.log_in_iam(attempt(&house, PASSWORD)).await;
        assert!(matches!(due, Err(IamLoginError::ChangeRequired { .. })));
        let mut both = attempt(&house, PASSWORD);
        both.new_password = Some(PlainSecret::new(PASSWORD));
        let same = world.log_in_iam(both.clone()).await;
        assert!(
            matches!(same, Err(IamLoginError::Refused(_))),
            "the same is no other"
        );
        both.new_password = Some(PlainSecret::new(OTHER));
        assert!(world.log_in_iam(both.clone()).await.unwrap().done().is_some());
        rules.hard_expiry = true;
        set_rules(&world, &house.account, rules).await;
        world.clock.advance(Duration::from_secs(30 * 86_400));
        both.password = PlainSecret::new(OTHER);
        both.new_password = Some(PlainSecret::new(THIRD));
        let hard = world.log_in_iam(both).await;
        assert!(matches!(hard, Err(IamLoginError::Expired)));
        let wrong = world.log_in_iam(attempt(&house, PASSWORD)).await;
        assert!(matches!(wrong, Err(IamLoginError::InvalidCredentials)));
    })
    .await;
}

#[tokio::test]
async fn every_broken_rule_is_named_and_former_passwords_are_known() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let rules = PasswordRules {
            min_length: 30,
            require_number: true,
            prevent_reuse: 2,
            ..PasswordRules::default()
        };
        set_rules(&world, &house.account, rules).await;
        let broken = change(&world, &house, (PASSWORD, OTHER)).await;
        assert_eq!(broken, [BrokenRule::MinLength, BrokenRule::RequireNumber]);
        let rules = PasswordRules {
            prevent_reuse: 2,
            ..PasswordRules::default()
        };
        set_rules(&world, &house.account, rules).await;
        assert_eq!(
            change(&world, &house, (PASSWORD, PASSWORD)).await,
            [BrokenRule::PreventReuse]
        );
        assert_eq!(change(&world, &house, (PASSWORD, OTHER)).await, []);
        assert_eq!(
            change(&world, &house, (OTHER, PASSWORD)).await,
            [BrokenRule::PreventReuse]
        );
        assert_eq!(change(&world, &house, (OTHER, THIRD)).await, []);
        assert_eq!(change(&world, &house, (THIRD, PASSWORD)).await, []);
    })
    .await;
}

/// By its owner; what it breaks.
async fn change(world: &World, house: &super::House, (old, new): (&str, &str)) -> Vec<BrokenRule> {
    let signed_in = world.log_in_iam(attempt(house, old)).await;
    let who = signed_in.unwrap().done().unwrap();
    let (old, new) = (PlainSecret::new(old), PlainSecret::new(new));
    let (ctx, whose) = (world.ctx(), (&who.user, &who.session));
    match world
        .authority
        .change_iam_password(&ctx, whose, (&old, &new))
        .await
    {
        Ok(()) => Vec::new(),
        Err(IamPasswordError::Broken { broken, .. }) => broken,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn changing_it_takes_the_old_one_and_ends_what_else_is_open() {
    for_each_database(async |database| {
        let world = World::new(database);
        let house = world.house().await;
        let (here, there) = (world.signed_in(&house).await, world.signed_in(&house).await);
        let (kept, lost) = (world.tokens(&here).await, world.tokens(&there).await);
        let (new, wrong) = (PlainSecret::new(OTHER), PlainSecret::new(THIRD));
        let (ctx, whose) = (world.ctx(), (&here.user, &here.session));
        let refused = world.authority.change_iam_password(&ctx, whose, (&wrong, &new));
        assert!(matches!(refused.await, Err(IamPasswordError::WrongPassword)));
        let old = PlainSecret::new(PASSWORD);
        world
            .authority
            .change_iam_password(&ctx, whose, (&old, &new))
            .await
            .unwrap();
        assert!(world.caller(&kept).await.is_some());
        assert!(world.caller(&lost).await.is_none());
        assert_eq!(world.count_audit("iam_user.password_changed").await, 1);
    })
    .await;
}
