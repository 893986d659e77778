//! Durable memory: the only crate that knows SQL, on SQLite or PostgreSQL through one code path.
//! It holds no rules; it stores what it is told, or reports why it could not.

pub mod access_keys;
pub mod access_tokens;
pub mod account_deletions;
pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod audit_chains;
pub mod audit_checkpoints;
pub mod audit_entries;
pub mod audit_search;
pub mod avatars;
pub mod challenges;
pub mod client_assertions;
pub mod client_directory;
pub mod client_documents;
pub mod client_registrations;
pub mod clients;
pub mod codes;
pub mod collections;
pub mod consents;
pub mod devices;
pub mod download_tokens;
pub mod dpop_proofs;
pub mod federation_states;
pub mod gateway_events;
pub mod gateway_names;
pub mod github_deliveries;
pub mod github_installations;
pub mod github_repositories;
pub mod granted;
pub mod grants;
pub mod iam_attachments;
pub mod iam_groups;
pub mod iam_leftovers;
pub mod iam_policies;
pub mod iam_users;
pub mod idempotency;
pub mod invitations;
pub mod jobs;
pub mod ledger;
pub mod ledger_proof;
pub mod licences;
pub mod linked_accounts;
pub mod low_balances;
pub mod mandates;
pub mod memberships;
pub mod milestones;
pub mod passkeys;
pub mod password_history;
pub mod password_policies;
pub mod payment_orders;
pub mod pending_logins;
pub mod preferences;
pub mod proxies_seen;
pub mod refresh_tokens;
pub mod refunds;
pub mod request_signatures;
pub mod revocations;
pub mod second_factors;
pub mod sessions;
pub mod setup_links;
pub mod signing_keys;
pub mod subscriptions;
pub mod tax_documents;
pub mod tax_profiles;
pub mod throttles;
pub mod trusted_devices;
pub mod usage;
pub mod user_directory;
pub mod users;

mod batch;
mod config;
mod database;
mod decode;
mod dialect;
mod error;
mod ledger_seals;
mod link;
mod migration;
mod query;
mod readers;
mod row;
mod script;
mod together;
mod value;
mod wakeups;
mod work;

pub use config::DatabaseConfig;
pub use database::Database;
pub use dialect::Dialect;
pub use error::StorageError;
pub use migration::{MigrationReport, schema_fingerprint};
pub use query::{Query, Reader, Writer};
pub use row::Row;
pub use script::{Perform, Script};
pub use value::Value;
pub use wakeups::Wakeups;

/// Every statement this crate runs, so that tests can prepare each on both databases.
pub fn statements() -> impl Iterator<Item = &'static str> {
    let tables = [
        access_keys::STATEMENTS,
        access_tokens::STATEMENTS,
        account_deletions::STATEMENTS,
        api_keys::STATEMENTS,
        accounts::STATEMENTS,
        audit::STATEMENTS,
        audit_chains::STATEMENTS,
        audit_checkpoints::STATEMENTS,
        audit_entries::STATEMENTS,
        audit_search::STATEMENTS,
        client_directory::STATEMENTS,
        proxies_seen::STATEMENTS,
        avatars::STATEMENTS,
        challenges::STATEMENTS,
        client_assertions::STATEMENTS,
        client_documents::STATEMENTS,
        client_registrations::STATEMENTS,
        dpop_proofs::STATEMENTS,
        clients::STATEMENTS,
        codes::STATEMENTS,
        collections::STATEMENTS,
        consents::STATEMENTS,
        devices::STATEMENTS,
        download_tokens::STATEMENTS,
        federation_states::STATEMENTS,
        gateway_events::STATEMENTS,
        gateway_names::STATEMENTS,
        github_deliveries::STATEMENTS,
        github_installations::STATEMENTS,
        github_repositories::STATEMENTS,
        granted::STATEMENTS,
        grants::STATEMENTS,
        iam_attachments::STATEMENTS,
        iam_groups::STATEMENTS,
        iam_leftovers::STATEMENTS,
        iam_policies::STATEMENTS,
        iam_users::STATEMENTS,
        idempotency::STATEMENTS,
        invitations::STATEMENTS,
        jobs::STATEMENTS,
        ledger::STATEMENTS,
        licences::STATEMENTS,
        ledger_proof::STATEMENTS,
        ledger_seals::STATEMENTS,
        linked_accounts::STATEMENTS,
        low_balances::STATEMENTS,
        mandates::STATEMENTS,
        memberships::STATEMENTS,
        milestones::STATEMENTS,
        passkeys::STATEMENTS,
        password_history::STATEMENTS,
        password_policies::STATEMENTS,
        payment_orders::STATEMENTS,
        pending_logins::STATEMENTS,
        preferences::STATEMENTS,
        refresh_tokens::STATEMENTS,
        refunds::STATEMENTS,
        request_signatures::STATEMENTS,
        revocations::STATEMENTS,
        second_factors::STATEMENTS,
        sessions::STATEMENTS,
        setup_links::STATEMENTS,
        signing_keys::STATEMENTS,
        subscriptions::STATEMENTS,
        tax_documents::STATEMENTS,
        tax_profiles::STATEMENTS,
        throttles::STATEMENTS,
        trusted_devices::STATEMENTS,
        usage::STATEMENTS,
        user_directory::STATEMENTS,
        users::STATEMENTS,
    ];
    tables.into_iter().flatten().copied()
}
