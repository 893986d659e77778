//! `/v1/admin/billing`: what operators see, credit, debit and give back over HTTP, as on the command line.

use domain::api_keys::NewApiKey;
use model::api_key::{KeyKind, KeyName};
use model::user::{Role, User};
use oauth::permission::PermissionSet;
use serde_json::{Value, json};

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};
use crate::world::{Owner, World};

struct Office {
    world: World,
    admin: Program,
    ada: Owner,
}

impl Office {
    async fn open() -> Self {
        let world = World::new().await;
        world.app.admin("root@example.org", Role::Admin).await;
        let admin = signed_in(&world.app, "root@example.org").await;
        let ada = world.owner("ada@example.org").await;
        Self { world, admin, ada }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/admin/billing/accounts/{}{rest}", self.ada.account)
    }

    async fn credit(&self, minor: i64, reference: &str) -> Reply {
        let wish = wish(json!(minor), reference);
        self.admin.post(&self.path("/credits"), wish).await
    }

    /// A payment of Ada's, by the gateway's id.
    async fn paid(&self, minor: i64) -> String {
        let vouched = self.world.pay(&self.ada.order(minor).await);
        assert_eq!(self.ada.confirm(&vouched).await.status, 200);
        let payment = vouched["razorpay_payment_id"].as_str().unwrap();
        format!("/v1/admin/billing/payments/{payment}/refunds")
    }
}

async fn signed_in(app: &App, email: &str) -> Program {
    let body = json!({"email": email, "password": PASSWORD});
    let reply = app.program().post("/v1/auth/login", body).await;
    app.program().bearing(reply.text("/token"))
}

async fn keyed(app: &App, admin: &User, scope: &str) -> Program {
    let permissions = PermissionSet::from_scope_string(scope).unwrap();
    let name = KeyName::parse(&scope.replace(':', "-")).unwrap();
    let new = NewApiKey::new(KeyKind::Admin, name, permissions);
    let made = app.authority.create_api_key(&app.ctx(), admin, new).await;
    app.program().with("x-api-key", made.unwrap().1.expose())
}

fn wish(amount: impl Into<Value>, reference: &str) -> Value {
    let amount: Value = amount.into();
    json!({"amount": amount, "reason": "Goodwill", "reference": reference})
}

fn field<'r>(reply: &'r Reply, member: &str) -> &'r str {
    let said = reply.body["error"]["details"]["fields"][member].as_str();
    said.unwrap_or_else(|| panic!("{member}: {}", reply.body))
}

#[tokio::test]
async fn a_credit_is_booked_once_and_its_account_sees_why() {
    let office = Office::open().await;
    let booked = office.credit(11_800, "ticket-4711").await;
    assert_eq!(booked.status, 201, "{}", booked.body);
    assert_eq!(
        booked.body["data"],
        json!({"account_id": office.ada.account, "wallet_change": 11_800, "balance": 11_800, "currency": "INR",
            "reference": "ticket-4711", "is_new": true})
    );
    let again = office.credit(11_800, "ticket-4711").await;
    assert_eq!(
        (again.status.as_u16(), &again.body["data"]["is_new"]),
        (200, &json!(false))
    );
    let other = office.credit(11_801, "ticket-4711").await;
    assert_eq!(other.refusal(), (409, "REFERENCE_TAKEN"));
    let said = other.text("/error/message");
    assert_eq!(said, "Something else was booked under this reference.");
    let seen = office.ada.program.get("/auth/billing/transactions").await;
    assert_eq!(seen.body.as_array().unwrap().len(), 1);
    assert_eq!(seen.text("/0/description"), "Goodwill");
    let shown = office
        .admin
        .get(&office.path("/transactions?type=adjustment"))
        .await;
    assert_eq!(
        (&shown.body["data"], &shown.body["meta"]["total"]),
        (&seen.body, &json!(1))
    );
    let overview = office.admin.get(&office.path("")).await;
    let own = office.ada.program.get("/auth/billing").await;
    assert_eq!(
        (&overview.body["data"], overview.status.as_u16()),
        (&own.body, 200)
    );
}

