//! The fields a client is made and changed with, and what was refused about each.
//! Judges nothing but whether a text can be read: what a client may have is the domain's business.

use domain::clients::{ClientChange, ClientProblem};
use model::client::{ClientSettings, GrantType};
use oauth::scope::ScopeSet;

use crate::pages::posted::Posted;
use crate::pages::view::Input;
use crate::pages::view::admin::{Block, Field, TickLine, Ticks};

const LONGEST_NAME: usize = 200;
const GRANTS: [(&str, &str, GrantType); 3] = [
    (
        "grant-code",
        "People sign in with it (authorization code)",
        GrantType::AuthorizationCode,
    ),
    (
        "grant-refresh",
        "It goes on without them (refresh token)",
        GrantType::RefreshToken,
    ),
    (
        "grant-credentials",
        "It acts for itself (client credentials)",
        GrantType::ClientCredentials,
    ),
];

/// What was typed; kept when the form is shown again.
#[derive(Clone, Debug)]
pub struct Typed {
    pub name: String,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    grants: Vec<GrantType>,
    scopes: String,
    resources: String,
    require_pkce: bool,
    access_ttl: String,
    refresh_ttl: String,
}

impl Typed {
    pub fn of(name: &str, settings: &ClientSettings) -> Self {
        let seconds = |own: Option<u64>| own.map_or_else(String::new, |seconds| seconds.to_string());
        Self {
            name: name.to_owned(),
            redirect_uris: settings.redirect_uris.join("\n"),
            post_logout_redirect_uris: settings.post_logout_redirect_uris.join("\n"),
            grants: settings.grant_types.clone(),
            scopes: settings.scopes.to_string(),
            resources: settings.resources.join(" "),
            require_pkce: settings.require_pkce,
            access_ttl: seconds(settings.access_ttl_seconds),
            refresh_ttl: seconds(settings.refresh_ttl_seconds),
        }
    }

