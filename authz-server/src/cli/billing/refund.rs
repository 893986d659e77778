//! `authz-server billing refund`: what operators do with payments.
//! Gives nothing back that the wallet has not any more.

use std::process::ExitCode;

use clap::Args;
use domain::billing::{RefundError, RefundWish};
use model::audit::Actor;
use model::billing::RefundState;

use crate::cli::beside::beside;
use crate::cli::{CliError, Surroundings};

#[derive(Args)]
pub(in crate::cli) struct Refund {
    /// The gateway's id of the payment, `pay_…`.
    payment: String,
    /// How much, in minor units; all that is left of the payment when it is not said.
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    amount: Option<i64>,
    /// Why, for the books.
    #[arg(long)]
    reason: String,
}

pub(super) fn give_back(wish: Refund, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let wish = RefundWish {
        payment: wish.payment,
        amount: wish.amount,
        reason: wish.reason,
        actor: Actor::Operator,
    };
    let refund = beside(around, |authority, ctx| async move {
        let refunded = authority.refund_payment(&ctx, wish).await;
        refunded.map_err(|error| match error {
            RefundError::Fault(fault) => CliError::Fault(fault),
            reason => CliError::Refused(reason.to_string()),
        })
    })?;
    let became = match refund.state {
        RefundState::Processed => "given back",
        RefundState::Held => "set aside; the server asks the gateway until it is given back",
        RefundState::Failed => "refused by the gateway; the money is in the wallet again",
    };
    let gateway_id = refund.gateway_id.as_deref().unwrap_or("-");
    writeln!(
        around.out,
        "{}  {gateway_id}  {}  {became}",
        refund.id, refund.amount
    )?;
    Ok(ExitCode::SUCCESS)
}
