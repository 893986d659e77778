//! Every operation with an id in its path × things of every kind that are really another user's.
//! A path that names a new kind of thing fails here until one is made.

use std::collections::BTreeMap;

use domain::api_keys::NewApiKey;
use http::Method;
use model::UserId;
use model::api_key::{KeyKind, KeyName};
use model::billing::tax::{TaxDocument, TaxDocumentId};
use model::billing::{
    Currency, Money, OrderPurpose, OrderState, PaymentOrder, PaymentOrderId, Subscription, SubscriptionStatus,
};
use model::user::Role;
use oauth::permission::PermissionSet;
use serde_json::{Value, json};
use storage::StorageError;

use super::{ABSENT, Operation, tell};
use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};
use crate::people::signed;

const EVE: &str = "eve@example.org";
/// What `tests/github` makes, with somebody to install it.
const AT_GITHUB: [&str; 2] = ["/api/auth/github/accounts", "/api/auth/github-app/installations"];

/// Somebody else, and the id of a thing of theirs below each collection.
struct Other {
    program: Program,
    refresh_token: String,
    things: BTreeMap<&'static str, String>,
}

impl Other {
    async fn of(app: &App) -> Self {
        let eve = app.admin(EVE, Role::User).await;
        let body = json!({"email": EVE, "password": PASSWORD});
        let signed_in = app.program().post("/v1/auth/login", body).await;
        let program = app.program().bearing(signed_in.text("/token"));
        let key = json!({"name": "x", "scopes": ["repos:read"]});
        let token = json!({"name": "x", "scopes": {format!("compute.{}", eve.id): ["read"]}});
        let mut things = BTreeMap::from([("/v1/admin/users", eve.id.to_string())]);
        for (collection, wish) in [
            ("/v1/auth/api-keys", &key),
            ("/api/auth/cli-tokens", &key),
            ("/api/tokens", &token),
        ] {
            let made = program.post(collection, wish.clone()).await;
            assert_eq!(made.status, 201, "{collection}: {}", made.body);
            things.insert(collection, made.text("/id").to_owned());
        }
        let guest = json!({"email": "guest@example.org", "role": "viewer"});
        let invited = program.post("/auth/team/invite", guest).await;
        things.insert("/auth/team/invites", invited.text("/id").to_owned());
        let members = program.get("/auth/team/members").await;
        things.insert("/auth/team/members", members.text("/0/id").to_owned());
        things.extend(account(&program).await);
        things.insert("/auth/billing/topup", order(app, eve.id).await);
        let number = app.authority.account_number(&app.ctx(), eve.id).await.unwrap();
        things.insert("/v1/admin/licenses", number.to_string());
        things.insert("/v1/admin/billing/accounts", number.to_string());
        things.insert("/v1/admin/billing/payments", "pay_29QQoUBi66xm2f".to_owned());
        things.insert("/auth/billing/subscription", subscription(app, eve.id).await);
        things.insert("/auth/billing/invoices", invoice(app, eve.id).await);
        let sessions = program.get("/v1/sessions").await;
        things.insert("/v1/sessions", sessions.text("/data/0/id").to_owned());
        let permissions = PermissionSet::from_list(["builds:read"]).unwrap();
        let new = NewApiKey::new(KeyKind::Service, KeyName::parse("deploy").unwrap(), permissions);
        // Only administrators have such.
        let root = app.admin("root@example.org", Role::Admin).await;
        let made = app.authority.create_api_key(&app.ctx(), &root, new).await;
        things.insert("service keys", made.unwrap().0.id.to_string());
        Self {
            program,
            refresh_token: signed_in.text("/refresh_token").to_owned(),
            things,
        }
    }

    /// All that they have.
    async fn all(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for list in [
            "/v1/auth/api-keys",
            "/api/auth/cli-tokens",
            "/api/tokens",
            "/v1/sessions",
            "/auth/team/invites",
            "/auth/team/members",
            "/auth/billing/subscriptions",
            "/auth/iam/users",
            "/auth/iam/groups",
            "/auth/iam/policies",
        ] {
            let reply = self.program.get(list).await;
            assert_eq!(reply.status, 200, "{list}: {}", reply.body);
            all.push(reply.body.get("data").unwrap_or(&reply.body).clone());
        }
        all
    }
}

