//! What sign-up and login of three documents have in common: who is turned away, and what is needed for a second step.
//! Knows nothing of what a login answers.

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::http::Http;
use crate::person::{Person, Signed, newcomer};
use crate::scenario::Scenario;
use crate::trouble::{Outcome, given, had, wrong};
use crate::world::text;

/// `base`: where `register` and `login` are.
pub(super) async fn strangers_look_alike(scenario: &mut Scenario, base: &str, ada: &Option<Signed>) {
    let http = scenario.http();
    let login = format!("{base}/login");
    let case = async {
        let ada = had(ada, &format!("POST {base}/register"))?;
        for email in [&ada.person.email, "nobody@conformance.example"] {
            let body = json!({"email": email, "password": "wrong-horse-battery"});
            http.post(&login)
                .json(&body)
                .refused(401, "invalid_credentials")
                .await?;
        }
        Ok(())
    };
    let name = "wrong password and unknown address look alike";
    scenario.case(&format!("POST {login}"), name, case).await;
}

/// Each of these members makes of a sign-up a 400 that names it.
pub(super) async fn bad_members_are_named(http: &Http, path: &str, bad: Vec<(&str, Value)>) -> Outcome {
    for (member, value) in bad {
        let mut form = Person::new().form();
        form[member] = value;
        let error = http.post(path).json(&form).refused(400, "").await?;
        if error["details"]["fields"][member].is_null() {
            return Err(wrong(
                &format!("POST {path}"),
                format!("details.fields.{member}"),
                error.to_string(),
            ));
        }
    }
    Ok(())
}

/// Somebody with a second factor, set up where document 002 says: the others have no such door.
pub(super) async fn with_second_factor(http: &Http) -> Outcome<(Signed, Authenticator)> {
    let ada = newcomer(http).await?;
    let setup = http.post("/v1/auth/2fa/setup").bearer(&ada.token);
    let setup = given(
        setup.answers(200, &json!({"secret": "@text"})).await,
        "a second factor",
    )?;
    let mut app = Authenticator::new(&text(&setup, "secret"))?;
    let body = json!({"code": app.code().await});
    let verify = http.post("/v1/auth/2fa/verify").bearer(&ada.token).json(&body);
    given(verify.answers(200, &json!({})).await, "a second factor")?;
    Ok((ada, app))
}
