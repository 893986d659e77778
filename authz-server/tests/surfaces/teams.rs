//! `/auth/team`, `/auth/accounts`: from an invitation to a member who acts in two accounts.

use http::Method;
use serde_json::{Value, json};

use crate::app::json::{Program, Reply};
use crate::app::letter::{letters, link, six_digits};
use crate::app::{App, PASSWORD};

const INVITE: &str = "/auth/team/invite";
const ACCEPT: &str = "/auth/team/accept";
const MEMBERS: &str = "/auth/team/members";

/// Somebody signed in, with the number of their account.
struct Person {
    program: Program,
    email: String,
    account: String,
}

impl Person {
    async fn named(app: &App, name: &str) -> Self {
        let email = format!("{name}@example.org");
        let body = json!({"email": email, "password": PASSWORD, "name": name});
        let reply = app.program().post("/auth/register", body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        Self {
            program: app.program().bearing(reply.text("/access_token")),
            account: reply.text("/user/account_id").to_owned(),
            email,
        }
    }

    /// The same with a confirmed address.
    async fn confirmed(app: &App, name: &str) -> Self {
        let person = Self::named(app, name).await;
        person.confirm(app).await;
        person
    }

    async fn confirm(&self, app: &App) {
        let letters = letters(app).await;
        let letter = letters
            .iter()
            .find(|letter| letter.contains("/verify-email?token="))
            .unwrap();
        let body = json!({"otp": six_digits(letter)});
        let reply = self.program.post("/auth/verify-email", body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    async fn invite(&self, email: &str, role: &str) -> Reply {
        self.program
            .post(INVITE, json!({"email": email, "role": role}))
            .await
    }

    async fn accept(&self, token: &str) -> Reply {
        self.program.post(ACCEPT, json!({"token": token})).await
    }

    /// In the account of somebody else.
    fn within(&self, account: &str) -> Program {
        self.program.with("x-account-id", account)
    }
}

async fn invitation(app: &App) -> String {
    let letters = letters(app).await;
    let letter = letters.iter().find(|letter| letter.contains("/join?token="));
    link(letter.expect("an invitation"), "/join").token
}

/// An owner and a member with this role.
async fn team(app: &App, role: &str) -> (Person, Person) {
    let (ada, grace) = (
        Person::confirmed(app, "ada").await,
        Person::confirmed(app, "grace").await,
    );
    assert_eq!(ada.invite(&grace.email, role).await.status, 201);
    let token = invitation(app).await;
    assert_eq!(grace.accept(&token).await.status, 200);
    (ada, grace)
}

async fn send(program: &Program, method: Method, path: &str, body: Option<Value>) -> Reply {
    program
        .send(method, path, body.map(|body| body.to_string()))
        .await
}

/// The id of the membership of whoever has the address.
async fn membership(program: &Program, email: &str) -> String {
    let list = program.get(MEMBERS).await;
    let list = list.body.as_array().unwrap().clone();
    let found = list.iter().find(|member| member["email"] == email);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn somebody_is_invited_joins_and_acts_in_both_accounts() {
    let app = App::new().await;
    let (ada, grace) = (
        Person::confirmed(&app, "ada").await,
        Person::confirmed(&app, "grace").await,
    );
    let invited = ada.invite("GRACE@example.org", "member").await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    assert_eq!(
        (invited.text("/email"), &invited.body["replaced"]),
        ("grace@example.org", &json!(false))
    );
    assert!(
        !invited.body.to_string().contains("az_iv_"),
        "the link is the mailbox's"
    );
    let token = invitation(&app).await;
    let info = app
        .program()
        .get(&format!("/auth/team/invite/info?token={token}"))
        .await;
    let mut members: Vec<&String> = info.body.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        ["account_name", "email_hint", "expires_at", "inviter_name", "role"]
    );
    assert_eq!(info.text("/email_hint"), "g…@example.org");
    let joined = grace.accept(&token).await;
    assert_eq!(
        (joined.text("/account_id"), joined.text("/role")),
        (ada.account.as_str(), "member")
    );
    assert_eq!(grace.accept(&token).await.refusal(), (410, "expired_token"));
    let accounts = grace.program.get("/auth/accounts").await;
    let expected = json!([
        {"id": grace.account, "name": "grace", "role": "owner"},
        {"id": ada.account, "name": "ada", "role": "member"},
    ]);
    assert_eq!(accounts.body, expected);
    let own = grace.program.get(MEMBERS).await;
    assert_eq!(own.body.as_array().unwrap().len(), 1);
    let there = grace.within(&ada.account).get(MEMBERS).await;
    assert_eq!(there.header("x-total-count"), "2");
    let owners = letters(&app).await;
    assert!(owners.iter().any(|letter| letter.contains("Somebody joined")));
}

/// T05: the header chooses among the caller's own memberships and nothing else.
#[tokio::test]
async fn an_account_of_others_is_nobodys_choice() {
    let app = App::new().await;
    let (ada, eve) = (Person::named(&app, "ada").await, Person::named(&app, "eve").await);
    for path in [MEMBERS, "/auth/team/invites"] {
        for account in [ada.account.as_str(), "000000000000"] {
            let reply = eve.within(account).get(path).await;
            assert_eq!(reply.refusal(), (403, "not_a_member"), "{path} {account}");
        }
        let reply = eve.within("x").get(path).await;
        assert_eq!(reply.refusal(), (400, "invalid_request"), "{path}");
    }
    let body = json!({"email": "x@example.org", "role": "viewer"});
    let reply = eve.within(&ada.account).post(INVITE, body).await;
    assert_eq!(reply.refusal(), (403, "not_a_member"));
}

/// T03, as programs see it.
#[tokio::test]
async fn an_invitation_is_for_its_address_confirmed_and_in_time() {
    let app = App::new().await;
    let ada = Person::confirmed(&app, "ada").await;
    let grace = Person::named(&app, "grace").await;
    let eve = Person::named(&app, "eve").await;
    assert_eq!(
        ada.invite("grace@example.org", "emperor").await.refusal(),
        (400, "invalid_request")
    );
    assert_eq!(
        ada.invite("grace@example.org", "owner").await.refusal(),
        (400, "invalid_request")
    );
    assert_eq!(
        ada.invite("nobody", "viewer").await.refusal(),
        (400, "invalid_request")
    );
    ada.invite(&grace.email, "viewer").await;
    let token = invitation(&app).await;
    let unknown = eve.accept("az_iv_unknown").await;
    let others = eve.accept(&token).await;
    assert_eq!(others.refusal(), (404, "not_found"));
    assert_eq!(others.body["error"], unknown.body["error"]);
    assert_eq!(grace.accept(&token).await.refusal(), (403, "email_not_verified"));
    let again = ada.invite(&grace.email, "viewer").await;
    assert_eq!(again.body["replaced"], true);
    let info = format!("/auth/team/invite/info?token={token}");
    let dead = app.program().get(&info).await;
    let never = app.program().get("/auth/team/invite/info?token=no").await;
    assert_eq!(dead.refusal(), (404, "not_found"));
    assert_eq!(dead.body["error"], never.body["error"]);
}

#[tokio::test]
async fn members_look_and_only_admins_and_owners_look_after() {
    let app = App::new().await;
    let (ada, grace) = team(&app, "viewer").await;
    let there = grace.within(&ada.account);
    assert_eq!(there.get(MEMBERS).await.status, 200);
    let root = membership(&ada.program, &ada.email).await;
    let invite = json!({"email": "x@example.org", "role": "viewer"});
    let role = json!({"role": "admin"});
    let own = membership(&ada.program, &grace.email).await;
    for (method, path, body) in [
        (Method::GET, "/auth/team/invites".to_owned(), None),
        (Method::POST, INVITE.to_owned(), Some(invite)),
        (Method::DELETE, format!("{MEMBERS}/{root}"), None),
        (Method::PATCH, format!("{MEMBERS}/{own}"), Some(role)),
        (
            Method::PATCH,
            "/auth/account".to_owned(),
            Some(json!({"name": "x"})),
        ),
    ] {
        let reply = send(&there, method, &path, body).await;
        assert_eq!(reply.refusal(), (403, "access_denied"), "{path}");
    }
    let invited = ada.invite(&grace.email, "admin").await;
    assert_eq!(invited.refusal(), (409, "already_member"));
}

#[tokio::test]
async fn roles_change_and_members_leave_but_the_root_user_stays() {
    let app = App::new().await;
    let (ada, grace) = team(&app, "viewer").await;
    let id = membership(&ada.program, &grace.email).await;
    let path = format!("{MEMBERS}/{id}");
    let there = grace.within(&ada.account);
    for (role, may) in [("owner", 201), ("admin", 201), ("member", 403)] {
        let changed = send(&ada.program, Method::PATCH, &path, Some(json!({"role": role}))).await;
        assert_eq!(changed.text("/role"), role, "{}", changed.body);
        let body = json!({"email": format!("{role}@example.org"), "role": "viewer"});
        assert_eq!(there.post(INVITE, body).await.status, may, "{role}");
    }
    let wrong = send(&ada.program, Method::PATCH, &path, Some(json!({"role": "king"}))).await;
    assert_eq!(wrong.refusal(), (400, "invalid_request"));
    let root = membership(&ada.program, &ada.email).await;
    let root = format!("{MEMBERS}/{root}");
    for (method, body) in [
        (Method::DELETE, None),
        (Method::PATCH, Some(json!({"role": "viewer"}))),
    ] {
        let reply = send(&ada.program, method, &root, body).await;
        assert_eq!(reply.refusal(), (409, "last_owner"));
    }
    assert_eq!(there.delete(&path).await.status, 200, "they leave");
    assert_eq!(there.get(MEMBERS).await.refusal(), (403, "not_a_member"));
    assert_eq!(ada.program.delete(&path).await.refusal(), (404, "not_found"));
}

/// S04: what stands in letters is one line of words; the pages escape it.
#[tokio::test]
async fn an_account_has_a_name_and_it_is_no_place_for_links() {
    let app = App::new().await;
    let ada = Person::confirmed(&app, "ada").await;
    let rename = async |name: Value| {
        send(
            &ada.program,
            Method::PATCH,
            "/auth/account",
            Some(json!({"name": name})),
        )
        .await
    };
    for name in ["", "a\r\nBcc: x@example.org", "see https://evil.example"] {
        assert_eq!(
            rename(json!(name)).await.refusal(),
            (400, "invalid_request"),
            "{name}"
        );
    }
    let hostile = "<script>alert(1)</script>";
    assert_eq!(rename(json!(hostile)).await.text("/name"), hostile);
    ada.invite("grace@example.org", "viewer").await;
    let token = invitation(&app).await;
    let page = app.browser().get(&format!("/join?token={token}")).await;
    assert!(page.body.contains("&#60;script&#62;") && !page.body.contains(hostile));
    assert_eq!(rename(Value::Null).await.text("/name"), "ada");
}

/// L14: whatever host a request names, the link begins with the configured address.
#[tokio::test]
async fn the_link_is_made_from_the_configured_address() {
    let app = App::new().await;
    let ada = Person::confirmed(&app, "ada").await;
    let body = json!({"email": "grace@example.org", "role": "viewer"});
    let program = ada
        .program
        .with("x-forwarded-host", "evil.example")
        .with("forwarded", "host=evil.example");
    assert_eq!(program.post(INVITE, body).await.status, 201);
    // Looks at the whole address.
    invitation(&app).await;
}
