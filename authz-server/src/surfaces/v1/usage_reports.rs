//! `POST /v1/licenses/usage`: what a service tells of the use of it.
//! Refuses people: use is reported with a service key, or with a credential that has `usage:write`, for its own account.

use axum::extract::{Extension, FromRequestParts, State};
use axum::response::Response;
use domain::Caller;
use domain::licences::{Counted, Refused, ReportError, Reporter, Taken, UsageReport, Wrong};
use http::StatusCode;
use http::request::Parts;
use model::Ctx;
use model::api_key::KeyKind;
use model::iam::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::envelope::{Enveloped, enveloped};
use crate::app::AppState;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, Presented, time};

const SCOPE: &str = "usage:write";

/// A credential that use may be reported with.
pub struct MayReport(Caller);

impl<S: Send + Sync> FromRequestParts<S> for MayReport {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let presented = parts.extensions.get::<Presented>();
        let caller = presented.ok_or_else(Failure::unauthorized)?.live()?;
        if caller.iam_user().is_some() {
            return Err(Failure::person_required());
        }
        if !is_service(caller) && !caller.token().scopes.covers(SCOPE) {
            let said = "Use is reported with a service key, or with a credential that has the scope for it.";
            let failure = Failure::forbidden("insufficient_scope", said);
            return Err(failure.with("required_scope", json!(SCOPE)));
        }
        Ok(Self(caller.clone()))
    }
}

fn is_service(caller: &Caller) -> bool {
    let key = caller.token().key.as_ref();
    key.is_some_and(|key| key.kind == KeyKind::Service)
}

/// One report, or several in `reports`.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::UsageReports)]
pub struct UsageWish {
    /// What was used.
    #[schema(example = "messages")]
    metric: Option<String>,
    /// How much: a whole number from 1 to 1000000000.
    #[schema(example = 25)]
    quantity: Option<i64>,
    /// Of this report and no other: sent again, it counts once.
    #[schema(example = "2026-11-21/worker-7/000041")]
    idempotency_key: Option<String>,
    /// Whose use; without it that of the credential's account.
    account_id: Option<String>,
    /// Up to 500 at once, instead of the members above; all of them are taken, or none.
    #[schema(example = json!([]))]
    reports: Option<Vec<OneReport>>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::UsageReport)]
pub struct OneReport {
    /// What was used.
    #[schema(example = "messages")]
    metric: Option<String>,
    /// How much: a whole number from 1 to 1000000000.
    #[schema(example = 25)]
    quantity: Option<i64>,
    /// Of this report and no other: sent again, it counts once.
    #[schema(example = "2026-11-21/worker-7/000041")]
    idempotency_key: Option<String>,
    /// Whose use; without it that of the credential's account.
    account_id: Option<String>,
}

/// What became of the reports.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::UsageTaken)]
pub struct TakenBody {
    /// The counter of a single report.
    #[serde(flatten)]
    counter: Option<CounterBody>,
    /// Reports that were new.
    #[schema(example = 1)]
    written: usize,
    /// Reports that had been taken before.
    #[schema(example = 0)]
    known: usize,
    /// Every counter that the reports name, as it is now.
    counters: Vec<CounterBody>,
}

/// A counter as it is now.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = v1::UsageCounter)]
pub struct CounterBody {
    account_id: String,
    /// What was used.
    #[schema(example = "messages")]
    metric: String,
    /// How much of it was used in the period.
    #[schema(example = 1_225)]
    used: u64,
    /// What the plan allows; `null` without an end.
    #[schema(example = 100_000)]
    limit: Option<u64>,
    /// In UTC.
    #[schema(example = "2026-11-01T00:00:00Z")]
    period_start: String,
    /// The first instant of the next period, in UTC.
    #[schema(example = "2026-12-01T00:00:00Z")]
    period_end: String,
}

impl From<Counted> for CounterBody {
    fn from(counted: Counted) -> Self {
        Self {
            account_id: counted.account.to_string(),
            metric: counted.metric,
            used: counted.used,
            limit: counted.limit,
            period_start: time::rfc3339(counted.month.start),
            period_end: time::rfc3339(counted.month.end),
        }
    }
}

impl TakenBody {
    fn of(taken: Taken, single: bool) -> Self {
        let counters: Vec<CounterBody> = taken.counters.into_iter().map(CounterBody::from).collect();
        Self {
            counter: counters.first().filter(|_| single).cloned(),
            written: taken.written,
            known: taken.known,
            counters,
        }
    }
}

