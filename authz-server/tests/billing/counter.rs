//! A server whose payments are collected by the sandbox, both over HTTP; their clocks stand together.

use std::time::Duration;

use authz_server::config::Secret;
use authz_server::outbound::razorpay::{Razorpay, RazorpaySettings};
use domain::Settings;
use domain::billing::Payments;
use domain::billing::gateway::Checkout;
use http::Method;
use model::billing::{Currency, Money, Plan, PlanPeriod, Plans, Prices};
use model::iam::AccountId;
use model::team::{Membership, MembershipId, TeamRole};
use model::{Clock, UserId};
use razorpay_sandbox::{Control, Outcome, Running, Sandbox};
use serde_json::{Value, json};
use storage::StorageError;
use testkit::clock::TestClock;
use tokio::net::TcpListener;
use url::Url;

use crate::app::json::Program;
use crate::app::{App, PASSWORD};

const OWNER: &str = "ada@example.org";
pub const WEBHOOK_SECRET: &str = "a-webhook-secret-of-the-tests";

pub struct Counter {
    pub app: App,
    pub bank: Control,
    pub account: AccountId,
    sandbox: Running,
}

impl Counter {
    pub async fn open() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let at = "127.0.0.1:0".parse().unwrap();
        let mut settings = razorpay_sandbox::Settings::new(at, "rzp_test_counter", "key-secret-of-the-tests");
        settings.frozen_at = Some(TestClock::default().now().as_seconds());
        let sandbox = Sandbox::start(settings).unwrap();
        let app = App::paying(adapter(&sandbox), |settings| {
            settings.billing.plans = plans();
            change(settings);
        })
        .await;
        let bank = sandbox.control();
        let events = listen(&app).await;
        bank.set_webhook(Some(events), WEBHOOK_SECRET);
        let account = customer(&app).await;
        Self {
            app,
            bank,
            account,
            sandbox,
        }
    }

    /// The owner, signed in at this moment: clocks here move by weeks.
    pub async fn program(&self) -> Program {
        let body = json!({"email": OWNER, "password": PASSWORD});
        let reply = self.app.program().post("/auth/login", body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        self.app.program().bearing(reply.text("/access_token"))
    }

    /// Somebody else who works in the account, acting in it.
    pub async fn member(&self, name: &str, role: TeamRole) -> Program {
        let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
        let reply = self.app.program().post("/auth/register", body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let ctx = self.app.ctx();
        let membership = Membership {
            id: MembershipId::random(ctx.random.as_ref()),
            account_id: self.account.clone(),
            user_id: reply.text("/user/id").parse().unwrap(),
            role,
            invited_by: None,
            created_at: ctx.now,
        };
        let database = &self.app.authority.database;
        let work = database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::memberships::insert(w, &membership).await })
        });
        assert!(work.await.unwrap());
        let program = self.app.program().bearing(reply.text("/access_token"));
        program.with("x-account-id", self.account.as_str())
    }

    /// Waits for the messages that are on their way, and does what they ask for.
    pub async fn settle(&self) {
        self.bank.settled().await;
        while self.app.authority.run_due_jobs().await.unwrap() > 0 {
            self.bank.settled().await;
        }
    }

    pub async fn look_after(&self) {
        let ctx = self.app.ctx();
        self.app.authority.look_after_recurring(&ctx).await.unwrap();
        self.settle().await;
    }

    /// The gateway's own API, as its merchant's other programs use it.
    pub async fn at_gateway(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .request(method, format!("{}{path}", self.sandbox.url()))
            .basic_auth("rzp_test_counter", Some("key-secret-of-the-tests"));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    /// On both clocks.
    pub fn advance(&self, seconds: u32) {
        self.app.clock.advance(Duration::from_secs(u64::from(seconds)));
        self.bank.advance(seconds);
    }

    pub async fn balance(&self) -> i64 {
        let reply = self.program().await.get("/auth/billing").await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body["balance"].as_i64().unwrap()
    }

    /// A mandate that waits, and what its checkout hands out when it is paid.
    pub async fn set_up_and_pay(&self, wish: Value) -> (Value, Value) {
        let program = self.program().await;
        let made = program.post("/auth/billing/autopay/setup", wish).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let order = made.text("/order_id");
        let handed = self.bank.pay_order(order, "card", Outcome::Success);
        let handed = handed.unwrap();
        (made.body, handed)
    }
}

fn adapter(sandbox: &Running) -> Payments {
    let url: Url = sandbox.url().parse().unwrap();
    let settings = RazorpaySettings {
        key_id: "rzp_test_counter".to_owned(),
        key_secret: Secret::new("key-secret-of-the-tests".to_owned()),
        webhook_secrets: vec![Secret::new(WEBHOOK_SECRET.to_owned())],
        checkout: Checkout {
            script: None,
            page: url.to_string(),
        },
        base_url: url,
        timeout: Duration::from_secs(5),
    };
    Payments(Some(std::sync::Arc::new(Razorpay::new(settings).unwrap())))
}

fn plans() -> Plans {
    let free = Plan::built_in("free", Currency::INR, &Prices::default());
    let paid = |id: &str, minor| Plan {
        id: id.to_owned(),
        name: id.to_uppercase(),
        amount: Money::new(minor, Currency::INR),
        period: PlanPeriod::Monthly,
        seats: 1,
        features: Vec::new(),
    };
    Plans::new(free, vec![paid("pro", 49_900), paid("team", 99_900)])
}

/// Where the messages are taken.
async fn listen(app: &App) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = app.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let url = format!("http://{address}/auth/billing/webhooks/razorpay");
    url.parse().unwrap()
}

/// Registers the owner, with a confirmed address.
async fn customer(app: &App) -> AccountId {
    let body = json!({"email": OWNER, "password": PASSWORD});
    let reply = app.program().post("/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let id: UserId = reply.text("/user/id").parse().unwrap();
    let (email, now) = (OWNER.parse().unwrap(), app.ctx().now);
    let work = app.authority.database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::users::verify_email(w, id, &email, now).await })
    });
    assert!(work.await.unwrap());
    reply.text("/user/account_id").parse().unwrap()
}
