//! Nobody grants above himself, and nobody but owners touches those who administer the account.

use domain::Caller;
use domain::access_keys::CreateAccessKeyError;
use domain::iam::{ADMINISTRATOR_ACCESS, Beyond, IamError, NewIamUser, PasswordChange, PermitError, Whom};
use model::iam::IamUser;
use model::team::{Membership, MembershipId, TeamRole};
use model::{PlainSecret, SystemRandom, UserId};
use storage::StorageError;
use testkit::database::for_each_database;

use crate::houses::{House, group, person, user};

/// Everything about users and groups, and reading servers.
const IAM: &str =
    r#"{"Sid": "Iam", "Effect": "Allow", "Action": ["iam:*", "compute:Get*"], "Resource": "*"}"#;
const START: &str = r#"{"Sid": "Start", "Effect": "Allow", "Action": "compute:Start*", "Resource": "*"}"#;
const GET: &str = r#"{"Sid": "Get", "Effect": "Allow", "Action": "compute:GetServer", "Resource": "*"}"#;
const FORBID: &str = r#"{"Sid": "Forbid", "Effect": "Deny", "Action": "compute:GetServer", "Resource": "*"}"#;

/// A user of the house, signed in.
fn signed_in(house: &House, user: &IamUser) -> Caller {
    let Caller::Session { session, token, .. } = house.root.clone() else {
        panic!("the root user is signed in");
    };
    Caller::Iam {
        user: Box::new(user.clone()),
        session: Some(session),
        token,
    }
}

/// Whether the error says that it goes beyond what the caller has.
fn is_beyond<T>(result: Result<T, IamError>) -> bool {
    matches!(result, Err(IamError::Beyond(beyond)) if matches!(*beyond, Beyond::Grants { .. }))
}

fn is_protected<T>(result: Result<T, IamError>) -> bool {
    matches!(result, Err(IamError::Beyond(beyond)) if *beyond == Beyond::Administrator)
}

/// A house with `clerk`, who may do everything about users, and `bob`.
async fn staffed(database: storage::Database) -> (House, Caller) {
    let house = House::new(database).await;
    let clerk = house.user("clerk").await;
    house.user("bob").await;
    let id = house.policy("clerks", IAM).await;
    house.attach(user("clerk"), &id).await.unwrap();
    let caller = signed_in(&house, &clerk);
    (house, caller)
}

async fn attached_by(house: &House, caller: &Caller, whom: Whom, id: &str) -> Result<(), IamError> {
    let resource = "arn:authz:iam:::user/bob";
    let permit = house
        .permit(caller, "iam:AttachUserPolicy", resource)
        .await
        .unwrap();
    house
        .world
        .authority
        .attach_policy(&house.world.ctx(), &permit, (whom, id))
        .await
}

async fn detached_by(house: &House, caller: &Caller, whom: Whom, id: &str) -> Result<(), IamError> {
    let resource = "arn:authz:iam:::user/bob";
    let permit = house
        .permit(caller, "iam:DetachUserPolicy", resource)
        .await
        .unwrap();
    house
        .world
        .authority
        .detach_policy(&house.world.ctx(), &permit, (whom, id))
        .await
}

