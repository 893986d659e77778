//! The places that check a token.

use anyhow::Result;
use tests::demo::SHOP;

use crate::Notes;
use crate::house::House;
use crate::person::{Given, OPAQUE};

/// Each token at each place: `live` says what all must answer.
pub async fn all(house: &House, given: &Given, live: bool, notes: &mut Notes) -> Result<()> {
    let when = if live { "before" } else { "after" };
    for (kind, token) in &given.access {
        let client = if *kind == "JWT" { SHOP } else { OPAQUE };
        let active = house.demo.is_active(client, token).await?;
        notes.expect(
            &format!("{kind} at introspection {when}"),
            active == live,
            format!("active: {active}"),
        );
        for path in ["/oauth2/userinfo", "/check?scope=orders:read"] {
            let request = house
                .demo
                .http
                .get(house.demo.server.url(path))
                .bearer_auth(token);
            let status = request.send().await?.status().as_u16();
            let expected = if live { 200 } else { 401 };
            notes.expect(
                &format!("{kind} at {path} {when}"),
                status == expected,
                status.to_string(),
            );
        }
        if live {
            let status = house.demo.call(token, "/orders/1").await?;
            notes.expect(
                &format!("{kind} at the proxy {when}"),
                status == 200,
                status.to_string(),
            );
        } else {
            let refused = house.demo.refused_after(token).await;
            notes.expect(
                &format!("{kind} at the proxy {when}"),
                refused.is_ok(),
                "let through",
            );
        }
    }
    if live {
        return Ok(());
    }
    for (client, token) in &given.refresh {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        let refused = house.demo.token((client, SHOP.1), &form).await;
        let says_why = matches!(&refused, Err(error) if error.to_string().contains("invalid_grant"));
        notes.expect(&format!("refresh token of {client} {when}"), says_why, "taken");
    }
    Ok(())
}
