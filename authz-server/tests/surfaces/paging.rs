//! Lists in pages: the links lead back to the door that was asked.

use crate::app::App;
use crate::people::register;

/// All lists without an envelope of their own.
const LISTS: [&str; 11] = [
    "/auth/accounts",
    "/auth/billing/invoices",
    "/auth/billing/subscriptions",
    "/auth/billing/transactions",
    "/auth/iam/groups",
    "/auth/iam/policies",
    "/auth/iam/users",
    "/auth/team/invites",
    "/auth/team/members",
    "/api/tokens",
    "/api/auth/cli-tokens",
];

/// RFC 8288 §3: the target is resolved against the address that was asked, so it names all of the path.
#[tokio::test]
async fn links_name_the_whole_path_of_the_list() {
    let app = App::new().await;
    let token = register(&app).await.text("/token").to_owned();
    let ada = app.program().bearing(&token);
    for list in LISTS {
        let answer = ada.get(&format!("{list}?page=2&limit=1")).await;
        assert_eq!(answer.status, 200, "{list}: {}", answer.body);
        let first = format!("<{list}?page=1&limit=1>; rel=\"first\"");
        let link = answer.header("link");
        assert!(link.contains(&first), "{list}: {link}");
    }
}
