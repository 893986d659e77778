//! The page of the payment sandbox as a person with a browser uses it, and what banks do behind it.
//! It knows the sandbox by the file in which the server keeps its address and keys.

use anyhow::{Context as _, Result};
use fantoccini::Locator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::server::Server;

/// The sandbox inside a server.
pub struct Till {
    http: reqwest::Client,
    keys: Value,
}

impl Till {
    /// Of a server that runs.
    pub fn of(server: &Server) -> Result<Self> {
        let keys = std::fs::read(server.folder().join("data/sandbox.json"))?;
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            keys: serde_json::from_slice(&keys)?,
        })
    }

    /// A bank says in the end that it has paid what it had refused.
    pub async fn settle(&self, payment: &str) -> Result<()> {
        let path = format!("sandbox/payments/{payment}/settle");
        self.call(Method::POST, &path, Some(json!({ "outcome": "success" })))
            .await?;
        Ok(())
    }

    /// So many collections are refused from now on.
    pub async fn refuse_charges(&self, times: u32) -> Result<()> {
        let refused = json!({ "outcome": "failure", "times": times });
        self.call(Method::POST, "sandbox/charges", Some(refused)).await?;
        Ok(())
    }

    /// Moves the sandbox's clock on.
    pub async fn advance(&self, seconds: u32) -> Result<()> {
        let wanted = json!({ "seconds": seconds });
        self.call(Method::POST, "sandbox/advance", Some(wanted)).await?;
        Ok(())
    }

    /// How often the server has asked for an order.
    pub async fn orders(&self) -> Result<usize> {
        let calls = self.call(Method::GET, "sandbox/calls", None).await?;
        let calls = calls["items"].as_array().context("no calls")?;
        let is_order = |call: &&Value| call["method"] == "POST" && call["path"] == "/v1/orders";
        Ok(calls.iter().filter(is_order).count())
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let key = |name: &str| self.keys[name].as_str().with_context(|| format!("no {name}"));
        let url = format!("{}{path}", key("api")?);
        let request = self.http.request(method, url);
        let request = request.basic_auth(key("key_id")?, Some(key("key_secret")?));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

/// From our page with the button to the gateway's, `card`, `upi` or `fail` there, and back; the number of the payment.
pub async fn check_out(browser: &Browser, choice: &str) -> Result<String> {
    browser.click("checkout").await?;
    browser
        .click_first(&format!("button[value=\"{choice}\"]"))
        .await?;
    let on = Locator::Css("button.go:not([name])");
    let on = browser.client().wait().for_element(on).await?;
    let payment = browser.client().find(Locator::Css("section p.soft")).await?;
    let payment = payment.text().await?;
    on.click().await?;
    Ok(payment)
}

/// The same, and back without having paid.
pub async fn cancel(browser: &Browser) -> Result<()> {
    browser.click("checkout").await?;
    browser.click_first("button[value=\"cancel\"]").await?;
    browser.click_first("section a.button").await
}
