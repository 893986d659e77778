//! AuthZEN Authorization API 1.0.

use serde_json::{Value, json};

use crate::Shop;

const ONE: &str = "/access/v1/evaluation";
const MANY: &str = "/access/v1/evaluations";

fn order(id: &str) -> Value {
    json!({"type": "orders:order", "id": id})
}

/// P06: what a policy allows is allowed, until the policy is detached.
#[tokio::test]
async fn a_decision_follows_the_policies_of_its_subject() {
    let shop = Shop::open().await;
    let ask = async |action: &str| {
        let body = json!({"subject": shop.bob(), "action": {"name": action}, "resource": order("7")});
        shop.gate.post(ONE, body).await.body
    };
    let answer = ask("Read").await;
    assert_eq!(answer["decision"], true, "{answer}");
    assert_eq!(answer["context"]["matched_policy"], "reader/Read");
    let answer = ask("Delete").await;
    assert_eq!(
        (&answer["decision"], &answer["context"]["id"]),
        (&json!(false), &json!("not_allowed"))
    );
    let would = json!({"Effect": "Allow", "Action": "orders:Delete", "Resource": shop.order("7")});
    assert_eq!(answer["context"]["would_allow"], would);
    assert!(shop.root.delete(&shop.attachment()).await.status.is_success());
    assert_eq!(ask("Read").await["decision"], false);
}

#[tokio::test]
async fn what_the_service_says_of_the_request_counts() {
    let shop = Shop::open().await;
    let ask = async |context: Value| {
        let body = json!({"subject": shop.bob(), "action": {"name": "orders:ReadAll"},
            "resource": {"type": "order", "id": shop.order("7")}, "context": context});
        shop.gate.post(ONE, body).await
    };
    assert_eq!(
        ask(json!({"request:ip": "192.0.2.7", "basket": {"size": 3}}))
            .await
            .body["decision"],
        true
    );
    assert_eq!(
        ask(json!({"request:ip": "198.51.100.7"})).await.body["decision"],
        false
    );
    assert_eq!(ask(json!({"request:time": "2026-01-01"})).await.status, 400);
    assert_eq!(ask(json!("now")).await.status, 400);
}

#[tokio::test]
async fn a_token_is_a_subject_too() {
    let shop = Shop::open().await;
    let ask = async |token: &str| {
        let body = json!({"subject": {"type": "token", "id": token}, "action": {"name": "Read"}, "resource": order("7")});
        shop.gate.post(ONE, body).await.body
    };
    let answer = ask(&shop.token).await;
    assert_eq!(
        (&answer["decision"], &answer["context"]["account_id"]),
        (&json!(true), &json!(shop.account))
    );
    let answer = ask("nonsense").await;
    assert_eq!(
        (&answer["decision"], &answer["context"]["id"]),
        (&json!(false), &json!("inactive"))
    );
}

/// The defaults of the top level, in order, to the end or to the first answer that settles it.
#[tokio::test]
async fn several_evaluations_run_as_their_semantic_says() {
    let shop = Shop::open().await;
    let ask = async |semantic: Option<&str>| {
        let mut body = json!({"subject": shop.bob(), "action": {"name": "Read"}, "evaluations": [
            {"resource": order("1")},
            {"resource": order("2"), "action": {"name": "Delete"}},
            {"resource": {"type": "orders:order"}},
            {"resource": order("3")},
        ]});
        semantic
            .into_iter()
            .for_each(|name| body["options"] = json!({"evaluations_semantic": name}));
        let answers = shop.gate.post(MANY, body).await.body;
        let each = answers["evaluations"].as_array().unwrap().clone();
        each.iter()
            .map(|one| one["decision"].as_bool().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(ask(None).await, [true, false, false, true]);
    assert_eq!(ask(Some("execute_all")).await, [true, false, false, true]);
    assert_eq!(ask(Some("deny_on_first_deny")).await, [true, false]);
    assert_eq!(ask(Some("permit_on_first_permit")).await, [true]);
}

#[tokio::test]
async fn an_evaluation_that_makes_no_sense_is_an_error_of_its_own() {
    let shop = Shop::open().await;
    let body =
        json!({"subject": shop.bob(), "evaluations": [{"action": {"name": "Read"}, "resource": 7}, 8]});
    let answers = shop.gate.post(MANY, body).await.body;
    for answer in answers["evaluations"].as_array().unwrap() {
        assert_eq!(
            (&answer["decision"], &answer["context"]["error"]["status"]),
            (&json!(false), &json!(400))
        );
    }
    for body in [
        json!({"evaluations": []}),
        json!({"evaluations": {}}),
        json!({"evaluations": [{}], "options": {"evaluations_semantic": "some"}}),
        json!({"evaluations": vec![json!({}); 101]}),
        json!({"subject": shop.bob(), "action": {"name": "Read"}}),
        json!({"subject": {"type": "robot", "id": "x"}, "action": {"name": "Read"}, "resource": order("7")}),
    ] {
        assert_eq!(shop.gate.post(MANY, body.clone()).await.status, 400, "{body}");
    }
    let single = json!({"subject": shop.bob(), "action": {"name": "Read"}, "resource": order("7")});
    assert_eq!(shop.gate.post(MANY, single).await.body["decision"], true);
}

/// Only those who guard something may ask about somebody by name.
#[tokio::test]
async fn strangers_learn_nothing_about_people() {
    let shop = Shop::open().await;
    let body = json!({"subject": shop.bob(), "action": {"name": "Read"}, "resource": order("7")});
    assert_eq!(shop.stranger.post(ONE, body.clone()).await.status, 403);
    assert_eq!(shop.app.program().post(ONE, body.clone()).await.status, 401);
    assert_eq!(shop.root.post(ONE, body.clone()).await.status, 401);
    let nobody = json!({"subject": {"type": "user", "id": "arn:authz:iam::000000000000:user/eve"},
        "action": {"name": "Read"}, "resource": order("7")});
    let answer = shop.gate.post(ONE, nobody).await.body;
    assert_eq!(
        (&answer["decision"], &answer["context"]["id"]),
        (&json!(false), &json!("no_principal"))
    );
}

#[tokio::test]
async fn the_metadata_name_the_endpoints_and_the_request_id_comes_back() {
    let shop = Shop::open().await;
    let found = shop
        .app
        .program()
        .get("/.well-known/authzen-configuration")
        .await
        .body;
    let issuer = found["policy_decision_point"].as_str().unwrap().to_owned();
    assert_eq!(found["access_evaluation_endpoint"], format!("{issuer}{ONE}"));
    assert_eq!(found["access_evaluations_endpoint"], format!("{issuer}{MANY}"));
    let asking = shop
        .gate
        .with("x-request-id", "bfe9eb29-ab87-4ca3-be83-a1d5d8305716");
    let body = json!({"subject": shop.bob(), "action": {"name": "Read"}, "resource": order("7")});
    let reply = asking.post(ONE, body).await;
    assert_eq!(
        reply.header("x-request-id"),
        "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    );
}
