//! The places that check a token.

use anyhow::Result;
use tests::demo::EDGE;

use crate::Notes;
use crate::given::{Access, Given};
use crate::house::House;
use crate::person::address;
use crate::surface::SURFACES;

/// Where an access token opens something: who sends none that is live gets 401.
const PLACES: [&str; 2] = ["/oauth2/userinfo", "/check?scope=orders:read"];

/// Each token at each place: `live` says what all must answer.
pub async fn all(house: &House, given: &Given, live: bool, notes: &mut Notes) -> Result<()> {
    let when = if live { "before" } else { "after" };
    for access in &given.access {
        let kind = access.kind;
        let reader = if access.is_first_party {
            EDGE
        } else {
            access.client
        };
        let active = house.demo.is_active(reader, &access.token).await?;
        notes.expect(
            &format!("{kind} at introspection {when}"),
            active == live,
            format!("active: {active}"),
        );
        let of_surfaces = SURFACES.iter().flat_map(|surface| surface.me).copied();
        for path in PLACES.into_iter().chain(of_surfaces) {
            let request = house.demo.http.get(house.demo.server.url(path));
            // Dead tokens count for the address they come from.
            let request = request.header("x-forwarded-for", address(house));
            let answer = request.bearer_auth(&access.token).send().await?;
            let status = answer.status().as_u16();
            notes.expect(
                &format!("{kind} at {path} {when}"),
                status == expected(path, access, live),
                status.to_string(),
            );
        }
        at_the_proxy(house, access, live, notes).await?;
    }
    if live {
        return Ok(());
    }
    for refresh in &given.refresh {
        let refused = refresh.spend(house).await?.is_none();
        notes.expect(
            &format!("refresh token of {} {when}", refresh.client.0),
            refused,
            "taken",
        );
    }
    Ok(())
}

/// A live token of a website does not stand for the person at a surface.
fn expected(path: &str, access: &Access, live: bool) -> u16 {
    match (live, access.is_first_party || PLACES.contains(&path)) {
        (false, _) => 401,
        (true, true) => 200,
        (true, false) => 403,
    }
}

async fn at_the_proxy(house: &House, access: &Access, live: bool, notes: &mut Notes) -> Result<()> {
    let kind = access.kind;
    if live {
        let status = house.demo.call(&access.token, "/orders/1").await?;
        notes.expect(
            &format!("{kind} at the proxy before"),
            status == 200,
            status.to_string(),
        );
    } else {
        let refused = house.demo.refused_after(&access.token).await;
        notes.expect(
            &format!("{kind} at the proxy after"),
            refused.is_ok(),
            "let through",
        );
    }
    Ok(())
}
