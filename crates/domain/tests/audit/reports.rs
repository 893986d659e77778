//! What proxies report is written once, under their name, in the account that it was about.

use std::sync::Arc;

use domain::audit::{MOST_REPORTED, Report, ReportError, Reported};
use domain::clients::{KnownClient, NewClient};
use model::client::{ClientSettings, GrantType};
use testkit::database::for_each_database;

use crate::world::World;
use crate::{findings, open};

async fn client(world: &World, id: &str, proxy: bool) -> Arc<KnownClient> {
    let settings = ClientSettings {
        grant_types: vec![GrantType::ClientCredentials],
        proxy,
        ..ClientSettings::default()
    };
    let new = NewClient {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        settings,
    };
    world.authority.create_client(&world.ctx(), new).await.unwrap();
    world.authority.known_client(id).await.unwrap().unwrap()
}

fn report(world: &World, subject: Option<&str>) -> Report {
    Report {
        at: world.now(),
        service: "orders\n".to_owned(),
        method: "DELETE".to_owned(),
        path: "/orders/7".to_owned(),
        status: 204,
        subject: subject.map(str::to_owned),
        client: Some("shop".to_owned()),
        account: Some("999999999999".to_owned()),
        ip: Some("192.0.2.7".to_owned()),
        user_agent: None,
        request_id: Some("request-1".to_owned()),
        decision_id: None,
    }
}

#[tokio::test]
async fn a_batch_that_comes_again_adds_only_what_was_not_there() {
    for_each_database(async |database| {
        let world = open(database).await;
        let proxy = client(&world, "edge", true).await;
        let ada = world.register("ada").await.user.id.to_string();
        let batch = |count: usize| {
            let reports = [
                report(&world, Some(&ada)),
                report(&world, None),
                report(&world, Some("shop")),
            ];
            ("batch-0001", reports.into_iter().take(count).collect())
        };
        let take = async |count| {
            world
                .authority
                .take_reports(&world.ctx(), &proxy, batch(count))
                .await
                .unwrap()
        };
        assert_eq!(take(2).await, Reported { written: 2, known: 0 });
        assert_eq!(take(3).await, Reported { written: 1, known: 2 });
        assert_eq!(take(3).await, Reported { written: 0, known: 3 });
        let account = world
            .authority
            .account_number(&world.ctx(), ada.parse().unwrap())
            .await
            .unwrap();
        let of_ada = world
            .authority
            .verify_audit_log(Some(account.as_str()))
            .await
            .unwrap();
        assert_eq!(of_ada.entries, 1);
        assert_eq!(findings(&world).await, Vec::<String>::new());
    })
    .await;
}

/// T04
#[tokio::test]
async fn nobody_but_a_proxy_reports_and_no_batch_is_endless() {
    for_each_database(async |database| {
        let world = open(database).await;
        let (shop, edge) = (
            client(&world, "shop", false).await,
            client(&world, "edge", true).await,
        );
        let one = || vec![report(&world, None)];
        let by = async |client: &KnownClient, batch, reports| {
            world
                .authority
                .take_reports(&world.ctx(), client, (batch, reports))
                .await
        };
        assert!(matches!(
            by(&shop, "batch-0001", one()).await,
            Err(ReportError::NotAProxy)
        ));
        let many = vec![report(&world, None); MOST_REPORTED + 1];
        assert!(matches!(
            by(&edge, "batch-0001", many).await,
            Err(ReportError::Malformed)
        ));
        for name in ["", "short", "with blank", &"x".repeat(65)] {
            assert!(
                matches!(by(&edge, name, one()).await, Err(ReportError::Malformed)),
                "{name}"
            );
        }
    })
    .await;
}
