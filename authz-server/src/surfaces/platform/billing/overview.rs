//! `GET /auth/billing`: the balance, what is spent, and where that leads.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::billing::BillingOverview;
use http::StatusCode;
use jiff::civil::Date;
use model::Ctx;
use model::billing::MonthSums;
use serde::Serialize;
use utoipa::ToSchema;

use super::WALLET;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;

/// Amounts are in minor units of the currency: paise for INR.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::BillingOverview)]
pub struct OverviewBody {
    /// What the account has paid ahead; below zero when more was used than that.
    #[schema(example = 118_000)]
    balance: i64,
    /// Of all amounts here.
    #[schema(example = "INR")]
    currency: String,
    /// Usage of this month, today included.
    #[schema(example = 4200)]
    mtd_spend: i64,
    /// That, and for each day after today until the month's end the mean of the last seven complete days; what is added
    /// is rounded to the nearest unit.
    #[schema(example = 6000)]
    projected_spend: i64,
    /// Whole days that the balance lasts at that mean; null when nothing was spent in those seven days.
    #[schema(example = 590)]
    runway_days: Option<i64>,
    /// The last twelve months, this one at the end.
    history: Vec<MonthBody>,
    /// The last thirty days, today at the end.
    daily_trend: Vec<DayBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::BillingMonth)]
pub struct MonthBody {
    /// Year and month.
    #[schema(example = "2026-11")]
    month: String,
    /// Usage.
    #[schema(example = 4200)]
    spend: i64,
    /// Payments and what else came in.
    #[schema(example = 118_000)]
    credits: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::BillingDay)]
pub struct DayBody {
    /// The day.
    #[schema(example = "2026-11-21")]
    date: String,
    /// Usage.
    #[schema(example = 200)]
    spend: i64,
}

impl From<BillingOverview> for OverviewBody {
    fn from(BillingOverview { balance, overview }: BillingOverview) -> Self {
        let month = |sums: MonthSums| MonthBody {
            month: format!("{:04}-{:02}", sums.year, sums.month),
            spend: sums.spend,
            credits: sums.credits,
        };
        let day = |(date, spend): (Date, i64)| DayBody {
            date: date.to_string(),
            spend,
        };
        Self {
            balance: balance.minor,
            currency: balance.currency.to_string(),
            mtd_spend: overview.mtd_spend,
            projected_spend: overview.projected_spend,
            runway_days: overview.runway_days,
            history: overview.history.into_iter().map(month).collect(),
            daily_trend: overview.daily_trend.into_iter().map(day).collect(),
        }
    }
}

/// What the account has, what it spends, and how long that lasts.
///
/// Action `billing:View` on `wallet`. Days and months are those of the time zone that the books are kept in.
#[utoipa::path(get, path = "/billing", tag = "platform", operation_id = "billing_overview",
    security(("bearer" = [])), responses((status = 200, body = OverviewBody)))]
pub async fn show(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:View", WALLET).await?;
    let overview = state.authority.billing_overview(&ctx, &permit).await?;
    Ok(private(StatusCode::OK, &OverviewBody::from(overview)))
}
