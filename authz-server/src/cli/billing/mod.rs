//! `authz-server billing`: what operators do with payments and with the books.
//! Changes no entry: a mistake is mended by another one.

mod books;
mod refund;

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Surroundings};

#[derive(Subcommand)]
pub(super) enum BillingCommand {
    /// Find out whether every balance is the sum of its entries, and nothing is missing, added or changed.
    ///
    /// Ends with failure when anything is found.
    Verify(books::Verify),
    /// Give an account something.
    ///
    /// Example:
    ///   billing credit 143241214442 50000 --reason "Goodwill" --reference ticket-17
    #[command(verbatim_doc_comment)]
    Credit(books::Entry),
    /// Take something from an account.
    Debit(books::Debit),
    /// Give a payment back, in whole or in part.
    Refund(refund::Refund),
}

pub(super) fn run(command: BillingCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    match command {
        BillingCommand::Verify(verify) => books::verify(verify, around),
        BillingCommand::Credit(entry) => books::credit(entry, around),
        BillingCommand::Debit(debit) => books::debit(debit, around),
        BillingCommand::Refund(refund) => refund::give_back(refund, around),
    }
}
