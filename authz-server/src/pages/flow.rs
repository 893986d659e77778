//! What a page is on the way to, carried in the field `flow`: a sealed authorization request or invitation, or the word for
//! a page.
//! Refuses any other way of saying where to go next (O05).

use domain::oauth::flow::Flow;
use model::client::{Client, ClientSource};
use model::iam::AccountId;
use url::Url;

use super::visitor::Visitor;
use super::{ClientCard, WebLink};

/// The `flow` query parameter.
#[derive(serde::Deserialize)]
pub struct FlowQuery {
    #[serde(default)]
    pub flow: String,
}

/// A flow with the client it belongs to.
pub struct OpenFlow {
    pub flow: Flow,
    pub client: Client,
}

impl Visitor {
    /// The flow behind the text, when it is ours, not too old, and its client still exists.
    pub async fn open_flow(&self, text: &str) -> Option<OpenFlow> {
        if text.is_empty() {
            return None;
        }
        let authority = &self.state.authority;
        let flow = authority.open_flow(&self.ctx, text)?;
        let client = authority
            .find_client(&flow.request.target.client_id)
            .await
            .ok()
            .flatten()?;
        Some(OpenFlow { flow, client })
    }
}

impl OpenFlow {
    /// The client as pages show it.
    pub fn card(&self) -> Option<ClientCard> {
        let registered = self.client.settings.redirect_uris.first();
        let redirect_uri = self.flow.request.target.redirect_uri.as_ref().or(registered)?;
        card(&self.client, redirect_uri)
    }
}

/// `client` on its way back to `redirect_uri`.
pub fn card(client: &Client, redirect_uri: &str) -> Option<ClientCard> {
    let link = |uri: &Option<String>| uri.as_deref().and_then(WebLink::parse);
    Some(ClientCard {
        name: client.name.clone(),
        logo: link(&client.settings.logo_uri),
        policy: link(&client.settings.policy_uri),
        tos: link(&client.settings.tos_uri),
        published_by: published_by(client),
        redirect_uri: Url::parse(redirect_uri).ok()?,
    })
}

/// OAuth Client ID Metadata Document §6: people see the host, which can't be chosen as a name can.
fn published_by(client: &Client) -> Option<String> {
    let url = Url::parse(client.id.as_str()).ok()?;
    (client.source == ClientSource::Document)
        .then(|| url.host_str().map(str::to_owned))
        .flatten()
}

/// `path`, carrying the flow if there is one.
pub fn with_flow(path: &str, flow: &str) -> String {
    if is_flow(flow) {
        format!("{path}?flow={flow}")
    } else {
        path.to_owned()
    }
}

/// Pages that a sign-in may lead to, and the words that stand for them in the field `flow` (O05).
const PLACES: [(&str, &str); 27] = [
    ("account", "/account"),
    ("account-profile", "/account/profile"),
    ("account-email", "/account/email"),
    ("account-security", "/account/security"),
    ("account-linked", "/account/linked"),
    ("account-sessions", "/account/sessions"),
    ("account-applications", "/account/applications"),
    ("account-team", "/account/team"),
    ("account-billing", "/account/billing"),
    ("account-plan", "/account/billing/plan"),
    ("account-autopay", "/account/billing/autopay"),
    ("account-transactions", "/account/billing/transactions"),
    ("account-invoices", "/account/billing/invoices"),
    ("account-tax", "/account/billing/tax"),
    ("account-history", "/account/history"),
    ("account-data", "/account/data"),
    ("account-delete", "/account/delete"),
    ("admin", "/admin"),
    ("admin-users", "/admin/users"),
    ("admin-sessions", "/admin/sessions"),
    ("admin-keys", "/admin/keys"),
    ("admin-clients", "/admin/clients"),
    ("admin-scopes", "/admin/scopes"),
    ("admin-signing-keys", "/admin/signing-keys"),
    ("admin-accounts", "/admin/accounts"),
    ("admin-audit", "/admin/audit"),
    ("admin-proxies", "/admin/proxies"),
];

/// What a sealed invitation stands behind. No sealed authorization request begins like this: its first byte is a version.
const INVITATION: &str = "join-";

