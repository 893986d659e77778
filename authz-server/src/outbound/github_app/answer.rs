//! What GitHub answers: what a failure means, and the few members that are read.
//! Refuses to guess a time to wait that GitHub has not named to be short.

use std::time::Duration;

use domain::github_app::GithubError;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Response, StatusCode};
use model::Timestamp;
use model::github_app::{Installation, Repository, RepositorySelection};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where GitHub asks to wait and does not say how long, its documents say a minute.
const USUAL_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);
const LONGEST_NAME: usize = 256;

#[derive(Deserialize)]
pub(super) struct Minted {
    pub token: String,
    pub expires_at: jiff::Timestamp,
}

#[derive(Deserialize)]
pub(super) struct Installations {
    pub installations: Vec<Installed>,
}

#[derive(Deserialize)]
pub(super) struct Installed {
    pub id: i64,
    pub app_id: u64,
    account: Account,
    repository_selection: String,
    suspended_at: Option<jiff::Timestamp>,
}

#[derive(Deserialize)]
struct Account {
    id: i64,
    login: String,
}

#[derive(Deserialize)]
pub(super) struct Repositories {
    pub repositories: Vec<Named>,
}

#[derive(Deserialize)]
pub(super) struct Named {
    id: i64,
    full_name: String,
    private: bool,
}

impl From<Installed> for Installation {
    fn from(found: Installed) -> Self {
        Self {
            id: found.id,
            account_id: found.account.id,
            account: short(&found.account.login),
            selection: RepositorySelection::parse(&found.repository_selection)
                .unwrap_or(RepositorySelection::Selected),
            suspended_at: found
                .suspended_at
                .map(|at| Timestamp::from_seconds(at.as_second())),
        }
    }
}

impl From<Named> for Repository {
    fn from(found: Named) -> Self {
        Self {
            id: found.id,
            full_name: short(&found.full_name),
            private: found.private,
        }
    }
}

fn short(text: &str) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control());
    plain.take(LONGEST_NAME).collect()
}

pub(super) fn read<T: DeserializeOwned>(answer: &Response<Vec<u8>>) -> Result<T, GithubError> {
    serde_json::from_slice(answer.body())
        .map_err(|_| GithubError::Unavailable("an answer that is not JSON of its kind".to_owned()))
}

/// Success, or why not.
pub(super) fn judge(answer: &Response<Vec<u8>>, now: Timestamp) -> Result<(), GithubError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let may_limit = matches!(status, StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS);
    if may_limit && let Some(retry_after) = wait(answer.headers(), now) {
        return Err(GithubError::Limited { retry_after });
    }
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS => GithubError::Limited {
            retry_after: USUAL_WAIT,
        },
        StatusCode::NOT_FOUND => GithubError::NotFound,
        StatusCode::FORBIDDEN if says_suspended(answer.body()) => GithubError::Suspended,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => GithubError::Refused(status.to_string()),
        status => GithubError::Unavailable(status.to_string()),
    })
}

/// `Retry-After`, or the reset of a limit that is used up.
fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let number = |name: &str| -> Option<u64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
    let named = number(RETRY_AFTER.as_str());
    let reset = || {
        let is_used_up = number("x-ratelimit-remaining") == Some(0);
        let reset = i64::try_from(number("x-ratelimit-reset")?).ok()?;
        let left = u64::try_from(reset.saturating_sub(now.as_seconds())).unwrap_or(0);
        is_used_up.then_some(left)
    };
    let seconds = named.or_else(reset)?;
    Some(Duration::from_secs(seconds.max(1)).min(LONGEST_WAIT))
}

fn says_suspended(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Words {
        message: String,
    }
    serde_json::from_slice::<Words>(body).is_ok_and(|words| words.message.contains("suspended"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response<Vec<u8>> {
        let answer = Response::builder().status(status);
        let answer = headers
            .iter()
            .fold(answer, |answer, (name, value)| answer.header(*name, *value));
        answer.body(Vec::new()).unwrap()
    }

    #[test]
    fn a_limit_says_how_long_to_wait() {
        let now = Timestamp::from_seconds(1000);
        for (status, headers, seconds) in [
            (429, vec![("retry-after", "30")], 30),
            (403, vec![("retry-after", "0")], 1),
            (
                403,
                vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1090")],
                90,
            ),
            (429, vec![("retry-after", "999999999")], 3600),
            (429, vec![], 60),
        ] {
            let judged = judge(&answer(status, &headers), now);
            let wanted = Duration::from_secs(seconds);
            assert!(
                matches!(judged, Err(GithubError::Limited { retry_after }) if retry_after == wanted),
                "{headers:?} {judged:?}"
            );
        }
        let plain = answer(
            403,
            &[("x-ratelimit-remaining", "4999"), ("x-ratelimit-reset", "1090")],
        );
        assert!(matches!(judge(&plain, now), Err(GithubError::Refused(_))));
    }
}
