//! `GET /check`: forward-auth for other gateways, with the caller's own credential.
//! It refuses to believe a stranger about which request is meant.

use crate::admission::{Admission, Question, admit, count, permit};
use crate::config::{Identity, LeaseLapse};
use crate::core::{Core, Live};
use crate::explain::{self, Sighting};
use crate::forwarded::{HOST, PROTO, Peer};
use crate::gateway::judge_unseen;
use crate::host;
use crate::identity;
use crate::metrics::Outcome;
use crate::path;
use crate::proof::Place;
use crate::refusal::Refusal;
use crate::respond::{Answer, Names, REQUEST_ID, limit_headers, problem};
use crate::routes::Policy;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use oauth::scope::ScopeSet;
use oauth::step_up::LoginDemand;
use std::borrow::Cow;

/// The headers that name the original method, by age of the habit.
const METHOD_NAMES: [&str; 2] = ["x-original-method", "x-forwarded-method"];
/// The headers that name the original URI.
const URI_NAMES: [&str; 3] = ["x-original-uri", "x-original-url", "x-forwarded-uri"];

/// A forward-auth call.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Host of the call itself.
    pub host: &'a str,
    /// Its query.
    pub query: Option<&'a str>,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Who calls.
    pub peer: Peer,
    /// Where the call itself went.
    pub place: Place<'a>,
}

/// Answers a call, with the code of the decision against it, also of one that is only observed.
pub async fn answer(
    core: &Core,
    live: &Live,
    call: Call<'_>,
    names: Names<'_>,
) -> (Answer, Option<&'static str>) {
    let (policy, admission) = judge(core, live, call).await;
    let route = admission.route.as_deref();
    let policy = route.map(|route| &route.policy).or(policy.as_ref());
    let mut answer = match &admission.verdict {
        Ok(permit) => {
            live.counters(route).count(Outcome::Allowed);
            let told = route.is_none_or(|route| route.identity == Identity::Headers);
            passed(identity::headers(permit).filter(|_| told).collect(), names)
        }
        // As at the gateway: an observing route lets pass, and tells nothing of who calls.
        Err(refusal) if route.is_some_and(|route| route.observe) => {
            live.counters(route).count(Outcome::Observed);
            note(core, call, (&admission, policy), (refusal, names));
            passed(Vec::new(), names)
        }
        Err(refusal) => {
            live.counters(route).count(refusal.form().outcome);
            note(core, call, (&admission, policy), (refusal, names));
            problem(refusal, policy, names)
        }
    };
    answer
        .headers
        .extend(admission.standing.iter().flat_map(limit_headers));
    let code = admission.verdict.err().map(|refusal| refusal.form().code);
    (answer, code)
}

/// Keeps what is needed to explain a refusal, and says it in the log.
fn note(
    core: &Core,
    call: Call<'_>,
    (admission, policy): (&Admission, Option<&Policy>),
    (refusal, names): (&Refusal, Names<'_>),
) {
    core.live
        .load()
        .counters(admission.route.as_deref())
        .refused(refusal.form().code);
    let route = admission.route.as_ref();
    let observed = route.is_some_and(|route| route.observe);
    tracing::info!(
        request_id = names.request_id,
        decision_id = names.decision_id,
        route = route.map_or("", |route| &*route.name),
        code = refusal.form().code,
        observed,
        "refused a forward-auth call"
    );
    let asked = original(call).ok().flatten();
    let sighting = Sighting {
        names,
        host: asked.as_ref().map_or(call.host, |asked| &asked.host),
        path: asked.as_ref().map_or("/", |asked| &asked.path),
        method: asked.as_ref().map_or(&Method::GET, |asked| &asked.method),
        headers: call.headers,
        address: call.peer.client,
        route,
        policy: policy.filter(|_| route.is_none()),
        refusal,
        standing: admission.standing.as_ref(),
        observed,
    };
    explain::note(core, &sighting);
}

fn passed(mut headers: Vec<(HeaderName, HeaderValue)>, names: Names<'_>) -> Answer {
    // RFC 9111 §5.2.2: whoever asks again must get today's answer.
    headers.push((
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=0, no-store"),
    ));
    headers.extend(HeaderValue::from_str(names.request_id).map(|id| (REQUEST_ID, id)));
    Answer {
        status: StatusCode::OK,
        headers,
        body: Bytes::new(),
    }
}

async fn judge(core: &Core, live: &Live, call: Call<'_>) -> (Option<Policy>, Admission) {
    let refused = |refusal| {
        (
            None,
            Admission {
                route: None,
                verdict: Err(refusal),
                standing: None,
            },
        )
    };
    match original(call) {
        Err(refusal) => refused(refusal),
        Ok(Some(original)) => {
            let question = Question {
                host: &original.host,
                path: &original.path,
                method: &original.method,
                headers: call.headers,
                peer: call.peer,
                place: Place::Elsewhere(&original.url),
            };
            let mut admission = admit(core, live, question).await;
            judge_unseen(&mut admission);
            (None, admission)
        }
        Ok(None) => match policy(call.query) {
            Err(refusal) => refused(refusal),
            Ok(policy) => {
                let method = Method::GET;
                let question = Question {
                    host: call.host,
                    path: "/",
                    method: &method,
                    headers: call.headers,
                    peer: call.peer,
                    place: call.place,
                };
                let verdict = permit(core, &policy, (LeaseLapse::Introspect, None), question).await;
                let verdict = verdict.and_then(|permit| identity::whole(&permit).map(|()| permit));
                (Some(policy), count(core, &[], verdict, call.peer).await)
            }
        },
    }
}

struct Original<'a> {
    host: Cow<'a, str>,
    path: Cow<'a, str>,
    method: Method,
    /// Empty when its scheme or host are not known.
    url: String,
}

