//! Every page in every state that looks different, for the render tests and the gallery.
//! Made-up values only; the hostile ones try to break out of each place a foreign text is shown in.

use std::sync::Arc;

use authz_server::pages::view::{
    AccountFields, Ceremony, ConsentPage, ErrorPage, Field, Form, FormPostPage, HomePage, JoinLink, JoinPage,
    LoggedOutPage, LoginPage, LogoutPage, PasskeyPrompt, PasswordRefusal, Person, ProviderButton,
    RegisterPage, ScopeLine, SetupPage,
};
use authz_server::pages::{Brand, ClientCard, Layout, Nonce, Page, WebLink};
use url::Url;

/// A text that would run, if it were not escaped.
pub const HOSTILE: &str =
    "\"'><img src=x onerror=alert(1)></bdi></title></style><script>alert(1)</script>{{7*7}}\u{202e}moc.live";

/// One page in one state, rendered.
pub struct Sample {
    pub name: &'static str,
    pub page_id: &'static str,
    pub html: String,
    pub policy: String,
}

pub fn sample<P: Page>(name: &'static str, page_id: &'static str, page: &P) -> Sample {
    Sample {
        name,
        page_id,
        html: page.render().unwrap(),
        policy: page.content_policy().to_text(),
    }
}

pub fn layout(brand: &str) -> Layout {
    let brand = Brand::new(brand, None, None).unwrap();
    Layout::new(Arc::new(brand), Nonce::from_bytes(*b"0123456789abcdef"), true)
}

/// All samples, in the order of the flow.
pub fn all() -> Vec<Sample> {
    let mut samples = vec![
        sample("home", "page-home", &home(None)),
        sample("home-signed-in", "page-home", &home(Some(person()))),
        sample("home-hostile", "page-home", &home(Some(hostile_person()))),
        sample("setup", "page-setup", &setup()),
        sample(
            "register",
            "page-register",
            &register(None, AccountFields::blank(8)),
        ),
        sample(
            "register-refused",
            "page-register",
            &register(Some(fieldnotes()), refused_fields()),
        ),
        sample(
            "register-hostile",
            "page-register",
            &register(Some(hostile()), hostile_fields()),
        ),
        sample("login", "page-login", &login(None, None)),
        sample("login-client", "page-login", &login(Some(fieldnotes()), None)),
        sample(
            "login-refused",
            "page-login",
            &login(Some(fieldnotes()), Some("ada")),
        ),
        sample(
            "login-hostile",
            "page-login",
            &login(Some(hostile()), Some(HOSTILE)),
        ),
        sample("consent", "page-consent", &consent(fieldnotes(), scopes())),
        sample("consent-bare", "page-consent", &consent(native(), Vec::new())),
        sample(
            "consent-hostile",
            "page-consent",
            &consent(hostile(), hostile_scopes()),
        ),
        sample("form-post", "page-form-post", &form_post()),
        sample("logout", "page-logout", &logout(None)),
        sample("logout-client", "page-logout", &logout(Some("Fieldnotes"))),
        sample("logged-out", "page-logged-out", &logged_out()),
        sample("join", "page-join", &join("Acme")),
        sample("join-hostile", "page-join", &join(HOSTILE)),
        sample("error", "page-error", &error()),
        sample("error-hostile", "page-error", &error_hostile()),
    ];
    samples.extend(crate::account_sample::all());
    samples.extend(crate::admin_sample::all());
    samples
}

pub fn form(action: &str) -> Form {
    Form {
        action: action.into(),
        csrf: "c5rf-token".into(),
        flow: "flow-handle".into(),
    }
}

fn join(name: &str) -> JoinPage {
    let button = authz_server::pages::view::Button::primary("join-submit", "join", "Join the team");
    JoinPage {
        layout: layout("Lighthouse"),
        facts: vec![
            ("Account", name.into()),
            ("Invited by", name.into()),
            ("Your role", "member".into()),
            ("Until", "5 December 2026, 08:00 UTC".into()),
        ],
        lead: vec!["Your own account stays as it is. You can leave this one at any time.".into()],
        form: Some((form("/join"), button)),
        token: Some("az_iv_0".into()),
        links: vec![JoinLink {
            id: "join-later",
            look: "quiet",
            words: "Not now",
            href: "/account/team".into(),
        }],
    }
}

pub fn person() -> Person {
    Person {
        name: "Ada Lovelace".into(),
        username: "ada".into(),
        email: Some("ada@example.org".into()),
    }
}

pub fn hostile_person() -> Person {
    Person {
        name: HOSTILE.into(),
        username: HOSTILE.into(),
        email: Some(HOSTILE.into()),
    }
}

fn fieldnotes() -> ClientCard {
    ClientCard {
        published_by: None,
        name: "Fieldnotes".into(),
        logo: None,
        policy: WebLink::parse("https://fieldnotes.example/privacy"),
        tos: WebLink::parse("https://fieldnotes.example/terms"),
        redirect_uri: Url::parse("https://app.fieldnotes.example/callback").unwrap(),
    }
}

fn native() -> ClientCard {
    let redirect_uri = Url::parse("com.example.pocket:/callback").unwrap();
    ClientCard {
        published_by: None,
        name: "Pocket".into(),
        logo: None,
        policy: None,
        tos: None,
        redirect_uri,
    }
}

fn hostile() -> ClientCard {
    let link = "https://evil.test/'\"><script>alert(1)</script>";
    ClientCard {
        published_by: Some(HOSTILE.into()),
        name: HOSTILE.into(),
        logo: WebLink::parse(link),
        policy: WebLink::parse(link),
        tos: WebLink::parse(link),
        redirect_uri: Url::parse("https://a-very-long-label-that-never-wants-to-end.evil.test/cb").unwrap(),
    }
}

