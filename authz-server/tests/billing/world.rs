//! A server whose payment gateway is the sandbox, spoken to over HTTP by the adapter that is used for Razorpay.

use std::time::Duration;

use authz_server::config::Secret;
use authz_server::outbound::razorpay::{Razorpay, RazorpaySettings};
use domain::billing::gateway::Checkout;
use domain::billing::{Payments, Posted, Purpose, Received};
use http::Method;
use model::billing::{Currency, Money};
use model::iam::AccountId;
use razorpay_sandbox::{Control, Event, Failure, Outcome, Running, Sandbox, Settings, When};
use serde_json::{Value, json};
use storage::StorageError;
use testkit::database::TestDatabase;

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

pub const WEBHOOK: &str = "/auth/billing/webhooks/razorpay";
pub const TOPUP: &str = "/auth/billing/topup";
pub const KEY_ID: &str = "rzp_test_0123456789abcd";
pub const KEY_SECRET: &str = "aKeySecretOfTwentyFour00";
pub const WEBHOOK_SECRET: &str = "q7Jt0uY5cVb2nW9xZr4LmKd8";
pub const OLD_SECRET: &str = "Zk3q8Vt1Lw9sXc5bNm7Rj2Hd";
const NOVEMBER: i64 = 1_795_000_000;

pub struct World {
    pub app: App,
    pub control: Control,
    sandbox: Running,
}

/// Somebody with an account of their own.
pub struct Owner {
    pub program: Program,
    pub token: String,
    pub account: AccountId,
}

impl World {
    pub async fn new() -> Self {
        Self::on(TestDatabase::sqlite().await).await
    }

    /// The sandbox's clock stands still, and its messages go nowhere but through [`World::deliver`].
    pub async fn on(database: TestDatabase) -> Self {
        let mut settings = Settings::new("127.0.0.1:0".parse().unwrap(), KEY_ID, KEY_SECRET);
        settings.webhook_secret = WEBHOOK_SECRET.to_owned();
        settings.frozen_at = Some(NOVEMBER);
        let sandbox = Sandbox::start(settings).unwrap();
        let gateway = Razorpay::new(RazorpaySettings {
            key_id: KEY_ID.to_owned(),
            key_secret: Secret::new(KEY_SECRET.to_owned()),
            webhook_secrets: [WEBHOOK_SECRET, OLD_SECRET]
                .map(|secret| Secret::new(secret.to_owned()))
                .into(),
            base_url: sandbox.url().parse().unwrap(),
            checkout: Checkout {
                script: None,
                page: sandbox.url(),
            },
            timeout: Duration::from_secs(5),
        });
        let payments = Payments(Some(std::sync::Arc::new(gateway.unwrap())));
        Self {
            app: App::paying_on(database, payments).await,
            control: sandbox.control(),
            sandbox,
        }
    }

    pub async fn owner(&self, email: &str) -> Owner {
        Owner::registered(&self.app, email).await
    }

    /// An order that was made at the gateway, whose answer was lost, and that somebody has paid.
    pub async fn paid_without_a_name(&self, owner: &Owner, amount: i64) -> String {
        self.control.fail("POST /v1/orders", Failure::Cut, When::After, 1);
        self.control.fail("GET /v1/orders", Failure::Cut, When::Before, 2);
        assert_eq!(owner.top_up(amount).await.refusal(), (503, "billing_unavailable"));
        self.control.clear_failures();
        let orders = self.at_gateway(Method::GET, "/v1/orders", None).await;
        let order = orders["items"][0]["id"].as_str().unwrap();
        self.pay(order);
        order.to_owned()
    }

    /// Somebody pays; what the checkout hands to the merchant.
    pub fn pay(&self, order: &str) -> Value {
        self.control.pay_order(order, "upi", Outcome::Success).unwrap()
    }

    /// A message as the gateway sends it.
    pub async fn deliver(&self, event: &Event) -> u16 {
        let signature = Some(event.signature.as_str());
        deliver(&self.app.program(), (&event.id, signature), &event.body)
            .await
            .status
            .as_u16()
    }

    /// Every message there was, in the order in which things happened.
    pub async fn deliver_all(&self) {
        for event in self.control.events() {
            assert_eq!(self.deliver(&event).await, 200, "{}", event.name);
        }
    }

    pub fn event(&self, name: &str) -> Event {
        let mut events = self.control.events().into_iter();
        let found = events.rfind(|event| event.name == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    }

    /// How often the gateway was asked this.
    pub fn calls(&self, method: &str, path: &str) -> usize {
        let calls = self.control.calls().into_iter();
        calls
            .filter(|seen| seen.method == method && seen.path == path)
            .count()
    }

    /// The gateway's own API, as somebody at its pages uses it.
    pub async fn at_gateway(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .request(method, format!("{}{path}", self.sandbox.url()))
            .basic_auth(KEY_ID, Some(KEY_SECRET));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Everything that is due at once, and what comes of it.
    pub async fn work_off(&self) {
        while self.app.authority.run_due_jobs().await.unwrap() > 0 {}
    }

    /// From the books, whatever has become of the owner's token.
    pub async fn balance(&self, owner: &Owner) -> i64 {
        let mut reader = self.app.authority.database.read().await.unwrap();
        let wallet = storage::ledger::find_wallet(&mut reader, &owner.account).await;
        wallet.unwrap().map_or(0, |wallet| wallet.balance)
    }

    pub async fn status(&self, owner: &Owner, order: &str) -> &'static str {
        let authority = &self.app.authority;
        let found = authority.find_payment_order(&owner.account, order).await;
        found.unwrap().unwrap().state.as_str()
    }
}

impl Owner {
    pub async fn registered(app: &App, email: &str) -> Self {
        let body = json!({"email": email, "password": PASSWORD});
        let reply = app.program().post("/auth/register", body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let token = reply.text("/access_token").to_owned();
        Self {
            program: app.program().bearing(&token),
            token,
            account: reply.text("/user/account_id").parse().unwrap(),
        }
    }

    /// Their payment arrives in the books.
    pub async fn pays(&self, app: &App, payment: &str, minor: i64) -> Posted {
        let received = Received {
            account: self.account.clone(),
            payment: payment.to_owned(),
            amount: Money::new(minor, Currency::INR),
            purpose: Purpose::Topup,
        };
        let (authority, ctx) = (app.authority.clone(), app.ctx());
        let work = app.authority.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { authority.receive(w, &ctx, &received).await })
        });
        work.await.unwrap()
    }

    pub async fn top_up(&self, amount: i64) -> Reply {
        self.program.post(TOPUP, json!({"amount": amount})).await
    }

    /// The gateway's id of a fresh order.
    pub async fn order(&self, amount: i64) -> String {
        let reply = self.top_up(amount).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.text("/order_id").to_owned()
    }

    pub async fn confirm(&self, vouched: &Value) -> Reply {
        self.program
            .post(&format!("{TOPUP}/confirm"), vouched.clone())
            .await
    }
}

pub async fn deliver(program: &Program, (id, signature): (&str, Option<&str>), body: &str) -> Reply {
    let program = program.with("x-razorpay-event-id", id);
    let program = match signature {
        Some(signature) => program.with("x-razorpay-signature", signature),
        None => program,
    };
    program.send(Method::POST, WEBHOOK, Some(body.to_owned())).await
}

/// What the gateway writes under a body.
pub fn signed(secret: &str, body: &str) -> String {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