/// An invitation, sealed, as pages carry it.
pub fn for_invitation(sealed: &str) -> String {
    format!("{INVITATION}{sealed}")
}

/// The sealed invitation that the page is on the way to.
pub fn sealed_invitation(flow: &str) -> Option<&str> {
    flow.strip_prefix(INVITATION)
}

/// Between the word of a page and the number of the account that it is about.
const OF: &str = "-of-";

fn place(flow: &str) -> Option<String> {
    let (word, account) = match flow.split_once(OF) {
        Some((word, number)) => (word, Some(number.parse::<AccountId>().ok()?)),
        None => (flow, None),
    };
    let (_, path) = PLACES.iter().find(|(known, _)| *known == word)?;
    Some(match account {
        Some(account) => format!("{path}?account={account}"),
        None => (*path).to_owned(),
    })
}

/// The sign-in page, on the way to `path` if that is a page a sign-in may lead to.
pub fn sign_in_for(path: &str) -> String {
    let word = PLACES.iter().find(|(_, known)| *known == path);
    with_flow("/login", word.map_or("", |(word, _)| word))
}

/// The same for a page about an account; an unknown one is left out.
pub fn sign_in_for_account(path: &str, account: &str) -> String {
    let word = PLACES.iter().find(|(_, known)| *known == path);
    match (word, account.parse::<AccountId>()) {
        (Some((word, _)), Ok(account)) => with_flow("/login", &format!("{word}{OF}{account}")),
        _ => sign_in_for(path),
    }
}

/// Where a completed sign-in leads.
pub fn next(flow: &str) -> String {
    if let Some(path) = place(flow) {
        return path;
    }
    if sealed_invitation(flow).is_some() {
        return onwards("/join", flow);
    }
    onwards("/oauth2/authorize/resume", flow)
}

/// Where a sign-in that is not wanted leads.
pub fn cancelled(flow: &str) -> String {
    onwards(
        "/oauth2/authorize/cancel",
        match place(flow).is_some() || sealed_invitation(flow).is_some() {
            true => "",
            false => flow,
        },
    )
}

fn onwards(path: &str, flow: &str) -> String {
    with_flow(if is_flow(flow) { path } else { "/" }, flow)
}

/// Whether a text can be a sealed flow, which is base64url; nothing else gets into an address.
fn is_flow(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.bytes().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O05
    #[test]
    fn nothing_leads_off_the_server() {
        for text in [
            "",
            "//evil.test",
            "/\\evil.test",
            "https:evil.test",
            "javascript:alert(1)",
            "a&next=https://evil.test",
            "a\r\nLocation: x",
            "a%0d%0a",
            "\u{430}",
            "account-billing-of-1/../../evil",
            "account-billing-of-//evil.test",
        ] {
            assert_eq!(
                (next(text).as_str(), cancelled(text).as_str()),
                ("/", "/"),
                "{text}"
            );
            assert_eq!(with_flow("/login", text), "/login");
        }
        for (word, path) in PLACES {
            assert_eq!((next(word).as_str(), cancelled(word).as_str()), (path, "/"));
            assert_eq!(sign_in_for(path), format!("/login?flow={word}"));
        }
        let (path, account) = ("/account/billing/plan", "123456789012");
        let login = sign_in_for_account(path, account);
        assert_eq!(login, "/login?flow=account-plan-of-123456789012");
        assert_eq!(
            next("account-plan-of-123456789012"),
            format!("{path}?account={account}")
        );
        assert_eq!(cancelled("account-plan-of-123456789012"), "/");
        assert_eq!(sign_in_for_account(path, "1&x"), "/login?flow=account-plan");
        assert_eq!(next("join-AZ09"), "/join?flow=join-AZ09");
        assert_eq!(next("join-//evil.test"), "/");
        assert_eq!(cancelled("join-AZ09"), "/");
        assert_eq!(sign_in_for("//evil.test"), "/login");
        assert_eq!(next("AZaz09-_"), "/oauth2/authorize/resume?flow=AZaz09-_");
    }
}
