//! The second step of a login in document 000.
//! Refuses nothing by itself: the factor is set up as for any login.

use serde_json::{Value, json};

use super::pair;
use crate::documents::login::with_second_factor;
use crate::http::Http;
use crate::person::Signed;
use crate::scenario::Scenario;
use crate::trouble::{Outcome, had};
use crate::world::text;

async fn pending(http: &Http, ada: &Signed) -> Outcome<Value> {
    let shape = json!({"requires_2fa": true, "pending_token": "@token", "access_token": "@absent"});
    let login = http.post("/auth/login").json(&ada.person.credentials());
    login.answers(200, &shape).await
}

pub(super) async fn run(scenario: &mut Scenario) {
    let http = scenario.http();
    let operation = "POST /auth/2fa/login-verify";
    let verify = |pending: &Value, otp: &str| {
        let body = json!({"otp": otp, "pending_token": pending["pending_token"]});
        http.post("/auth/2fa/login-verify").json(&body)
    };
    let case = async {
        let (ada, mut app) = with_second_factor(&http).await?;
        let asked = pending(&http, &ada).await?;
        verify(&asked, &app.wrong_code()).refused(401, "").await?;
        let code = app.code().await;
        let answer = verify(&asked, &code).answers(200, &pair()).await?;
        let me = http.get("/auth/me").bearer(&text(&answer, "access_token"));
        me.answers(200, &json!({"two_factor_enabled": true})).await?;
        let again = verify(&asked, &code).send().await?;
        match again.status {
            401 | 410 => Ok((ada, app)),
            _ => Err(again.unlike("401 or 410 for a used pending token")),
        }
    };
    let somebody = scenario.case(operation, "completes a login, once", case).await;
    let case = async {
        let (ada, app) = had(&somebody, "a login with two factors")?;
        let asked = pending(&http, ada).await?;
        for _ in 0..5 {
            let reply = verify(&asked, &app.wrong_code()).send().await?;
            if !matches!(reply.status, 401 | 410 | 429) {
                return Err(reply.unlike("401 for a wrong code"));
            }
        }
        let reply = verify(&asked, &app.wrong_code()).send().await?;
        match reply.status {
            401 | 410 | 429 => Ok(()),
            _ => Err(reply.unlike("the pending login to be over")),
        }
    };
    scenario.case(operation, "five wrong codes end it", case).await;
    let case = async {
        let nobody = json!({"pending_token": "no-such-pending-token"});
        match verify(&nobody, "123456").send().await? {
            reply if matches!(reply.status, 401 | 410) => Ok(()),
            reply => Err(reply.unlike("401 or 410")),
        }
    };
    scenario.case(operation, "an unknown pending token", case).await;
}
