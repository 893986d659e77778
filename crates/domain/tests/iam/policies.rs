//! What an account writes, and what it may not.

use domain::Settings;
use domain::iam::{Counted, IamError, Named, NewPolicy};
use storage::Database;
use testkit::database::for_each_database;

use crate::houses::{House, group, user};
use crate::world::World;

const ALLOW: &str = r#"{"Effect": "Allow", "Action": "compute:*", "Resource": "*"}"#;

async fn written(house: &House, name: &str, document: &str) -> Result<usize, IamError> {
    let permit = house.may("iam:CreatePolicy", "arn:authz:iam:::policy/x").await;
    let new = NewPolicy {
        name: name.to_owned(),
        description: String::new(),
        document: document.to_owned(),
    };
    let ctx = house.world.ctx();
    let made = house.world.authority.create_policy(&ctx, &permit, new);
    made.await.map(|(_, lints)| lints.len())
}

/// P05
#[tokio::test]
async fn senseless_documents_are_refused_with_their_place_and_odd_ones_are_told() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        let deep = format!(r#"{{"Version": "2012-10-17", "Statement": {}"#, "[".repeat(10_000));
        let large = format!(r#"{{"Version": "2012-10-17", "Id": "{}"}}"#, "x".repeat(1 << 20));
        for document in [
            "",
            &deep,
            &large,
            r#"{"Version": "2020-01-01", "Statement": []}"#,
            r#"{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}"#,
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Maybe", "Action": "*", "Resource": "*"}]}"#,
            r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": " ", "Resource": "*"}]}"#,
        ] {
            let refused = written(&house, "p", document).await;
            let Err(IamError::Grammar(error)) = refused else {
                panic!("{}", &document[..document.len().min(80)]);
            };
            assert!(error.line > 0 && error.column > 0 && error.reason.len() < 500);
        }
        let odd = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}"#;
        assert_eq!(written(&house, "odd", odd).await.unwrap(), 1);
        assert!(matches!(written(&house, "ODD", odd).await, Err(IamError::Taken(Named::Policy))));
        let managed = written(&house, "administratoraccess", odd).await;
        assert!(matches!(managed, Err(IamError::Taken(Named::Policy))));
        assert!(matches!(written(&house, "a b", odd).await, Err(IamError::Name(Named::Policy, _))));
    })
    .await;
}

#[tokio::test]
async fn a_policy_in_use_names_who_has_it_and_goes_only_when_it_is_to_be_detached() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        house.user("bob").await;
        house.group("makers").await;
        let id = house.policy("allow", ALLOW).await;
        house.attach(user("bob"), &id).await.unwrap();
        house.attach(group("makers"), &id).await.unwrap();
        house.attach(group("makers"), &id).await.unwrap();
        let permit = house
            .may("iam:DeletePolicy", "arn:authz:iam:::policy/allow")
            .await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let refused = authority.delete_policy(&ctx, &permit, (&id, false)).await;
        let Err(IamError::InUse(holders)) = refused else {
            panic!("it is in use");
        };
        assert_eq!(holders, ["user/bob", "group/makers"]);
        authority.delete_policy(&ctx, &permit, (&id, true)).await.unwrap();
        let again = authority.delete_policy(&ctx, &permit, (&id, true)).await;
        assert!(matches!(again, Err(IamError::Unknown(Named::Policy))));
        let managed = authority
            .delete_policy(&ctx, &permit, ("ReadOnlyAccess", true))
            .await;
        assert!(matches!(managed, Err(IamError::Managed)));
        let left = authority.list_attachments(&permit, &user("bob")).await.unwrap();
        assert!(left.is_empty());
        assert!(matches!(
            house.detach(user("bob"), &id).await,
            Err(IamError::NotAttached)
        ));
    })
    .await;
}

fn small(database: Database) -> World {
    World::with(database, |settings: &mut Settings| {
        let iam = &mut settings.iam;
        (iam.users, iam.groups, iam.policies) = (2, 2, 2);
        (iam.attachments, iam.groups_of_user) = (1, 1);
    })
}

fn is_too_many(result: &Result<(), IamError>, wanted: Counted) -> bool {
    matches!(result, Err(IamError::TooMany { what, .. }) if *what == wanted)
}

#[tokio::test]
async fn there_is_room_for_as_many_as_the_settings_say_and_for_no_more() {
    for_each_database(async |database| {
        let house = House::of(small(database), "ada").await;
        house.group("one").await;
        house.group("two").await;
        let permit = house.may("iam:CreateGroup", "arn:authz:iam:::group/x").await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let third = authority.create_group(&ctx, &permit, "three").await.map(drop);
        assert!(is_too_many(&third, Counted::Groups));
        let both = house.user_in("bob", &["one", "two"]).await.map(drop);
        assert!(is_too_many(&both, Counted::GroupsOfUser));
        house.user_in("bob", &["one"]).await.unwrap();
        let joined = authority.add_to_group(&ctx, &permit, ("two", "bob")).await;
        assert!(is_too_many(&joined, Counted::GroupsOfUser));
        house.user("cyd").await;
        assert!(is_too_many(
            &house.user_in("dan", &[]).await.map(drop),
            Counted::Users
        ));
        let (a, b) = (house.policy("a", ALLOW).await, house.policy("b", ALLOW).await);
        let document = format!(r#"{{"Version": "2012-10-17", "Statement": [{ALLOW}]}}"#);
        let third = written(&house, "c", &document).await.map(drop);
        assert!(is_too_many(&third, Counted::Policies));
        house.attach(user("bob"), &a).await.unwrap();
        assert!(is_too_many(
            &house.attach(user("bob"), &b).await,
            Counted::Attachments
        ));
        let left = authority.list_groups(&permit, (10, 0)).await.unwrap();
        assert_eq!(
            (left.items.len(), left.total),
            (2, 2),
            "what was too much is not there"
        );
    })
    .await;
}

#[tokio::test]
async fn two_make_the_last_one_that_there_is_room_for_and_one_does() {
    for_each_database(async |database| {
        let house = House::of(small(database), "ada").await;
        house.group("one").await;
        let permit = house.may("iam:CreateGroup", "arn:authz:iam:::group/x").await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let (a, b) = tokio::join!(
            authority.create_group(&ctx, &permit, "two"),
            authority.create_group(&ctx, &permit, "three"),
        );
        assert_eq!([a.is_ok(), b.is_ok()].into_iter().filter(|made| *made).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn names_are_taken_whatever_their_case_and_found_as_they_are_spelt() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        house.user("Bob").await;
        house.group("Makers").await;
        assert!(matches!(
            house.user_in("bOB", &[]).await,
            Err(IamError::Taken(Named::User))
        ));
        let permit = house.may("iam:GetUser", "arn:authz:iam:::user/bob").await;
        let authority = &house.world.authority;
        let other = authority.read_iam_user(&permit, "bob").await.err();
        assert!(matches!(other, Some(IamError::Unknown(Named::User))));
        assert!(authority.read_iam_user(&permit, "Bob").await.is_ok());
        assert!(authority.read_group(&permit, "makers").await.is_err());
        let long = "n".repeat(65);
        for name in ["", " ", "a/b", "a*", "\u{e9}", long.as_str()] {
            let refused = house.user_in(name, &[]).await;
            assert!(matches!(refused, Err(IamError::Name(Named::User, _))), "{name:?}");
        }
    })
    .await;
}