/// P07
#[tokio::test]
async fn a_clerk_gives_what_he_has_and_nothing_else() {
    for_each_database(async |database| {
        let (house, clerk) = staffed(database).await;
        let (start, get) = (house.policy("start", START).await, house.policy("get", GET).await);
        attached_by(&house, &clerk, user("bob"), &get).await.unwrap();
        for id in [
            start.as_str(),
            ADMINISTRATOR_ACCESS,
            "PowerUserAccess",
            "ReadOnlyAccess",
        ] {
            assert!(
                is_beyond(attached_by(&house, &clerk, user("bob"), id).await),
                "{id} for bob"
            );
            assert!(
                is_beyond(attached_by(&house, &clerk, user("clerk"), id).await),
                "{id} for himself"
            );
        }
        house.group("starters").await;
        attached_by(&house, &clerk, group("starters"), &get)
            .await
            .unwrap();
        house.attach(group("starters"), &start).await.unwrap();
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let resource = "arn:authz:iam:::group/starters";
        let permit = house
            .permit(&clerk, "iam:AddUserToGroup", resource)
            .await
            .unwrap();
        for name in ["bob", "clerk"] {
            assert!(
                is_beyond(authority.add_to_group(&ctx, &permit, ("starters", name)).await),
                "{name}"
            );
        }
        for (groups, policies) in [(vec!["starters"], vec![]), (vec![], vec![start.as_str()])] {
            let new = NewIamUser {
                username: "puppet".to_owned(),
                password: None,
                console_access: false,
                require_change: false,
                groups: groups.into_iter().map(str::to_owned).collect(),
                policies: policies.into_iter().map(str::to_owned).collect(),
            };
            assert!(is_beyond(
                authority.create_iam_user(&ctx, &permit, new).await.map(drop)
            ));
        }
        assert!(authority.iam_user_named(&permit, "puppet").await.is_err());
    })
    .await;
}

/// P07: taking away what forbids is giving.
#[tokio::test]
async fn what_forbids_a_clerk_something_is_not_his_to_take_away() {
    for_each_database(async |database| {
        let (house, clerk) = staffed(database).await;
        let forbid = house.policy("forbid", FORBID).await;
        let start = house.policy("start", START).await;
        house.group("frozen").await;
        house.attach(user("clerk"), &forbid).await.unwrap();
        assert!(is_beyond(
            detached_by(&house, &clerk, user("clerk"), &forbid).await
        ));
        house.attach(user("bob"), &start).await.unwrap();
        house.attach(user("bob"), &forbid).await.unwrap();
        assert!(is_beyond(detached_by(&house, &clerk, user("bob"), &forbid).await));
        detached_by(&house, &clerk, user("bob"), &start).await.unwrap();
        detached_by(&house, &clerk, user("bob"), &forbid).await.unwrap();
        house.detach(user("clerk"), &forbid).await.unwrap();
        house.attach(group("frozen"), &forbid).await.unwrap();
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let root = house
            .may("iam:AddUserToGroup", "arn:authz:iam:::group/frozen")
            .await;
        authority
            .add_to_group(&ctx, &root, ("frozen", "clerk"))
            .await
            .unwrap();
        let resource = "arn:authz:iam:::group/frozen";
        let permit = house.permit(&clerk, "iam:DeleteGroup", resource).await.unwrap();
        let left = authority
            .remove_from_group(&ctx, &permit, ("frozen", "clerk"))
            .await;
        assert!(is_beyond(left), "leaving");
        assert!(
            is_beyond(authority.delete_group(&ctx, &permit, "frozen").await),
            "its end"
        );
        let deleted = authority.delete_policy(&ctx, &permit, (&forbid, true)).await;
        assert!(is_beyond(deleted), "the end of the policy");
        assert!(
            !house
                .allows(
                    &authority.iam_user_named(&root, "clerk").await.unwrap(),
                    "compute:GetServer"
                )
                .await
        );
    })
    .await;
}

/// P07
#[tokio::test]
async fn a_password_or_key_is_made_only_for_somebody_with_no_more_rights() {
    for_each_database(async |database| {
        let (house, clerk) = staffed(database).await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let resource = "arn:authz:iam:::user/bob";
        let permit = house
            .permit(&clerk, "iam:UpdatePassword", resource)
            .await
            .unwrap();
        let set = async |name: &str| {
            let change = PasswordChange::Set {
                password: PlainSecret::new("vexing plum orbit"),
                require_change: false,
            };
            authority.set_iam_password(&ctx, &permit, (name, change)).await
        };
        set("bob").await.unwrap();
        set("clerk").await.unwrap();
        house
            .attach(user("bob"), &house.policy("start", START).await)
            .await
            .unwrap();
        assert!(is_beyond(set("bob").await));
        let bob = authority.iam_user_named(&permit, "bob").await.unwrap();
        let key = authority.create_access_key(&ctx, &permit, &bob).await.err();
        assert!(matches!(key, Some(CreateAccessKeyError::Beyond(_))));
        let off = authority
            .set_iam_password(&ctx, &permit, ("bob", PasswordChange::Disable))
            .await;
        assert!(is_beyond(off));
        house.attach(user("bob"), ADMINISTRATOR_ACCESS).await.unwrap();
        assert!(is_protected(set("bob").await));
    })
    .await;
}

