//! The second factor of document 002: set up, proved, asked for, turned off.
//! Waits for a fresh code where all near ones were shown.

use serde_json::{Value, json};

use crate::authenticator::{Authenticator, secret_in};
use crate::person::Signed;
use crate::scenario::Scenario;
use crate::trouble::{Outcome, had, wrong};
use crate::world::text;

pub(super) async fn run(scenario: &mut Scenario, ada: &Option<Signed>) {
    let http = scenario.http();
    let (verify, disable) = ("POST /v1/auth/2fa/verify", "POST /v1/auth/2fa/disable");
    let case = async {
        let ada = had(ada, "POST /v1/auth/login")?;
        let shape =
            json!({"secret": "@text", "qr_code_url": "@starts:otpauth://totp/", "qr_code_svg": "@text"});
        let answer = http
            .post("/v1/auth/2fa/setup")
            .bearer(&ada.token)
            .answers(200, &shape)
            .await?;
        let scanned = secret_in(&text(&answer, "qr_code_url"));
        match scanned.as_deref() == answer["secret"].as_str() {
            true => Authenticator::new(&text(&answer, "secret")),
            false => Err(wrong(
                "POST /v1/auth/2fa/setup",
                "one secret in both",
                answer.to_string(),
            )),
        }
    };
    let mut app = scenario
        .case("POST /v1/auth/2fa/setup", "as the document shows", case)
        .await;
    let call = |path: &str, token: &str, body: Value| http.post(path).bearer(token).json(&body);
    let case = async {
        let token = &had(ada, "POST /v1/auth/login")?.token;
        let app = app.as_mut().ok_or_else(|| needs("POST /v1/auth/2fa/setup"))?;
        let bad = json!({"code": app.wrong_code()});
        call("/v1/auth/2fa/verify", token, bad).refused(400, "").await?;
        let shape = json!({"message_code": "2fa_enabled", "backup_codes": ["@some", "@text"]});
        let good = json!({"code": app.code().await});
        let answer = call("/v1/auth/2fa/verify", token, good)
            .answers(200, &shape)
            .await?;
        ten_long_codes(&answer)
    };
    let on = scenario
        .case(verify, "as the document shows, a wrong code: 400", case)
        .await;
    let case = async {
        had(&on, verify)?;
        let ada = had(ada, "POST /v1/auth/login")?;
        let app = app.as_mut().ok_or_else(|| needs("POST /v1/auth/2fa/setup"))?;
        let login = http.post("/v1/auth/login").json(&ada.person.credentials());
        let error = login.refused(401, "mfa_required").await?;
        if error["details"]["pending_token"].as_str().is_none() {
            return Err(wrong(
                "POST /v1/auth/login",
                "details.pending_token",
                error.to_string(),
            ));
        }
        let mut body = ada.person.credentials();
        body["totp_code"] = json!(app.code().await);
        let shape = json!({"token": "@jwt", "user": {"two_factor_enabled": true}});
        let answer = http
            .post("/v1/auth/login")
            .json(&body)
            .answers(200, &shape)
            .await?;
        http.post("/v1/auth/login").json(&body).refused(401, "").await?;
        Ok(text(&answer, "token"))
    };
    let token = scenario
        .case(
            "POST /v1/auth/login",
            "asks for the second factor, takes each code once",
            case,
        )
        .await;
    let case = async {
        let token = had(&token, "a sign-in with a code")?;
        let app = app.as_mut().ok_or_else(|| needs("POST /v1/auth/2fa/setup"))?;
        let password = &had(ada, "POST /v1/auth/login")?.person.password;
        let bad = json!({"password": password, "code": app.wrong_code()});
        match call("/v1/auth/2fa/disable", token, bad).send().await? {
            reply if matches!(reply.status, 400 | 401 | 403) => {}
            reply => return Err(reply.unlike("a refusal of the wrong code")),
        }
        let good = json!({"password": password, "code": app.code().await});
        let off = json!({"message_code": "2fa_disabled"});
        call("/v1/auth/2fa/disable", token, good)
            .answers(200, &off)
            .await?;
        let login = http
            .post("/v1/auth/login")
            .json(&had(ada, "")?.person.credentials());
        login
            .answers(200, &json!({"user": {"two_factor_enabled": false}}))
            .await
    };
    scenario
        .case(
            disable,
            "asks for password and code, then one factor is enough",
            case,
        )
        .await;
}

fn needs(what: &str) -> crate::trouble::Trouble {
    crate::trouble::Trouble::NotTried(format!("needs {what}"))
}

/// Fifty bits are ten characters of base32.
fn ten_long_codes(answer: &Value) -> Outcome {
    let codes: Vec<&str> = answer["backup_codes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let long = |code: &&str| code.chars().filter(char::is_ascii_alphanumeric).count() >= 10;
    match codes.len() == 10 && codes.iter().all(long) {
        true => Ok(()),
        false => Err(wrong(
            "backup_codes",
            "10 codes of at least 50 bits",
            answer.to_string(),
        )),
    }
}