/// The request that is meant, when headers name one.
fn original(call: Call<'_>) -> Result<Option<Original<'_>>, Refusal> {
    let method = single(call.headers, &METHOD_NAMES)?;
    let uri = single(call.headers, &URI_NAMES)?;
    if method.is_none() && uri.is_none() {
        return Ok(None);
    }
    if !call.peer.trusted {
        return Err(Refusal::UntrustedPeer);
    }
    let uri = uri.ok_or(Refusal::BadCheck("the original URI is missing"))?;
    let (authority, target) = split(uri)?;
    let method = Method::from_bytes(method.unwrap_or("GET").as_bytes())
        .map_err(|_| Refusal::BadCheck("the original method is not a method"))?;
    let forwarded = single(call.headers, &[HOST.as_str(), "x-original-host"])?;
    let host = match authority.or(forwarded) {
        Some(authority) => host::name_of(authority.as_bytes()).ok_or(Refusal::AmbiguousHost)?,
        None => Cow::Borrowed(call.host),
    };
    let raw = target.split('?').next().unwrap_or(target);
    let path = path::normalize(raw).map_err(Refusal::AmbiguousPath)?;
    let url = url(call, (uri, &path), forwarded)?;
    Ok(Some(Original {
        host,
        path,
        method,
        url,
    }))
}

/// The URL that the client used, for its proof.
fn url(call: Call<'_>, (uri, path): (&str, &str), forwarded: Option<&str>) -> Result<String, Refusal> {
    if !uri.starts_with('/') {
        return Ok(uri.to_owned());
    }
    let scheme = single(call.headers, &[PROTO.as_str()])?;
    let host = match forwarded {
        Some(host) => Some(host),
        None => single(call.headers, &[header::HOST.as_str()])?,
    };
    let whole = scheme.zip(host);
    Ok(whole.map_or_else(String::new, |(scheme, host)| format!("{scheme}://{host}{path}")))
}

/// Authority and target of a path or of a whole URL.
fn split(uri: &str) -> Result<(Option<&str>, &str), Refusal> {
    if uri.starts_with('/') {
        return Ok((None, uri));
    }
    let rest = uri
        .strip_prefix("https://")
        .or_else(|| uri.strip_prefix("http://"));
    let rest = rest.ok_or(Refusal::BadCheck("the original URI is neither a path nor a URL"))?;
    let slash = rest
        .find('/')
        .ok_or(Refusal::BadCheck("the original URI has no path"))?;
    Ok((Some(&rest[..slash]), &rest[slash..]))
}

/// The value of the first of these headers that is there; twice, or two that differ, is no value.
fn single<'a>(headers: &'a HeaderMap, names: &[&str]) -> Result<Option<&'a str>, Refusal> {
    let mut found = None;
    for value in names.iter().flat_map(|name| headers.get_all(*name)) {
        let value = value
            .to_str()
            .map_err(|_| Refusal::BadCheck("a header is not readable"))?;
        if found.is_some_and(|known| known != value) {
            return Err(Refusal::BadCheck("the original request is named twice"));
        }
        found = Some(value);
    }
    Ok(found)
}