/// Somebody who works in the house as this.
async fn colleague(house: &House, name: &str, role: TeamRole) -> Caller {
    let caller = person(&house.world, name).await;
    let membership = Membership {
        id: MembershipId::random(&SystemRandom),
        account_id: house.account.clone(),
        user_id: caller.user().unwrap().id,
        role,
        invited_by: None::<UserId>,
        created_at: house.world.now(),
    };
    let work = house
        .world
        .authority
        .database
        .write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::memberships::insert(w, &membership).await })
        });
    assert!(work.await.unwrap());
    caller
}

/// P07
#[tokio::test]
async fn only_owners_touch_the_administrators_of_an_account() {
    for_each_database(async |database| {
        let (house, _) = staffed(database).await;
        house.attach(user("bob"), ADMINISTRATOR_ACCESS).await.unwrap();
        house.group("any").await;
        let get = house.policy("get", GET).await;
        let admin = colleague(&house, "admina", TeamRole::Admin).await;
        let (authority, ctx) = (&house.world.authority, house.world.ctx());
        let permit = house
            .permit(&admin, "iam:DeleteUser", "arn:authz:iam:::user/bob")
            .await
            .unwrap();
        assert!(is_protected(
            authority.delete_iam_user(&ctx, &permit, "bob").await
        ));
        assert!(is_protected(attached_by(&house, &admin, user("bob"), &get).await));
        assert!(is_protected(
            detached_by(&house, &admin, user("bob"), ADMINISTRATOR_ACCESS).await
        ));
        assert!(is_protected(
            authority.add_to_group(&ctx, &permit, ("any", "bob")).await
        ));
        let off = authority
            .set_iam_password(&ctx, &permit, ("bob", PasswordChange::Disable))
            .await;
        assert!(is_protected(off));
        authority.delete_iam_user(&ctx, &permit, "clerk").await.unwrap();
        let owner = colleague(&house, "ownera", TeamRole::Owner).await;
        let permit = house
            .permit(&owner, "iam:DeleteUser", "arn:authz:iam:::user/bob")
            .await
            .unwrap();
        authority.delete_iam_user(&ctx, &permit, "bob").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_is_no_member_is_told_so_and_a_viewer_why() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        let stranger = person(&house.world, "eve").await;
        let resource = format!("arn:authz:iam::{}:user/bob", house.account);
        let refused = house.permit(&stranger, "iam:GetUser", &resource).await;
        assert!(matches!(refused, Err(PermitError::NotAMember)));
        let viewer = colleague(&house, "viewa", TeamRole::Viewer).await;
        assert!(house.permit(&viewer, "iam:GetUser", &resource).await.is_ok());
        let Err(PermitError::Denied(denial)) = house.permit(&viewer, "iam:DeleteUser", &resource).await
        else {
            panic!("a viewer deletes nobody");
        };
        assert_eq!(denial.explanation, "Denied because no statement allows it.");
        let smallest =
            serde_json::json!({"Effect": "Allow", "Action": "iam:DeleteUser", "Resource": resource});
        assert_eq!(denial.would_allow, Some(smallest));
        let elsewhere = "arn:authz:iam::000000000000:user/bob";
        let refused = house.permit(&house.root, "iam:GetUser", elsewhere).await;
        assert!(matches!(refused, Err(PermitError::NotAMember)));
    })
    .await;
}
