//! Every operation that takes somebody signed in × the token of an IAM user, and the reverse.

use super::{ABSENT, Callers, Cells, Operation};
use crate::app::App;

/// Where an IAM user without any policy is answered.
const OPEN: [&str; 2] = ["GET /auth/me", "GET /auth/iam/me/mfa"];

/// O23, S12: an IAM user's token is worth nothing at doors for people; in the account it does what policies allow.
#[tokio::test]
async fn an_iam_users_token_opens_no_door_for_people() {
    let app = App::new().await;
    let callers = Callers::of(&app).await;
    let mut cells = Cells::default();
    let iam = app.program().bearing(&callers.iam);
    for operation in Operation::all(&app).await {
        let name = operation.name();
        if operation.credentials().is_empty() || operation.is_for_iam_users() || OPEN.contains(&&*name) {
            continue;
        }
        let body = operation.media_type().map(|_| "{}");
        let reply = operation.send(&iam, ABSENT, body).await;
        // What is not there, or not well asked for, is said before it is judged who may.
        let in_account = ["/auth/billing/", "/auth/iam/", "/auth/team/"];
        let in_account = in_account.iter().any(|part| name.contains(part));
        if in_account && [400, 404].contains(&reply.status.as_u16()) {
            continue;
        }
        cells.check(&operation, "an IAM user", &reply, 403);
    }
    cells.conclude("IAM users at doors for people");
}

#[tokio::test]
async fn a_person_is_turned_away_where_iam_users_keep_their_own_credentials() {
    let app = App::new().await;
    let callers = Callers::of(&app).await;
    let person = app.program().bearing(&callers.session);
    let mut tried = 0;
    for operation in Operation::all(&app).await {
        if operation.is_for_iam_users() {
            tried += 1;
            let reply = operation.send(&person, ABSENT, Some("{}")).await;
            assert_eq!(
                reply.refusal(),
                (403, "iam_user_required"),
                "{}",
                operation.name()
            );
        }
    }
    assert!(tried >= 6, "{tried}");
    let iam = app.program().bearing(&callers.iam);
    let userinfo = iam.get("/oauth2/userinfo").await;
    assert_eq!(userinfo.status, 403, "{}", userinfo.body);
}
