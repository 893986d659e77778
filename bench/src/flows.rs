//! Refresh rotation and the code flow with a live session.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use tokio::time::Instant;
use url::Url;

use crate::connection::{Connection, get, post_form};
use crate::cpu::counted;
use crate::load::{CONNECTIONS, Rate, collect, expect, micros};
use crate::report::Report;
use crate::server::basic;
use crate::world::World;
use crate::{limits, seconds};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const PASSWORD: &str = "a long enough benchmark sentence 42";

pub async fn measure(report: &mut Report, world: &World) -> Result<()> {
    let (address, cookie) = (world.server.address(), sign_in(&world.server.issuer()).await?);
    let syncs = limits::syncs()?;
    let rate = counted(world.server_id, refreshing(address, &cookie)).await?;
    report.ratio(
        "refresh rotation (durable)",
        rate,
        "one-by-one syncs",
        syncs,
        "≥ 3",
    );
    let rate = counted(world.server_id, authorizing(address, &cookie)).await?;
    report.ratio(
        "code + PKCE with a live session",
        rate,
        "one-by-one syncs",
        syncs,
        "",
    );
    Ok(())
}

/// Registers a user through the page and gives the session cookie.
pub async fn sign_in(issuer: &str) -> Result<String> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .cookie_store(true)
        .build()?;
    let page = client
        .get(format!("{issuer}/register"))
        .send()
        .await?
        .text()
        .await?;
    let csrf = page
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .context("no csrf")?;
    let form = [
        ("csrf", csrf),
        ("username", "bench"),
        ("email", "bench@example.com"),
        ("name", "Bench"),
        ("password", PASSWORD),
    ];
    let answer = client
        .post(format!("{issuer}/register"))
        .form(&form)
        .send()
        .await?;
    let cookies = answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|cookie| cookie.to_str().ok());
    let session = cookies
        .filter_map(|cookie| cookie.split(';').next())
        .find(|cookie| cookie.contains("session="));
    Ok(session.context("not signed in")?.to_owned())
}

async fn code(connection: &mut Connection, cookie: &str) -> Result<String> {
    let path = format!(
        "/oauth2/authorize?client_id=jwt&response_type=code&scope=openid+orders%3Aread&state=s\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let answer = connection
        .send(&get(&path, &format!("Cookie: {cookie}\r\n")))
        .await?;
    expect(&answer, 303)?;
    let location = Url::parse(answer.header("location").context("no location")?)?;
    let code = location
        .query_pairs()
        .find(|(name, _)| name == "code")
        .context("no code")?
        .1
        .into_owned();
    Ok(code)
}

async fn redeem(connection: &mut Connection, cookie: &str) -> Result<String> {
    let code = code(connection, cookie).await?;
    let form = format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb"
    );
    refresh_token(connection, &form).await
}

async fn refresh_token(connection: &mut Connection, form: &str) -> Result<String> {
    let answer = connection
        .send(&post_form("/oauth2/token", &basic("jwt"), form))
        .await?;
    expect(&answer, 200)?;
    let body: serde_json::Value = serde_json::from_slice(&answer.body)?;
    Ok(body["refresh_token"]
        .as_str()
        .context("no refresh token")?
        .to_owned())
}

/// One chain per connection.
async fn refreshing(address: SocketAddr, cookie: &str) -> Result<Rate> {
    let began = Instant::now();
    let tasks = (0..CONNECTIONS).map(|_| {
        let cookie = cookie.to_owned();
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut token = redeem(&mut connection, &cookie).await?;
            let mut times = Vec::new();
            while began.elapsed() < seconds() {
                let sent = Instant::now();
                token = refresh_token(
                    &mut connection,
                    &format!("grant_type=refresh_token&refresh_token={token}"),
                )
                .await?;
                times.push(micros(sent));
            }
            Ok(times)
        })
    });
    collect(tasks.collect(), began).await
}

async fn authorizing(address: SocketAddr, cookie: &str) -> Result<Rate> {
    let began = Instant::now();
    let tasks = (0..CONNECTIONS).map(|_| {
        let cookie = cookie.to_owned();
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut times = Vec::new();
            while began.elapsed() < seconds() {
                let sent = Instant::now();
                redeem(&mut connection, &cookie).await?;
                times.push(micros(sent));
            }
            Ok(times)
        })
    });
    collect(tasks.collect(), began).await
}
