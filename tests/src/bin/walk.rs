//! Walks the main job through freshly started programs and prints each step with its time.
//! Ends with an error at the first step that does not do what it should.

use std::io::Write as _;

use anyhow::{Context, Result, bail, ensure};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tests::agent::Agent;
use tests::demo::{CALLBACK, Demo, OPAQUE, PASSWORD, SHOP};
use tests::http_client::http;
use tests::money::Payer;
use tokio::time::Instant;

struct Walk(Demo);

#[tokio::main]
async fn main() -> Result<()> {
    let walk = step("start server, proxy and a sample service on SQLite", start()).await?;
    let agent = Agent::new()?;
    let issuer = walk.0.server.issuer();
    step("register ada on the registration page", async {
        agent.register(&issuer, "ada", PASSWORD).await.map(|_| ())
    })
    .await?;
    let token = step(
        "log in by OpenID Connect: code + PKCE, consent, ID token verified",
        walk.log_in(),
    )
    .await?;
    step(
        "call through the proxy: 200",
        walk.call_is(&token, "/orders/7", StatusCode::OK),
    )
    .await?;
    step("call without a token: 401", walk.anonymous_is_refused()).await?;
    step(
        "ask for what was not granted: 403 naming the scope",
        walk.missing_scope(&token),
    )
    .await?;
    step("call too often: 429 with honest headers", walk.limit(&token)).await?;
    step("read claims at userinfo", walk.userinfo(&token)).await?;
    step(
        "revoke the JWT: introspection says inactive, the proxy 401",
        walk.revoke(SHOP, &token),
    )
    .await?;
    let opaque = step(
        "get an opaque token by client credentials",
        walk.0.client_credentials(OPAQUE),
    )
    .await?;
    step(
        "call through the proxy with it: 200",
        walk.call_is(&opaque, "/orders/8", StatusCode::OK),
    )
    .await?;
    step("revoke it: 401 at the proxy", walk.revoke(OPAQUE, &opaque)).await?;
    step("a public route needs nothing: 200", walk.public()).await?;
    walk.money(agent).await?;
    say("every step did what it should")
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

async fn step<T>(what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let began = Instant::now();
    let done = work.await.with_context(|| format!("FAILED: {what}"))?;
    say(&format!(
        "ok  {what}  ({:.1} ms)",
        began.elapsed().as_secs_f64() * 1000.0
    ))?;
    Ok(done)
}

async fn start() -> Result<Walk> {
    Demo::start().await.map(Walk)
}

impl Walk {
    /// Top up, subscribe, run out, be refused, top up, pass.
    async fn money(&self, agent: Agent) -> Result<()> {
        let payer = Payer::new(agent, &self.0.server.issuer());
        let token = step("log in as ada where programs do", self.first_party_token()).await?;
        step(
            "call what the free plan doesn't have: 403 entitlement_exceeded that says where to pay",
            self.refused_for_money(&token),
        )
        .await?;
        step("pay ₹10 ahead at the payment page", payer.top_up("10")).await?;
        step("subscribe to Pro at the payment page", async {
            payer.subscribe("pro").await?;
            let shown = payer.overview().await?;
            ensure!(shown.contains("Plan Pro"), "{shown}");
            Ok(())
        })
        .await?;
        let (included, paid) = step(
            "call until the plan's five reports and the wallet are used up: 403 again",
            self.use_up(&token),
        )
        .await?;
        say(&format!(
            "    {included} came with the plan, {paid} were paid for at ₹4 each"
        ))?;
        step("pay ₹100 ahead at the payment page", payer.top_up("100")).await?;
        step("call again: 200", self.passes_again(&token)).await
    }

    async fn first_party_token(&self) -> Result<String> {
        let body = serde_json::json!({"email": "ada@example.com", "password": PASSWORD});
        let url = self.0.server.url("/auth/login");
        let answer: Value = self.0.http.post(url).json(&body).send().await?.json().await?;
        let token = answer["access_token"].as_str();
        Ok(token.with_context(|| answer.to_string())?.to_owned())
    }

    async fn refused_for_money(&self, token: &str) -> Result<()> {
        let answer = self.call(token, "/reports/1").await?;
        ensure!(answer.status() == StatusCode::FORBIDDEN, "{}", answer.status());
        let body: Value = answer.json().await?;
        let text = body.to_string();
        ensure!(
            text.contains("entitlement_exceeded") && text.contains("/account/billing"),
            "{text}"
        );
        Ok(())
    }

    /// How many calls came with the plan, and how many were paid for.
    async fn use_up(&self, token: &str) -> Result<(usize, usize)> {
        const INCLUDED: usize = 5;
        let mut passed = 0;
        while self.0.call(token, "/reports/1").await? == 200 {
            passed += 1;
            ensure!(passed < 1_000, "nobody stops it");
        }
        self.refused_for_money(token).await?;
        ensure!(passed > INCLUDED, "only {passed} passed");
        Ok((INCLUDED, passed - INCLUDED))
    }

    /// The proxy learns of it from the log; until then it refuses.
    async fn passes_again(&self, token: &str) -> Result<()> {
        for _ in 0..2_000 {
            if self.0.call(token, "/reports/1").await? == 200 {
                return Ok(());
            }
        }
        bail!("the proxy has not heard that something was paid")
    }

    /// The whole login by a client library that is not ours.
    async fn log_in(&self) -> Result<String> {
        let issuer = IssuerUrl::new(self.0.server.issuer())?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &http).await?;
        let secret = ClientSecret::new(SHOP.1.to_owned());
        let client =
            CoreClient::from_provider_metadata(metadata, ClientId::new(SHOP.0.to_owned()), Some(secret))
                .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned())?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let (url, state, nonce) = request
            .add_scopes(["profile", "email", "orders:read"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        // Another browser than the one that registered: it has to log in.
        let landed = Agent::new()?.authorize(url.as_str(), "ada", PASSWORD).await?;
        let answer = |name: &str| {
            landed
                .query_pairs()
                .find(|(found, _)| found == name)
                .map(|(_, value)| value.into_owned())
        };
        ensure!(
            answer("state").as_ref() == Some(state.secret()),
            "another state came back"
        );
        ensure!(
            answer("iss") == Some(self.0.server.issuer()),
            "RFC 9207: the issuer is missing"
        );
        let code = AuthorizationCode::new(answer("code").context("no code")?);
        let tokens = client
            .exchange_code(code)?
            .set_pkce_verifier(verifier)
            .request_async(&http)
            .await?;
        let claims = tokens
            .id_token()
            .context("no ID token")?
            .claims(&client.id_token_verifier(), &nonce)?;
        ensure!(
            claims.subject().as_str().starts_with("usr_"),
            "the subject is no user"
        );
        Ok(tokens.access_token().secret().clone())
    }

    async fn call(&self, token: &str, path: &str) -> Result<Response> {
        Ok(self
            .0
            .http
            .get(self.0.proxy.url(path))
            .bearer_auth(token)
            .send()
            .await?)
    }

    async fn call_is(&self, token: &str, path: &str, status: StatusCode) -> Result<()> {
        let answer = self.call(token, path).await?;
        ensure!(
            answer.status() == status,
            "{} {}",
            answer.status(),
            answer.text().await?
        );
        if status == StatusCode::OK {
            let seen: Value = answer.json().await?;
            ensure!(
                seen["headers"]["x-auth-subject"].is_array(),
                "no identity header reached the service: {seen}"
            );
            ensure!(
                seen["headers"]["authorization"].is_null(),
                "the token itself reached the service"
            );
        }
        Ok(())
    }

    async fn anonymous_is_refused(&self) -> Result<()> {
        let answer = self.0.http.get(self.0.proxy.url("/orders/7")).send().await?;
        ensure!(answer.status() == StatusCode::UNAUTHORIZED, "{}", answer.status());
        ensure!(answer.headers().contains_key("www-authenticate"), "no challenge");
        Ok(())
    }

    async fn missing_scope(&self, token: &str) -> Result<()> {
        let answer = self
            .0
            .http
            .post(self.0.proxy.url("/orders/7"))
            .bearer_auth(token)
            .send()
            .await?;
        ensure!(answer.status() == StatusCode::FORBIDDEN, "{}", answer.status());
        let challenge = header(&answer, "www-authenticate")?;
        ensure!(
            challenge.contains("orders:write"),
            "the scope is not named: {challenge}"
        );
        Ok(())
    }

    async fn limit(&self, token: &str) -> Result<()> {
        for left in (0..5).rev() {
            let answer = self.call(token, "/limited/x").await?;
            ensure!(
                answer.status() == StatusCode::OK,
                "{} with {left} left",
                answer.status()
            );
            ensure!(
                header(&answer, "x-ratelimit-remaining")? == left.to_string(),
                "dishonest: {:?}",
                answer.headers()
            );
        }
        let answer = self.call(token, "/limited/x").await?;
        ensure!(
            answer.status() == StatusCode::TOO_MANY_REQUESTS,
            "{}",
            answer.status()
        );
        let wait: u64 = header(&answer, "retry-after")?.parse()?;
        // The window slides: after a burst it takes up to two of them until a call is let through again.
        ensure!((1..=120).contains(&wait), "Retry-After: {wait}");
        Ok(())
    }

    async fn userinfo(&self, token: &str) -> Result<()> {
        let answer = self
            .0
            .http
            .get(self.0.server.url("/oauth2/userinfo"))
            .bearer_auth(token)
            .send()
            .await?;
        let claims: Value = answer.error_for_status()?.json().await?;
        ensure!(claims["email"] == "ada@example.com", "{claims}");
        Ok(())
    }

    /// Revokes, and tells how long the proxy still let the token through.
    async fn revoke(&self, (id, secret): (&str, &str), token: &str) -> Result<()> {
        let ask = |path: &str| {
            self.0
                .http
                .post(self.0.server.url(path))
                .basic_auth(id, Some(secret))
                .form(&[("token", token)])
        };
        ask("/oauth2/revoke").send().await?.error_for_status()?;
        let revoked = Instant::now();
        let state: Value = ask("/oauth2/introspect").send().await?.json().await?;
        ensure!(state["active"] == false, "still active: {state}");
        for _ in 0..1000 {
            if self.call(token, "/orders/7").await?.status() == StatusCode::UNAUTHORIZED {
                return say(&format!(
                    "    refused {:.1} ms after the revocation was answered",
                    revoked.elapsed().as_secs_f64() * 1000.0
                ));
            }
        }
        bail!("the proxy lets a revoked token through")
    }

    async fn public(&self) -> Result<()> {
        let answer = self.0.http.get(self.0.proxy.url("/public/hello")).send().await?;
        ensure!(answer.status() == StatusCode::OK, "{}", answer.status());
        Ok(())
    }
}

fn header(answer: &Response, name: &str) -> Result<String> {
    let value = answer.headers().get(name).with_context(|| format!("no {name}"))?;
    Ok(value.to_str()?.to_owned())
}