/// What stands in somebody's account: a user in a group, each with a policy.
async fn account(program: &Program) -> Vec<(&'static str, String)> {
    let statement = json!({"Effect": "Allow", "Action": "compute:*", "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let group = json!({"name": "eves-makers"});
    let policy = json!({"name": "eves-policy", "document": document});
    let user =
        json!({"username": "eves-deploy-bot", "groups": ["eves-makers"], "policies": ["ReadOnlyAccess"]});
    let mut made = Vec::new();
    for (collection, wish, id) in [
        ("/auth/iam/groups", group, "/name"),
        ("/auth/iam/policies", policy, "/id"),
        ("/auth/iam/users", user, "/username"),
    ] {
        let reply = program.post(collection, wish).await;
        assert_eq!(reply.status, 201, "{collection}: {}", reply.body);
        made.push((collection, reply.text(id).to_owned()));
    }
    made
}

/// A bill of one rupee; nobody has paid it.
async fn invoice(app: &App, user: UserId) -> String {
    let (authority, ctx) = (&app.authority, app.ctx());
    let account = authority.account_number(&ctx, user).await.unwrap();
    let seller = json!({"legal_name": "Lighthouse", "gstin": null, "address": [], "state": "29", "email": null, "website": null});
    let buyer = json!({"legal_name": "Eve", "gstin": null, "address": [], "state": null});
    let id = TaxDocumentId::random(ctx.random.as_ref()).to_string();
    let document = json!({"id": id, "account": account, "kind": "bill_of_supply", "number": "INV/26-27/000001",
        "financial_year": "2026-27", "issued_at": ctx.now, "currency": "INR", "seller": seller, "buyer": buyer,
        "place_of_supply": "29", "rate": 0, "lines": [], "parts": {"taxable": 100, "cgst": 0, "sgst": 0, "igst": 0},
        "reference": "payment:pay_eve", "payment": "pay_eve", "corrects": null});
    let document: TaxDocument = serde_json::from_value(document).unwrap();
    let work = authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::tax_documents::insert(w, &document).await })
    });
    work.await.unwrap();
    id
}

/// An order that nobody has paid yet; the gateway is not asked.
async fn order(app: &App, user: UserId) -> String {
    let authority = &app.authority;
    let account = authority.account_number(&app.ctx(), user).await.unwrap();
    let order = PaymentOrder {
        id: PaymentOrderId::random(app.ctx().random.as_ref()),
        gateway_id: Some("order_9A33XWu170gUtm".to_owned()),
        account,
        purpose: OrderPurpose::Topup,
        amount: Money::new(100, Currency::INR),
        state: OrderState::Created,
        created_at: app.ctx().now,
        paid_at: None,
        payment: None,
        looks: 0,
    };
    let work = authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::payment_orders::insert(w, &order).await })
    });
    work.await.unwrap();
    "order_9A33XWu170gUtm".to_owned()
}

/// A subscription that nobody has authorised yet; the gateway is not asked.
async fn subscription(app: &App, user: UserId) -> String {
    let authority = &app.authority;
    let now = app.ctx().now;
    let account = authority.account_number(&app.ctx(), user).await.unwrap();
    let subscription = Subscription {
        id: "sub_9A33XWu170gUtm".to_owned(),
        account,
        plan: "pro".to_owned(),
        quantity: 1,
        status: SubscriptionStatus::Created,
        current_start: None,
        current_end: None,
        charge_at: None,
        ended_at: None,
        paid_count: 0,
        paid_until: None,
        booked_count: 0,
        short_url: None,
        cancel_at_end: false,
        coming: None,
        told_at: now,
        created_at: now,
    };
    let id = subscription.id.clone();
    let work = authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::subscriptions::insert(w, &subscription, now).await })
    });
    assert!(work.await.unwrap());
    id
}

