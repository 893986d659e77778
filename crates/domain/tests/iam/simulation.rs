//! What would be decided is what is decided.

use domain::iam::{IamError, Simulation};
use policy::{Context, Decision};
use testkit::database::for_each_database;

use crate::houses::{House, group, user};

const OFFICE: &str = r#"{"Sid": "Office", "Effect": "Allow", "Action": "compute:Start*", "Resource": "*",
    "Condition": {"IpAddress": {"request:ip": "192.0.2.0/24"}}}"#;
const OWN: &str = r#"{"Sid": "Own", "Effect": "Allow", "Action": "compute:Get*", "Resource": "arn:authz:compute::*:server/${iam:username}-*"}"#;

async fn simulated(
    house: &House,
    principal: &str,
    wish: (&str, &str, Context),
) -> Result<Decision, IamError> {
    let permit = house
        .may("iam:SimulatePrincipalPolicy", "arn:authz:iam:::user/*")
        .await;
    let wish = Simulation {
        principal: principal.to_owned(),
        action: wish.0.to_owned(),
        resource: wish.1.to_owned(),
        context: wish.2,
    };
    let simulated = house
        .world
        .authority
        .simulate(&house.world.ctx(), &permit, &wish)
        .await?;
    Ok(simulated.verdict.decision)
}

#[tokio::test]
async fn conditions_hold_for_what_the_question_says_and_variables_for_who_they_are() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        house.user("bob").await;
        house.group("makers").await;
        let (office, own) = (
            house.policy("office", OFFICE).await,
            house.policy("own", OWN).await,
        );
        house.attach(user("bob"), &office).await.unwrap();
        house.attach(user("bob"), &own).await.unwrap();
        house.attach(group("makers"), &office).await.unwrap();
        let start = |ip: &str| {
            (
                "compute:StartServer",
                "arn:authz:compute::1:server/x",
                Context::new().with("request:ip", ip),
            )
        };
        let bob = format!("arn:authz:iam::{}:user/bob", house.account);
        let makers = format!("arn:authz:iam::{}:group/makers", house.account);
        for who in ["bob", &bob, &makers] {
            assert_eq!(
                simulated(&house, who, start("192.0.2.9")).await.unwrap(),
                Decision::Allow,
                "{who}"
            );
            let outside = simulated(&house, who, start("198.51.100.1")).await.unwrap();
            assert_eq!(outside, Decision::ImplicitDeny, "{who}");
        }
        let get = |name: &str| {
            let liar = Context::new().with("iam:username", "eve");
            (
                "compute:GetServer",
                format!("arn:authz:compute::1:server/{name}-1"),
                liar,
            )
        };
        for (name, expected) in [("bob", Decision::Allow), ("eve", Decision::ImplicitDeny)] {
            let (action, resource, context) = get(name);
            let found = simulated(&house, "bob", (action, &resource, context))
                .await
                .unwrap();
            assert_eq!(found, expected, "whatever the question says of {name}");
        }
        let root = house.account.root_arn();
        assert_eq!(
            simulated(&house, &root, start("::1")).await.unwrap(),
            Decision::Allow
        );
    })
    .await;
}

#[tokio::test]
async fn only_principals_of_the_account_are_known() {
    for_each_database(async |database| {
        let house = House::new(database).await;
        house.user("bob").await;
        for who in [
            "eve",
            "Bob",
            "",
            "arn:authz:iam::000000000000:user/bob",
            "arn:authz:iam::000000000000:root",
            "arn:authz:iam::managed:policy/AdministratorAccess",
            "arn:",
        ] {
            let wish = ("compute:Start", "*", Context::new());
            let found = simulated(&house, who, wish).await;
            assert!(matches!(found, Err(IamError::Unknown(_))), "{who}");
        }
    })
    .await;
}
