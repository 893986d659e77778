//! `GET /check`: forward-auth for other gateways, with the caller's own credential.
//! It refuses to believe a stranger about which request is meant.

mod asked;
mod original;

use self::asked::policy;
use self::original::original;
use crate::admission::{Admission, Question, admit, count, permit};
use crate::config::{Identity, LeaseLapse};
use crate::core::{Core, Live};
use crate::explain::{self, Sighting};
use crate::forwarded::Peer;
use crate::gateway::judge_unseen;
use crate::identity;
use crate::metrics::Outcome;
use crate::proof::Place;
use crate::refusal::Refusal;
use crate::respond::{Answer, Names, REQUEST_ID, limit_headers, problem};
use crate::routes::Policy;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

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

/// The answer of the service is not seen here: requests count when they are let through, and bytes can't.
fn count_unseen(admission: &mut Admission) {
    if let Some(metered) = admission.metered.take()
        && admission.verdict.is_ok()
        && !metered.unseen()
    {
        admission.verdict = Err(Refusal::BadCheck(
            "the route counts bytes, which a forward-auth call does not see",
        ));
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
                metered: None,
            },
        )
    };
    match original(call) {
        Err(refusal) => refused(refusal),
        // Headers may come from a client through a gateway that hands them on: they never replace what the gateway asks for.
        Ok(Some(_)) if call.query.is_some_and(|query| !query.is_empty()) => refused(Refusal::BadCheck(
            "it names an original request and asks for something in its query; only one of them may count",
        )),
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
            count_unseen(&mut admission);
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