/// An id of the same form that names nothing.
fn unknown(id: &str) -> String {
    let kept = id.len() - 6;
    format!("{}000000", &id[..kept])
}

fn told(reply: &Reply) -> (u16, Value) {
    (reply.status.as_u16(), reply.body["error"].clone())
}

/// Those that need a credential; what is open to strangers has no owner to hide it.
async fn operations(app: &App) -> Vec<Operation> {
    let all = Operation::all(app).await.into_iter();
    all.filter(|operation| operation.path.contains('{') && !operation.credentials().is_empty())
        .collect()
}

/// T01: an id of somebody else's is answered as one that nobody has, word for word, and nothing happens to it.
#[tokio::test]
async fn what_belongs_to_another_looks_absent() {
    let app = App::new().await;
    let eve = Other::of(&app).await;
    let ada = signed(&app).await;
    let (before, mut tried, mut wrong) = (eve.all().await, 0, Vec::new());
    for operation in operations(&app).await {
        let body = operation.media_type().map(|_| r#"{"disabled": true}"#);
        let absent = told(&operation.send(&ada, ABSENT, body).await);
        for (kind, id) in &eve.things {
            for id in [id, &unknown(id)] {
                tried += 1;
                let reply = operation.send(&ada, id, body).await;
                if ![403, 404].contains(&absent.0) || told(&reply) != absent {
                    wrong.push(format!(
                        "{}, {kind}: {} but {absent:?}",
                        operation.name(),
                        reply.body
                    ));
                }
            }
        }
    }
    tell(tried, "others' ids");
    assert!(tried >= 80, "{tried}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(eve.all().await, before, "nothing of hers was touched");
}

#[tokio::test]
async fn every_collection_with_ids_has_a_thing_of_somebody_elses() {
    let app = App::new().await;
    let eve = Other::of(&app).await;
    for operation in operations(&app).await {
        let collection = operation.path.split("/{").next().unwrap_or_default();
        let is_made = eve.things.contains_key(collection) || AT_GITHUB.contains(&collection);
        assert!(is_made, "{collection}: make one of somebody else's");
    }
}

/// A secret of another's sign-in, sent along with one's own logout, ends nothing of theirs.
#[tokio::test]
async fn anothers_refresh_token_is_not_ended_by_ones_own_logout() {
    let app = App::new().await;
    let eve = Other::of(&app).await;
    for (path, member) in [
        ("/v1/auth/logout", "refresh_token"),
        ("/api/auth/logout", "refreshToken"),
    ] {
        let address = format!("user{}@example.org", path.len());
        crate::people::register_as(&app, &address).await;
        let body = json!({"email": address, "password": PASSWORD});
        let own = app.program().post("/v1/auth/login", body).await;
        let own = app.program().bearing(own.text("/token"));
        let reply = own.post(path, json!({member: eve.refresh_token})).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert_eq!(eve.program.get("/v1/auth/me").await.status, 200, "{path}");
    }
    let body = json!({"refresh_token": eve.refresh_token});
    assert_eq!(app.program().post("/v1/auth/refresh", body).await.status, 200);
}

/// The same `Idempotency-Key` of two users is two keys: neither sees what the other was answered.
#[tokio::test]
async fn anothers_idempotency_key_repeats_nothing_of_theirs() {
    let app = App::new().await;
    let eve = Other::of(&app).await;
    let ada = signed(&app).await;
    let body = json!({"name": "one and the same", "scopes": ["repos:read"]});
    let make = async |program: &Program| {
        let program = program.with("idempotency-key", "one-and-the-same");
        let text = Some(body.to_string());
        program.send(Method::POST, "/v1/auth/api-keys", text).await
    };
    let (hers, mine, again) = (make(&eve.program).await, make(&ada).await, make(&ada).await);
    assert_ne!(hers.text("/api_key"), mine.text("/api_key"));
    assert_eq!(mine.header("idempotent-replayed"), "");
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.text("/api_key"), mine.text("/api_key"));
}