#[tokio::test]
async fn a_debit_leaves_no_less_than_nothing_unless_it_is_told_to() {
    let office = Office::open().await;
    office.credit(100, "t-1").await;
    let path = office.path("/debits");
    let short = office.admin.post(&path, wish(json!(101), "t-2")).await;
    assert_eq!(short.refusal(), (409, "INSUFFICIENT_BALANCE"));
    assert_eq!(
        (
            short.text("/error/message"),
            &short.body["error"]["details"]["balance"]
        ),
        ("The wallet has only 100.", &json!(100))
    );
    let mut below = wish(json!(101), "t-2");
    below["below_zero"] = json!(true);
    let taken = office.admin.post(&path, below).await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    assert_eq!(taken.body["data"]["balance"], -1);
    assert_eq!(office.world.balance(&office.ada).await, -1);
}

/// B03
#[tokio::test]
async fn what_the_command_line_refuses_is_refused_in_its_words() {
    let office = Office::open().await;
    for rest in ["/credits", "/debits"] {
        let path = office.path(rest);
        for amount in [
            json!(0),
            json!(-1),
            json!(1.5),
            json!("100"),
            json!(1e18),
            json!(i64::MAX),
            json!(9_223_372_036_854_775_808_u64),
        ] {
            let reply = office.admin.post(&path, wish(amount.clone(), "t-1")).await;
            assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"), "{amount}");
            assert!(field(&reply, "amount").contains("whole number"), "{amount}");
        }
        for (member, wrong, said) in [
            (
                "reason",
                json!(" "),
                "a reason is one line of at most 200 characters",
            ),
            (
                "reason",
                json!("a\nb"),
                "a reason is one line of at most 200 characters",
            ),
            ("reference", json!(""), "a reference is a text of at most 64"),
            ("reference", json!("a b"), "a reference is a text of at most 64"),
        ] {
            let mut body = wish(json!(100), "t-1");
            body[member] = wrong;
            let reply = office.admin.post(&path, body).await;
            assert!(field(&reply, member).starts_with(said), "{}", reply.body);
        }
        for member in ["amount", "reason", "reference"] {
            let mut body = wish(json!(100), "t-1");
            body.as_object_mut().unwrap().remove(member);
            assert_eq!(
                field(&office.admin.post(&path, body).await, member),
                "is required"
            );
        }
    }
    assert_eq!(office.world.balance(&office.ada).await, 0);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_404() {
    let office = Office::open().await;
    for account in ["123456789012", "12", "x"] {
        let base = format!("/v1/admin/billing/accounts/{account}");
        for path in [base.clone(), format!("{base}/transactions")] {
            assert_eq!(
                office.admin.get(&path).await.refusal(),
                (404, "NOT_FOUND"),
                "{path}"
            );
        }
        for rest in ["/credits", "/debits"] {
            let path = format!("{base}{rest}");
            let reply = office.admin.post(&path, wish(json!(1), "t-1")).await;
            assert_eq!(reply.refusal(), (404, "NOT_FOUND"), "{path}");
            assert_eq!(
                reply.text("/error/message"),
                "There is no account with this number."
            );
        }
    }
    let unknown = "/v1/admin/billing/payments/pay_of_nobody/refunds";
    let reply = office
        .admin
        .post(unknown, json!({"reason": "Asked for it"}))
        .await;
    assert_eq!(reply.refusal(), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn a_payment_is_given_back_in_parts_and_never_more_than_there_is() {
    let office = Office::open().await;
    let path = office.paid(10_000).await;
    let part = json!({"amount": 4000, "reason": " Paid twice "});
    let given = office.admin.post(&path, part).await;
    assert_eq!(given.status, 201, "{}", given.body);
    assert_eq!(
        (
            &given.body["data"]["amount"],
            given.text("/data/reason"),
            given.text("/data/state")
        ),
        (&json!(4000), "Paid twice", "held")
    );
    let more = office
        .admin
        .post(&path, json!({"amount": 6001, "reason": "x"}))
        .await;
    assert_eq!(
        field(&more, "amount"),
        "only 6000 of the payment can be given back"
    );
    office
        .admin
        .post(&office.path("/debits"), wish(json!(1000), "t-1"))
        .await;
    let spent = office.admin.post(&path, json!({"reason": "x"})).await;
    assert_eq!(spent.refusal(), (409, "INSUFFICIENT_BALANCE"));
    assert_eq!(
        spent.text("/error/message"),
        "The wallet has only 5000; what was spent is not given back."
    );
    for wrong in [json!({"amount": 1}), json!({"amount": 1, "reason": " "})] {
        let reply = office.admin.post(&path, wrong).await;
        assert!(!field(&reply, "reason").is_empty());
    }
    for amount in [json!(0), json!(-1), json!(0.5)] {
        let wrong = json!({"amount": amount, "reason": "x"});
        assert_eq!(office.admin.post(&path, wrong).await.refusal().0, 400);
    }
    assert_eq!(office.world.balance(&office.ada).await, 5000);
}

/// B05
#[tokio::test]
async fn a_refund_that_is_sent_again_with_its_key_is_given_back_once() {
    let office = Office::open().await;
    let path = office.paid(10_000).await;
    let keyed = office.admin.with("idempotency-key", "refund-of-ticket-4711");
    let part = json!({"amount": 4000, "reason": "Paid twice"});
    let (first, second) = (
        keyed.post(&path, part.clone()).await,
        keyed.post(&path, part).await,
    );
    assert_eq!((first.status.as_u16(), &first.body), (201, &second.body));
    assert_eq!(second.header("idempotent-replayed"), "true");
    let other = json!({"amount": 4001, "reason": "Paid twice"});
    assert_eq!(
        keyed.post(&path, other).await.refusal(),
        (409, "IDEMPOTENCY_CONFLICT")
    );
    assert_eq!(office.world.balance(&office.ada).await, 6000);
}

/// T07: nobody, its own account's owner, a key without the scope, and an administrator that was.
#[tokio::test]
async fn the_books_are_for_administrators_alone() {
    let office = Office::open().await;
    let app = &office.world.app;
    let boss = app.admin("boss@example.org", Role::Admin).await;
    let reader = keyed(app, &boss, "admin:billing:read").await;
    let writer = keyed(app, &boss, "admin:billing:write").await;
    assert_eq!(reader.get(&office.path("")).await.status, 200);
    assert_eq!(
        writer.get(&office.path("")).await.refusal(),
        (403, "INSUFFICIENT_SCOPE")
    );
    let credits = office.path("/credits");
    for (program, refusal) in [
        (app.program(), (401, "UNAUTHORIZED")),
        (signed_in(app, "ada@example.org").await, (403, "FORBIDDEN")),
        (reader, (403, "INSUFFICIENT_SCOPE")),
    ] {
        let reply = program.post(&credits, wish(json!(1), "t-1")).await;
        assert_eq!(reply.refusal(), refusal);
    }
    assert_eq!(writer.post(&credits, wish(json!(1), "t-1")).await.status, 201);
    let one = format!("/v1/admin/users/{}", boss.id);
    let demoted = office.admin.patch(&one, json!({"role": "user"})).await;
    assert_eq!(demoted.status, 200, "{}", demoted.body);
    assert!(
        writer
            .post(&credits, wish(json!(1), "t-2"))
            .await
            .status
            .is_client_error()
    );
    assert_eq!(office.world.balance(&office.ada).await, 1);
}

/// Who did it, and why, is in the history of what was done.
#[tokio::test]
async fn what_is_booked_by_hand_names_the_administrator() {
    let office = Office::open().await;
    office.credit(500, "t-1").await;
    let path = office.paid(1000).await;
    office.admin.post(&path, json!({"reason": "Paid twice"})).await;
    let mut reader = office.world.app.authority.database.read().await.unwrap();
    let sql = "SELECT action, actor_kind, detail FROM audit_events WHERE action IN ('billing.adjusted', 'billing.refund_asked') ORDER BY at, action";
    let rows = storage::Query::fetch_all(&mut reader, sql, &[]).await.unwrap();
    assert_eq!(rows.len(), 2);
    for (row, reason) in rows.iter().zip(["Goodwill", "Paid twice"]) {
        assert_eq!(row.text("actor_kind").unwrap(), "user");
        let detail: Value = serde_json::from_str(&row.text("detail").unwrap()).unwrap();
        assert_eq!(detail["reason"], reason);
    }
}
