//! What routes demand of an account's plan, and where its use of them is counted.
//! It refuses tokens without an account: there would be nobody to count for.

mod exceeded;
mod question;
mod ruling;
mod rulings;

pub use exceeded::{Exceeded, Told};
pub use question::{Asked, Bounds, Parts, Unruled};
pub use ruling::Ruling;
pub use rulings::Entitlements;

use crate::admission::Question;
use crate::bearer;
use crate::core::Core;
use crate::facts::Facts;
use crate::refusal::Refusal;
use crate::routes::Route;
use crate::usage::{Cell, Meter, Metered};
use std::sync::Arc;

const UNCOUNTED: Refusal = Refusal::Unavailable("the use of this route cannot be counted");

/// Whether the caller's account may use a route, and the place where that is counted.
///
/// # Errors
/// Why it may not, or why that cannot be known or counted.
pub async fn admit(
    core: &Core,
    route: &Route,
    facts: &Facts,
    question: Question<'_>,
) -> Result<Option<Metered>, Refusal> {
    let account = facts.keys().account_id.ok_or(Refusal::NoAccount)?;
    let counted = match &route.meter {
        Some(meter) => Some((meter, counter(core, facts, (account, meter))?)),
        None => None,
    };
    match &route.policy.entitlement {
        Some(feature) => {
            let asked = Asked {
                credential: bearer::extract(question.headers)?,
                facts,
                account,
                feature,
                address: question.peer.client,
            };
            entitled(
                core,
                route,
                asked,
                counted.as_ref().map(|(meter, cell)| (&***meter, cell)),
            )
            .await?;
        }
        None => {
            if let Some((meter, cell)) = &counted {
                let _unlimited = cell.take(meter.quantity, None);
            }
        }
    }
    Ok(counted.map(|(meter, cell)| Metered::new(cell, Arc::clone(meter))))
}

/// # Errors
/// Nothing more can be counted, or nothing of what was is taken by the server.
fn counter(core: &Core, facts: &Facts, (account, meter): (&str, &Meter)) -> Result<Arc<Cell>, Refusal> {
    let cell = if core.usage.is_stuck() {
        None
    } else {
        facts.counter(&meter.metric, || core.usage.cells.of(account, &meter.metric))
    };
    cell.ok_or_else(|| {
        core.usage.measures.uncounted.increment(1);
        UNCOUNTED
    })
}

/// Takes the request's part of what the account may use, where its limit is about what is counted here.
async fn entitled(
    core: &Core,
    route: &Route,
    asked: Asked<'_>,
    counted: Option<(&Meter, &Arc<Cell>)>,
) -> Result<(), Refusal> {
    let evaluator = &core.evaluator;
    // A route that trusts tokens until they expire does not trust money that far.
    let fresh = evaluator.revocations.lease().is_fresh(core.clock.tick());
    let relies = evaluator.may_rely(route.on_lease_lapse)? && fresh;
    let known = if relies {
        core.entitlements.at_hand(asked)
    } else {
        None
    };
    if let Some(ruling) = &known
        && ruling.granted
        && leaves(ruling, asked, counted)
    {
        return Ok(());
    }
    // Boxed, like all that few requests need.
    Box::pin(ruled(core, asked, counted, (relies, known))).await
}

/// The same where nothing at hand lets the request pass.
async fn ruled(
    core: &Core,
    asked: Asked<'_>,
    counted: Option<(&Meter, &Arc<Cell>)>,
    (relies, known): (bool, Option<Arc<Ruling>>),
) -> Result<(), Refusal> {
    let mut ruling = match known {
        Some(known) => known,
        None => {
            let ruling = core.entitlements.rule(asked, relies).await?;
            if ruling.granted && leaves(&ruling, asked, counted) {
                return Ok(());
            }
            ruling
        }
    };
    if ruling.granted
        && let Some(news) = core.entitlements.again(asked, &ruling, relies).await?
    {
        if news.granted && leaves(&news, asked, counted) {
            return Ok(());
        }
        ruling = news;
    }
    core.usage.measures.refused.increment(1);
    Err(Refusal::Exceeded(
        ruling.exceeded(asked.account, core.clock.tick()),
    ))
}

/// Whether a ruling leaves enough; then that is taken.
fn leaves(ruling: &Ruling, asked: Asked<'_>, counted: Option<(&Meter, &Arc<Cell>)>) -> bool {
    let Some((meter, cell)) = counted else { return true };
    if meter.metric != *asked.feature {
        return cell.take(meter.quantity, None);
    }
    let same = ruling.cell.as_ref().is_none_or(|known| Arc::ptr_eq(known, cell));
    same && cell.take(meter.quantity, ruling.ceiling)
}

impl From<Unruled> for Refusal {
    fn from(unruled: Unruled) -> Self {
        match unruled {
            Unruled::Inactive => Self::InvalidToken("the token is not active"),
            Unruled::Unavailable(why) => Self::Unavailable(why),
        }
    }
}