fn scope(name: &str, description: &str, is_new: bool) -> ScopeLine {
    ScopeLine {
        name: name.into(),
        description: description.into(),
        is_new,
    }
}

fn scopes() -> Vec<ScopeLine> {
    vec![
        scope("openid", "Know who you are", false),
        scope("profile", "See your name and user name", false),
        scope("email", "See your e-mail address", false),
        scope("offline_access", "Stay signed in while you are away", true),
        scope("notes:write", "", true),
    ]
}

fn hostile_scopes() -> Vec<ScopeLine> {
    vec![scope(HOSTILE, HOSTILE, true), scope(&"x".repeat(200), "", false)]
}

fn refused_fields() -> AccountFields {
    AccountFields {
        min_length: 8,
        name: Field::kept("Ada Lovelace"),
        username: Field::refused("ada", "This user name is taken."),
        email: Field::kept("ada@example.org"),
        password: Some(PasswordRefusal {
            reason: "This password is among the most common ones.".into(),
            suggestions: vec!["Add another word or two.".into(), "Avoid names and dates.".into()],
        }),
    }
}

fn hostile_fields() -> AccountFields {
    AccountFields {
        min_length: 8,
        name: Field::refused(HOSTILE, HOSTILE),
        username: Field::refused(HOSTILE, HOSTILE),
        email: Field::refused(HOSTILE, HOSTILE),
        password: Some(PasswordRefusal {
            reason: HOSTILE.into(),
            suggestions: vec![HOSTILE.into()],
        }),
    }
}

fn home(person: Option<Person>) -> HomePage {
    HomePage {
        is_admin: false,
        has_providers: true,
        layout: layout("Example Cloud"),
        signed_in: person.map(|person| (person, form("/logout"))),
        login_href: "/login".into(),
        register_href: Some("/register".into()),
    }
}

fn setup() -> SetupPage {
    SetupPage {
        layout: layout("Example Cloud"),
        form: form("/setup"),
        fields: AccountFields::blank(8),
        error: None,
    }
}

fn register(client: Option<ClientCard>, fields: AccountFields) -> RegisterPage {
    RegisterPage {
        providers: vec![provider()],
        layout: layout("Example Cloud"),
        form: form("/register"),
        client,
        fields,
        error: None,
        login_href: "/login?flow=x&y=z".into(),
    }
}

/// With what was typed in the options, where it must stay text.
fn passkey(typed: Option<&str>) -> PasskeyPrompt {
    PasskeyPrompt {
        form: form("/login/passkey"),
        ceremony: Ceremony::Offer,
        options: format!(r#"{{"challenge":"AAAA","rpId":"login.example","extra":{typed:?}}}"#),
        state: "sealed".to_owned(),
        label: "Sign in with a passkey",
    }
}

fn login(client: Option<ClientCard>, refused: Option<&str>) -> LoginPage {
    LoginPage {
        passkey: Some(passkey(refused)),
        providers: if client.is_some() {
            vec![provider()]
        } else {
            Vec::new()
        },
        layout: layout("Example Cloud"),
        form: form("/login"),
        client,
        username: refused.unwrap_or_default().into(),
        error: refused.map(|_| "That user name and password do not match.".into()),
        mail_href: "/login/mail".to_owned(),
        forgot_href: "/forgot-password".to_owned(),
        register_href: Some("/register".into()),
    }
}

fn consent(client: ClientCard, scopes: Vec<ScopeLine>) -> ConsentPage {
    ConsentPage {
        layout: layout("Example Cloud"),
        form: form("/consent"),
        client,
        account: person(),
        scopes,
        switch_href: Some("/login?switch=1".into()),
    }
}

fn logout(client: Option<&str>) -> LogoutPage {
    LogoutPage {
        layout: layout("Example Cloud"),
        form: form("/logout"),
        account: person(),
        client_name: client.map(str::to_owned),
        post_logout_redirect_uri: client.map(|_| Url::parse("https://fieldnotes.example/bye").unwrap()),
    }
}

fn logged_out() -> LoggedOutPage {
    LoggedOutPage {
        layout: layout("Example Cloud"),
        login_href: "/login".into(),
    }
}

pub fn error() -> ErrorPage {
    ErrorPage {
        layout: layout("Example Cloud"),
        title: "This request cannot be completed".into(),
        message: "The application sent you here with an address it has not registered. \
                  Nothing was shared with it."
            .into(),
        code: Some("invalid_request".into()),
        description: Some("redirect_uri does not match a registered value".into()),
        request_id: "01jd7m3v9q2x8r4c6w0t5b1n7k".into(),
    }
}

fn error_hostile() -> ErrorPage {
    ErrorPage {
        layout: layout(&HOSTILE.chars().take(80).collect::<String>()),
        title: HOSTILE.into(),
        message: HOSTILE.into(),
        code: Some(HOSTILE.into()),
        description: Some(HOSTILE.into()),
        request_id: HOSTILE.into(),
    }
}

fn form_post() -> FormPostPage {
    let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    FormPostPage {
        layout: layout("Example Cloud"),
        redirect_uri: WebLink::parse("https://app.fieldnotes.example/callback").unwrap(),
        parameters: vec![
            parameter("code", "az_ac_sample"),
            parameter("state", HOSTILE),
            parameter("iss", "https://login.example"),
        ],
    }
}

fn provider() -> ProviderButton {
    ProviderButton {
        id: "github".to_owned(),
        label: "Continue with GitHub".to_owned(),
        form: form("/login/with/github"),
        web: Url::parse("https://github.com").unwrap(),
    }
}