/// Report use.
///
/// For services, with a service key for every account, or with a credential that has `usage:write` for its own. What was
/// used counts also beyond a limit: ask `POST /check` before. It counts in the month in which it arrives.
#[utoipa::path(post, path = "/licenses/usage", tag = "v1", operation_id = "v1_report_usage",
    security(("serviceKey" = []), ("apiKey" = []), ("bearer" = [])), request_body = UsageWish,
    responses((status = 200, body = Enveloped<TakenBody>)))]
pub async fn report(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    MayReport(caller): MayReport,
    Body(wish): Body<UsageWish>,
) -> Result<Response, Failure> {
    let own = own_account(&state, &ctx, &caller).await?;
    let reporter = match (is_service(&caller), &own) {
        (true, _) => Reporter::service(caller.token()),
        (false, Some(own)) => Reporter::of_account(caller.token(), own.clone()),
        (false, None) => {
            return Err(Failure::forbidden(
                "forbidden",
                "The credential acts in no account.",
            ));
        }
    };
    let (reports, single) = wished(wish, own.as_ref())?;
    let taken = state.authority.report_usage(&ctx, &reporter, &reports).await;
    let taken = taken.map_err(|error| refusal(error, single))?;
    Ok(enveloped(&ctx, StatusCode::OK, TakenBody::of(taken, single)))
}

/// The account that the credential acts in: that of its user where it names none.
async fn own_account(state: &AppState, ctx: &Ctx, caller: &Caller) -> Result<Option<AccountId>, Failure> {
    if let Some(account) = caller.account() {
        return Ok(Some(account.id.clone()));
    }
    match caller.user() {
        Some(user) => Ok(Some(state.authority.account_number(ctx, user.id).await?)),
        None => Ok(None),
    }
}

fn wished(wish: UsageWish, own: Option<&AccountId>) -> Result<(Vec<UsageReport>, bool), Failure> {
    if let Some(reports) = wish.reports {
        if wish.metric.is_some() || wish.quantity.is_some() || wish.idempotency_key.is_some() {
            return Err(Failure::invalid_field(
                "reports",
                "comes without the members of a single report",
            ));
        }
        let all = reports.into_iter().enumerate();
        let all = all.map(|(index, one)| one.report(&format!("reports[{index}]."), own));
        return Ok((all.collect::<Result<_, _>>()?, false));
    }
    let one = OneReport {
        metric: wish.metric,
        quantity: wish.quantity,
        idempotency_key: wish.idempotency_key,
        account_id: wish.account_id,
    };
    Ok((vec![one.report("", own)?], true))
}

impl OneReport {
    fn report(self, place: &str, own: Option<&AccountId>) -> Result<UsageReport, Failure> {
        let missing = |member: &str| Failure::invalid_field(&format!("{place}{member}"), "is required");
        let own = own.map(ToString::to_string);
        Ok(UsageReport {
            metric: self.metric.ok_or_else(|| missing("metric"))?,
            quantity: self.quantity.ok_or_else(|| missing("quantity"))?,
            key: self.idempotency_key.ok_or_else(|| missing("idempotency_key"))?,
            account: self.account_id.or(own).ok_or_else(|| missing("account_id"))?,
        })
    }
}

fn refusal(error: ReportError, single: bool) -> Failure {
    let refused = match error {
        ReportError::Size => return Failure::invalid_field("reports", error.to_string()),
        ReportError::Fault(fault) => return fault.into(),
        ReportError::Refused(refused) => refused,
    };
    let name = |one: &Refused| match single {
        true => one.wrong.member().to_owned(),
        false => format!("reports[{}].{}", one.index, one.wrong.member()),
    };
    let fields: serde_json::Map<String, serde_json::Value> = refused
        .iter()
        .map(|one| (name(one), json!(one.wrong.rule())))
        .collect();
    let is = |wrong: Wrong| refused.iter().any(|one| one.wrong == wrong);
    if is(Wrong::ForeignAccount) {
        let said = "The credential does not report for this account; a service key does.";
        return Failure::forbidden("forbidden", said).with("fields", json!(fields));
    }
    if is(Wrong::Conflict) {
        let said = "This idempotency_key was used for another report; nothing was taken.";
        return Failure::conflict("idempotency_conflict", said).with("fields", json!(fields));
    }
    Failure::invalid_fields(refused.iter().map(|one| (name(one), one.wrong.rule())))
}
