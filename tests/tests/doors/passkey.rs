//! A passkey in software, at the pages that ask for one.

use anyhow::{Context as _, Result, ensure};
use testkit::authenticator::SoftPasskey;
use tests::agent::{Agent, Landing};
use tests::demo::PASSWORD;
use tests::page::Page;

use crate::house::House;

/// Makes one for whoever is signed in, and gives the backup codes that come with the first second step.
pub async fn add(house: &House, agent: &Agent) -> Result<(SoftPasskey, Vec<String>)> {
    let url = house.demo.server.url("/account/security/passkeys/add");
    let page = agent.open(&url).await?.page()?;
    let filled = [("name", "Phone"), ("current-password", PASSWORD)];
    let page = agent.press(&page, "passkey-begin", &filled).await?.page()?;
    let (passkey, credential) = SoftPasskey::create(&asked(&page)?, &house.demo.server.issuer());
    let filled = [("credential", credential.as_str())];
    let done = agent.press(&page, "passkey-use", &filled).await?.page()?;
    ensure!(
        done.has("page-backup-codes") || done.has("page-passkeys"),
        "{}",
        done.body
    );
    let codes = done.text("shown-list").unwrap_or_default();
    Ok((passkey, codes.split_whitespace().map(str::to_owned).collect()))
}

/// Answers the page's question.
pub async fn answer(agent: &Agent, page: &Page, passkey: &mut SoftPasskey) -> Result<Landing> {
    let credential = passkey.get(&asked(page)?);
    let filled = [("credential", credential.as_str())];
    agent.press(page, "passkey-use", &filled).await
}

/// Removes the only one of whoever is signed in.
pub async fn remove(house: &House, agent: &Agent) -> Result<()> {
    let url = house.demo.server.url("/account/security/passkeys");
    let list = agent.open(&url).await?.page()?;
    let (_, rest) = list.body.split_once("passkeys/edit?id=").context("no passkey")?;
    let id = rest.split('"').next().unwrap_or_default();
    let page = agent.open(&format!("{url}/remove?id={id}")).await?.page()?;
    let filled = [("current-password", PASSWORD)];
    let done = agent.press(&page, "passkey-remove", &filled).await?.page()?;
    ensure!(
        done.has("page-passkeys") && !done.body.contains("edit?id="),
        "{}",
        done.body
    );
    Ok(())
}

fn asked(page: &Page) -> Result<String> {
    let options = page.attribute("passkey-form", "data-options");
    options.with_context(|| format!("no passkey is asked for:\n{}", page.body))
}