/// The policy that the query asks for.
fn policy(query: Option<&str>) -> Result<Policy, Refusal> {
    let mut policy = Policy::default();
    let mut has_scope = false;
    let (mut acr_values, mut max_age) = (None, None);
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "scope" if !has_scope => {
                has_scope = true;
                policy.scopes =
                    ScopeSet::parse(&value).map_err(|_| Refusal::BadCheck("the scope is not a scope"))?;
            }
            "audience" if policy.audience.is_none() => policy.audience = Some((&*value).into()),
            "acr_values" if acr_values.is_none() => acr_values = Some(value),
            "max_age" if max_age.is_none() => max_age = Some(value),
            _ => {
                return Err(Refusal::BadCheck(
                    "only scope, audience, acr_values and max_age may be asked for, once each",
                ));
            }
        }
    }
    policy.login = LoginDemand::parse(acr_values.as_deref(), max_age.as_deref())
        .map_err(|_| Refusal::BadCheck("acr_values or max_age is malformed"))?;
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_asks_for_known_things_only() {
        let asked = policy(Some("scope=a+b&audience=https%3A%2F%2Fapi")).unwrap();
        assert_eq!(asked.scopes.to_string(), "a b");
        assert_eq!(asked.audience.as_deref(), Some("https://api"));
        let asked = policy(Some("acr_values=gold+silver&max_age=300")).unwrap().login;
        assert_eq!(
            (asked.acr_values().as_deref(), asked.max_age()),
            (Some("gold silver"), Some(300))
        );
        for bad in [
            "scope=a&scope=b",
            "scope=%00",
            "anonymous=true",
            "audience=a&audience=b",
            "acr_values=",
            "acr_values=a&acr_values=b",
            "max_age=-1",
            "max_age=1&max_age=1",
        ] {
            assert!(policy(Some(bad)).is_err(), "{bad}");
        }
    }

    fn call(headers: &HeaderMap, trusted: bool) -> Call<'_> {
        let address = "127.0.0.1".parse().unwrap();
        Call {
            host: "own",
            query: None,
            headers,
            peer: Peer {
                socket: address,
                trusted,
                client: address,
                certificate: None,
            },
            place: Place::Elsewhere(""),
        }
    }

    fn named(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_trusted_peer_names_the_original_request() {
        let headers = named(&[("x-original-uri", "/orders?x=1"), ("x-original-method", "POST")]);
        let found = original(call(&headers, true)).unwrap().unwrap();
        assert_eq!(
            (&*found.host, &*found.path, found.method),
            ("own", "/orders", Method::POST)
        );
        let headers = named(&[
            ("x-forwarded-uri", "/a"),
            ("x-forwarded-host", "API.example.com:443"),
        ]);
        assert_eq!(
            original(call(&headers, true)).unwrap().unwrap().host,
            "api.example.com"
        );
        let headers = named(&[("x-original-url", "https://b.example/c?d")]);
        let found = original(call(&headers, true)).unwrap().unwrap();
        assert_eq!((&*found.host, &*found.path), ("b.example", "/c"));
    }

    /// X09
    #[test]
    fn a_stranger_cannot_name_the_original_request() {
        let headers = named(&[("x-original-uri", "/public")]);
        assert_eq!(
            original(call(&headers, false)).err(),
            Some(Refusal::UntrustedPeer)
        );
        assert!(
            original(call(&named(&[("x-forwarded-for", "192.0.2.1")]), false))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn contradictions_are_refused() {
        for pairs in [
            &[("x-original-uri", "/a"), ("x-forwarded-uri", "/b")][..],
            &[("x-original-method", "GET")],
            &[("x-original-uri", "/a/../b")],
            &[("x-original-uri", "ftp://a/b")],
            &[("x-original-uri", "https://u@a/b")],
        ] {
            assert!(original(call(&named(pairs), true)).is_err(), "{pairs:?}");
        }
    }
}
