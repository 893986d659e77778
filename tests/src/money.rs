//! Paying as a person does: on the billing pages, at the sandbox's checkout, and back.
//! It believes the pages only: what the balance is, is read where people read it.

use anyhow::{Context as _, Result};

use crate::agent::Agent;
use crate::page::Page;

/// Somebody signed in, with a wallet.
pub struct Payer {
    agent: Agent,
    billing: String,
}

impl Payer {
    /// `agent` is signed in at the server at `issuer`.
    pub fn new(agent: Agent, issuer: &str) -> Self {
        Self {
            agent,
            billing: format!("{issuer}/account/billing"),
        }
    }

    /// Pays so many rupees ahead.
    pub async fn top_up(&self, rupees: &str) -> Result<()> {
        let page = self.agent.open(&self.billing).await?.page()?;
        let filled = [("amount", rupees)];
        let page = self.agent.press(&page, "top-up-submit", &filled).await?.page()?;
        self.check_out(&page).await
    }

    /// Subscribes to a plan, one seat of it.
    pub async fn subscribe(&self, plan: &str) -> Result<()> {
        let page = self.agent.open(&format!("{}/plan", self.billing)).await?.page()?;
        let filled = [("plan", plan), ("quantity", "1")];
        let page = self
            .agent
            .press(&page, "subscribe-submit", &filled)
            .await?
            .page()?;
        self.check_out(&page).await
    }

    /// What the billing page says.
    pub async fn overview(&self) -> Result<String> {
        let page = self.agent.open(&self.billing).await?.page()?;
        page.text("page-account-billing").context("no billing page")
    }

    /// To the gateway's page, pays there by card, and comes back.
    async fn check_out(&self, page: &Page) -> Result<()> {
        let checkout = self.agent.press(page, "checkout", &[]).await?.page()?;
        let paid = self
            .agent
            .submit(&checkout, &[("choice", "card")])
            .await?
            .page()?;
        let back = paid.submit(&[])?;
        let landed = self.agent.deliver(back).await?;
        landed
            .page()?
            .text("done")
            .context("nothing was said to be done")?;
        Ok(())
    }
}
