//! What proxies report: state-changing requests that passed through them to the services behind.
//! Refuses to take one twice, and to let a proxy speak as the server: each entry names who has reported it.

use std::collections::BTreeMap;

use model::audit::details::{canonical, one_line};
use model::audit::{Draft, Parts, Personal};
use model::iam::AccountId;
use model::{Ctx, Timestamp, UserId};
use serde_json::json;
use storage::{StorageError, audit_entries};

use super::append::append;
use super::request::{Home, IAM};
use crate::authority::Authority;
use crate::clients::KnownClient;
use crate::fault::Fault;

/// The most reports in one batch.
pub const MOST_REPORTED: usize = 100;
const LONGEST_BATCH: usize = 64;
const LONGEST_TEXT: usize = 256;
const LONGEST_PATH: usize = 512;

/// One request, as a proxy has seen it. Texts are bounded and made showable here.
#[derive(Clone, Debug)]
pub struct Report {
    pub at: Timestamp,
    /// The route's name.
    pub service: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    /// The subject of the token, and its client; none for what came without a live one.
    pub subject: Option<String>,
    pub client: Option<String>,
    /// The account that the token acts in, where it says so.
    pub account: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
    pub decision_id: Option<String>,
}

/// How many of a batch were new.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reported {
    pub written: usize,
    pub known: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("only a proxy may report")]
    NotAProxy,
    #[error("a batch has a name of 8 to 64 letters, digits, - and _, and at most {MOST_REPORTED} entries")]
    Malformed,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// Takes a batch; one that comes again, in whole or in part, adds nothing.
    ///
    /// # Errors
    /// See [`ReportError`]; after a fault the whole batch may be sent again.
    pub async fn take_reports(
        &self,
        ctx: &Ctx,
        proxy: &KnownClient,
        (batch, reports): (&str, Vec<Report>),
    ) -> Result<Reported, ReportError> {
        if !proxy.settings.proxy {
            return Err(ReportError::NotAProxy);
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let named = (8..=LONGEST_BATCH).contains(&batch.len()) && batch.bytes().all(plain);
        if !named || reports.len() > MOST_REPORTED {
            return Err(ReportError::Malformed);
        }
        let all = reports.len();
        let mut chains: BTreeMap<String, Vec<Draft>> = BTreeMap::new();
        for (index, report) in reports.into_iter().enumerate() {
            let home = self.home_of_report(ctx, &report).await?;
            let id = entry_id(proxy.id.as_str(), batch, index);
            let mut draft = draft(ctx, (id, proxy.id.as_str()), report);
            if home.is_iam {
                IAM.clone_into(&mut draft.actor_type);
            }
            chains.entry(home.account).or_default().push(draft);
        }
        let mut written = 0;
        for (account, drafts) in chains {
            written += self.append_new(account, drafts).await?;
        }
        Ok(Reported {
            written,
            known: all - written,
        })
    }

    async fn append_new(&self, account: String, drafts: Vec<Draft>) -> Result<usize, Fault> {
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                storage::audit_chains::hold(w, &account).await?;
                let mut new = Vec::new();
                for draft in drafts {
                    if !audit_entries::exists(w, &draft.id).await? {
                        new.push(draft);
                    }
                }
                let count = new.len();
                append(w, &account, new).await?;
                Ok(count)
            })
        });
        Ok(work.await?)
    }

    /// That of the token, if there is such an account; else that of the person.
    async fn home_of_report(&self, ctx: &Ctx, report: &Report) -> Result<Home, Fault> {
        let subject = report.subject.as_deref();
        let person = subject.and_then(|subject| subject.parse::<UserId>().ok());
        let home = self.home_of(ctx, person).await?;
        let said = report
            .account
            .as_deref()
            .and_then(|said| said.parse::<AccountId>().ok());
        if let Some(said) = said {
            let mut reader = self.database.read().await?;
            if storage::accounts::find(&mut reader, &said).await?.is_some() {
                let account = said.to_string();
                return Ok(Home { account, ..home });
            }
        }
        Ok(home)
    }
}

/// The same for the same place in the same batch of the same proxy.
fn entry_id(proxy: &str, batch: &str, index: usize) -> String {
    let mut parts = Parts::new("authz/audit/report/1");
    parts.text(proxy);
    parts.text(batch);
    parts.int(i64::try_from(index).unwrap_or(i64::MAX));
    format!("rep_{}", parts.finish())
}

fn draft(ctx: &Ctx, (id, proxy): (String, &str), report: Report) -> Draft {
    let mut salt = [0; 32];
    ctx.random.fill(&mut salt);
    let text = |text: String| one_line(&text, LONGEST_TEXT);
    let is_person = report
        .subject
        .as_deref()
        .is_some_and(|subject| subject.parse::<UserId>().is_ok());
    let actor_type = match (&report.subject, is_person) {
        (Some(_), true) => "user",
        (Some(_), false) => "client",
        (None, _) => "anonymous",
    };
    let details = json!({
        "client": report.client.map(text),
        "decision_id": report.decision_id.map(text),
        "proxy": proxy,
        // The proxy's clock, not ours.
        "requested_at": report.at.to_string(),
    });
    Draft {
        id,
        at: ctx.now,
        actor_type: actor_type.to_owned(),
        actor: report.subject.map(text),
        service: text(report.service),
        method: one_line(&report.method, 16),
        path: one_line(&report.path, LONGEST_PATH),
        status: report.status,
        request_id: report.request_id.map(text),
        resource: None,
        actions: String::new(),
        reporter: Some(proxy.to_owned()),
        personal: Personal {
            salt,
            actor_name: None,
            ip: report.ip.map(text),
            user_agent: report.user_agent.map(text),
            details: canonical(details),
        },
    }
}