    pub fn from(posted: &Posted) -> Self {
        let ticked =
            |(id, _, grant): (&'static str, _, GrantType)| (posted.text(id) == "on").then_some(grant);
        Self {
            name: posted.text("name").trim().to_owned(),
            redirect_uris: posted.text("redirect-uris").to_owned(),
            post_logout_redirect_uris: posted.text("post-logout-redirect-uris").to_owned(),
            grants: GRANTS.into_iter().filter_map(ticked).collect(),
            scopes: posted.text("scopes").to_owned(),
            resources: posted.text("resources").to_owned(),
            require_pkce: posted.text("require-pkce") == "on",
            access_ttl: posted.text("access-ttl").trim().to_owned(),
            refresh_ttl: posted.text("refresh-ttl").trim().to_owned(),
        }
    }

    /// The fields, as they were typed.
    pub fn fields(&self) -> Vec<Field> {
        let grants = GRANTS.map(|(id, words, grant)| TickLine {
            id,
            words,
            checked: self.grants.contains(&grant),
        });
        vec![
            text(
                "name",
                "Name",
                &self.name,
                "People read it on the consent page.",
                false,
            ),
            area(
                "redirect-uris",
                "Leads back to",
                &self.redirect_uris,
                "Redirect URIs, one on each line.",
            ),
            area(
                "post-logout-redirect-uris",
                "After signing out to",
                &self.post_logout_redirect_uris,
                "One on each line; may be empty.",
            ),
            Field::Ticks(Ticks {
                id: "grants",
                label: "What it may use",
                lines: grants.into(),
                error: None,
            }),
            text("scopes", "Scopes", &self.scopes, "Separated by spaces.", true),
            text(
                "resources",
                "Resources",
                &self.resources,
                "Audiences it may ask for, separated by spaces; the first is the default.",
                true,
            ),
            Field::Ticks(Ticks {
                id: "demands",
                label: "What it demands",
                lines: vec![TickLine {
                    id: "require-pkce",
                    words: "PKCE, also where the server would not demand it",
                    checked: self.require_pkce,
                }],
                error: None,
            }),
            text(
                "access-ttl",
                "Access tokens live for",
                &self.access_ttl,
                "Seconds; empty for the server's own figure.",
                true,
            ),
            text(
                "refresh-ttl",
                "Refresh tokens live for",
                &self.refresh_ttl,
                "Seconds; empty for the server's own figure.",
                true,
            ),
        ]
    }

    /// The change, or at which field what can't be read.
    pub fn read(&self) -> Result<ClientChange, Vec<(&'static str, String)>> {
        let mut wrong = Vec::new();
        if self.name.is_empty()
            || self.name.chars().count() > LONGEST_NAME
            || self.name.contains(char::is_control)
        {
            wrong.push(("name", format!("A name has 1 to {LONGEST_NAME} characters.")));
        }
        let scopes = match self.scopes.trim() {
            "" => Ok(ScopeSet::default()),
            some => ScopeSet::parse(&some.split_whitespace().collect::<Vec<_>>().join(" ")),
        };
        let scopes = scopes.unwrap_or_else(|error| {
            wrong.push(("scopes", format!("These are no scopes: {error}.")));
            ScopeSet::default()
        });
        let access_ttl_seconds = seconds("access-ttl", &self.access_ttl, &mut wrong);
        let refresh_ttl_seconds = seconds("refresh-ttl", &self.refresh_ttl, &mut wrong);
        let change = ClientChange {
            name: self.name.clone(),
            redirect_uris: words(&self.redirect_uris),
            post_logout_redirect_uris: words(&self.post_logout_redirect_uris),
            grant_types: self.grants.clone(),
            scopes,
            resources: words(&self.resources),
            require_pkce: self.require_pkce,
            access_ttl_seconds,
            refresh_ttl_seconds,
        };
        if wrong.is_empty() { Ok(change) } else { Err(wrong) }
    }

    /// Says at the fields what the domain found wrong.
    pub fn complain(&self, block: &mut Block, problems: &[ClientProblem]) {
        for problem in problems {
            let field = match problem {
                ClientProblem::RedirectUri(uri, _) if words(&self.redirect_uris).contains(uri) => {
                    "redirect-uris"
                }
                ClientProblem::RedirectUri(..) => "post-logout-redirect-uris",
                ClientProblem::NoRedirectUri => "redirect-uris",
                ClientProblem::UnknownScope(_) => "scopes",
                ClientProblem::UnknownResource(_) => "resources",
                ClientProblem::NoKeys | ClientProblem::NoCertificates => "jwks",
                ClientProblem::NoCertificateName => "auth-method",
                ClientProblem::PublicClientCredentials => "grants",
                ClientProblem::PublicProxy => "rights",
            };
            block.complain(field, &crate::pages::account_form::sentence(&problem.to_string()));
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Between a second and ten years.
fn seconds(id: &'static str, text: &str, wrong: &mut Vec<(&'static str, String)>) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let read = text
        .parse()
        .ok()
        .filter(|seconds| (1..=315_360_000).contains(seconds));
    if read.is_none() {
        wrong.push((id, "A number of seconds from 1 to 315360000.".to_owned()));
    }
    read
}

/// A field of one line.
pub fn text(id: &'static str, label: &str, value: &str, hint: &str, optional: bool) -> Field {
    Field::Text(Input {
        id,
        label: label.to_owned(),
        kind: "text",
        value: value.to_owned(),
        autocomplete: "off",
        hint: hint.to_owned(),
        optional,
        ..Input::default()
    })
}

/// A field of several lines.
pub fn area(id: &'static str, label: &str, value: &str, hint: &str) -> Field {
    Field::Area(Input {
        id,
        label: label.to_owned(),
        value: value.to_owned(),
        hint: hint.to_owned(),
        optional: true,
        ..Input::default()
    })
}
