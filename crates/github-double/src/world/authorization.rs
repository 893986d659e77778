//! What people have allowed clients to do: grants, codes, user tokens, refresh tokens, and who sits at a browser.
//! A code and a refresh token are good for one use.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::World;
use crate::change::ChangeError;
use crate::random;
use crate::scope::Scopes;

const CODE_SECONDS: i64 = 600;
const ACCESS_SECONDS: i64 = 28_800;
const REFRESH_SECONDS: i64 = 15_897_600;
/// How many tokens a client may hold for one person and one set of scopes.
const TOKENS_PER_SCOPES: usize = 10;

/// What a code stands for.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) person: u64,
    /// Where the code was sent.
    pub(crate) destination: Url,
    pub(crate) scopes: Scopes,
    pub(crate) challenge: Option<String>,
    pub(crate) issued_at: i64,
}

impl Code {
    /// RFC 7636 §4.6, with the method S256.
    pub(crate) fn is_proved_by(&self, verifier: Option<&str>) -> bool {
        let Some(challenge) = &self.challenge else {
            return true;
        };
        verifier
            .is_some_and(|verifier| URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == *challenge)
    }
}

/// What a `gho_` or `ghu_` token stands for.
#[derive(Clone)]
pub(crate) struct UserToken {
    pub(crate) id: u64,
    pub(crate) client_id: String,
    pub(crate) person: u64,
    pub(crate) scopes: Scopes,
    /// The number of the GitHub App; a `ghu_` token has one.
    pub(crate) app: Option<u64>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
}

pub(super) struct RefreshToken {
    client_id: String,
    person: u64,
    access: String,
    expires_at: i64,
}

/// A fresh token as the client gets it.
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) scopes: Scopes,
    pub(crate) refresh: Option<Refresh>,
}

/// The refresh token beside it, and how long both live, in seconds.
pub(crate) struct Refresh {
    pub(crate) token: String,
    pub(crate) expires_in: i64,
    pub(crate) access_expires_in: i64,
}

impl World {
    /// Remembers the person's yes, and makes the code for it.
    pub(crate) fn issue_code(&mut self, code: Code) -> String {
        let key = (code.person, code.client_id.clone());
        let grant = self.grants.entry(key).or_default();
        *grant = grant.union(&code.scopes);
        let text = random::code();
        self.codes.insert(text.clone(), code);
        text
    }

    /// Takes the code away, whatever becomes of it; `None` when it is unknown, used, too old or another client's.
    pub(crate) fn consume_code(&mut self, text: &str, client_id: &str, now: i64) -> Option<Code> {
        if self.codes.get(text)?.client_id != client_id {
            return None;
        }
        let code = self.codes.remove(text)?;
        (now < code.issued_at + CODE_SECONDS).then_some(code)
    }

    /// The scopes that the person has allowed the client so far.
    pub(crate) fn granted(&self, person: u64, client_id: &str) -> Option<&Scopes> {
        self.grants.get(&(person, client_id.to_owned()))
    }

    pub(crate) fn issue_user_token(
        &mut self,
        client_id: &str,
        person: u64,
        scopes: Scopes,
        now: i64,
    ) -> Issued {
        let app = self.client(client_id).and_then(|client| client.app);
        let expiring = app.is_some_and(|app| app.expiring_tokens);
        let app = app.map(|app| app.id);
        let access = random::token(if app.is_some() { "ghu_" } else { "gho_" });
        let token = UserToken {
            id: self.number(),
            client_id: client_id.to_owned(),
            person,
            scopes: scopes.clone(),
            app,
            created_at: now,
            expires_at: expiring.then_some(now + ACCESS_SECONDS),
        };
        self.drop_surplus(&token);
        self.user_tokens.insert(access.clone(), token);
        let refresh = expiring.then(|| self.issue_refresh_token(client_id, person, &access, now));
        Issued {
            access_token: access,
            scopes,
            refresh,
        }
    }

    /// Trades a refresh token for a new pair; both old tokens end. `None` when it is unknown, used, expired or
    /// another client's.
    pub(crate) fn refresh(&mut self, text: &str, client_id: &str, now: i64) -> Option<Issued> {
        if self.refresh_tokens.get(text)?.client_id != client_id {
            return None;
        }
        let old = self.refresh_tokens.remove(text)?;
        if now >= old.expires_at {
            return None;
        }
        self.user_tokens.remove(&old.access);
        Some(self.issue_user_token(client_id, old.person, Scopes::default(), now))
    }

    pub(crate) fn user_token(&self, text: &str, now: i64) -> Option<&UserToken> {
        self.user_tokens
            .get(text)
            .filter(|token| token.expires_at.is_none_or(|end| now < end))
    }

    /// Ends one token, with the refresh token that belongs to it.
    pub(crate) fn revoke_user_token(&mut self, text: &str) {
        self.user_tokens.remove(text);
        self.refresh_tokens.retain(|refresh| refresh.access != text);
    }

    /// Ends all that the person has allowed the client.
    pub(crate) fn revoke_grant(&mut self, person: u64, client_id: &str) {
        self.grants.remove(&(person, client_id.to_owned()));
        self.codes
            .retain(|code| (code.person, code.client_id.as_str()) != (person, client_id));
        self.user_tokens
            .retain(|token| (token.person, token.client_id.as_str()) != (person, client_id));
        self.refresh_tokens
            .retain(|token| (token.person, token.client_id.as_str()) != (person, client_id));
    }

    /// As the person does in the settings of GitHub; a GitHub App is told.
    pub(crate) fn revoke_authorization(&mut self, login: &str, client_id: &str) -> Result<(), ChangeError> {
        let person = self.person_id(login)?;
        let unknown = || ChangeError::UnknownClient(client_id.to_owned());
        let app = self.client(client_id).ok_or_else(unknown)?.app.map(|app| app.id);
        self.revoke_grant(person, client_id);
        if let Some(app) = app {
            self.announce_revocation(app, person);
        }
        Ok(())
    }

    pub(super) fn forget_authorizations(&mut self, person: u64) {
        self.grants.retain(|(owner, _), _| *owner != person);
        self.codes.retain(|code| code.person != person);
        self.user_tokens.retain(|token| token.person != person);
        self.refresh_tokens.retain(|token| token.person != person);
        self.sessions.retain(|owner| *owner != person);
    }

    /// Signs the person in at a browser.
    pub(crate) fn open_session(&mut self, person: u64) -> String {
        let name = random::session();
        self.sessions.insert(name.clone(), person);
        name
    }

    pub(crate) fn session(&self, name: &str) -> Option<u64> {
        self.sessions.get(name).copied()
    }

    fn issue_refresh_token(&mut self, client_id: &str, person: u64, access: &str, now: i64) -> Refresh {
        let token = random::refresh_token();
        let row = RefreshToken {
            client_id: client_id.to_owned(),
            person,
            access: access.to_owned(),
            expires_at: now + REFRESH_SECONDS,
        };
        self.refresh_tokens.insert(token.clone(), row);
        Refresh {
            token,
            expires_in: REFRESH_SECONDS,
            access_expires_in: ACCESS_SECONDS,
        }
    }

    /// Makes room for one more of the kind: the oldest end.
    fn drop_surplus(&mut self, like: &UserToken) {
        let alike = self.user_tokens.iter().rev().filter(|(_, token)| {
            token.person == like.person && token.client_id == like.client_id && token.scopes == like.scopes
        });
        let surplus = alike.skip(TOKENS_PER_SCOPES - 1).map(|(text, _)| text.to_owned());
        for text in surplus.collect::<Vec<_>>() {
            self.revoke_user_token(&text);
        }
    }
}
