//! The log of an account as lines, with a signed end: whoever has it can verify it without this server.
//! Refuses to hold more than a portion at a time, and to go on over a hole.

use std::collections::VecDeque;

use model::audit::checkpoint::{Checkpoint, Exported, Purpose};
use model::audit::{ChainHash, FORMAT, Header, Line, LineHash, Signed};
use model::{Ctx, Timestamp};
use storage::audit_checkpoints::StoredCheckpoint;
use storage::{StorageError, audit_chains, audit_checkpoints, audit_entries};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::Permit;

const PORTION: i64 = 200;

/// Which part of the log.
#[derive(Clone, Copy, Default, Debug)]
pub struct Span {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// Why an export ends without its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("entry {0} does not follow from the one before it")]
    Broken(i64),
    #[error("entries were removed while they were exported")]
    Pruned,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for ExportError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// An export that is under way.
pub struct Export {
    authority: Authority,
    ctx: Ctx,
    account: String,
    /// The first and the last entry of it.
    from: i64,
    last: i64,
    from_hash: Option<ChainHash>,
    /// Where it is.
    seq: i64,
    hash: ChainHash,
    erased: i64,
    lines: LineHash,
    begun: Option<Header>,
    ended: bool,
}

impl Authority {
    /// What the log of the caller's account has now; what is added later is left for the next time.
    ///
    /// # Errors
    /// Storage.
    pub async fn export_audit_log(&self, ctx: &Ctx, permit: &Permit, span: Span) -> Result<Export, Fault> {
        self.export_audit_log_of(ctx, permit.account().as_str(), span)
            .await
    }

    /// The same of any account, for the operator.
    ///
    /// # Errors
    /// Storage.
    pub async fn export_audit_log_of(&self, ctx: &Ctx, account: &str, span: Span) -> Result<Export, Fault> {
        let mut reader = self.database.read().await?;
        let chain = audit_chains::find(&mut reader, account).await?;
        let first = chain
            .as_ref()
            .map_or((1, ChainHash::genesis(account)), |chain| chain.first);
        let head = chain.as_ref().map_or(0, |chain| chain.seq);
        let from = match span.since {
            None => Some(first.0),
            Some(since) => audit_entries::first_since(&mut reader, account, since).await?,
        };
        let last = match span.until {
            None => head,
            Some(until) => audit_entries::last_before(&mut reader, account, until)
                .await?
                .unwrap_or(0),
        };
        let before = from.map_or(last, |from| from - 1).max(first.0 - 1);
        let hash = match before < first.0 {
            true => first.1,
            false => audit_entries::hash_at(&mut reader, account, before)
                .await?
                .unwrap_or(first.1),
        };
        drop(reader);
        let header = self.export_header(ctx, account, span).await?;
        Ok(Export {
            authority: self.clone(),
            ctx: ctx.clone(),
            account: account.to_owned(),
            from: before + 1,
            last: last.max(before),
            from_hash: None,
            seq: before,
            hash,
            erased: 0,
            lines: LineHash::default(),
            begun: Some(header),
            ended: false,
        })
    }

    async fn export_header(&self, ctx: &Ctx, account: &str, span: Span) -> Result<Header, Fault> {
        let mut keys = self.audit_keys().await?;
        let own = self
            .keys
            .snapshot()
            .signer(self.settings.keys.default_algorithm)?
            .public_jwk();
        if !keys.iter().any(|key| key.get("kid") == own.get("kid")) {
            keys.push(own);
        }
        Ok(Header {
            format: FORMAT.to_owned(),
            issuer: self.settings.issuer.clone(),
            account: account.to_owned(),
            exported_at: ctx.now.to_string(),
            since: span.since.map(|at| at.to_string()),
            until: span.until.map(|at| at.to_string()),
            keys,
        })
    }
}

impl Export {
    /// The next lines, each with its end; none after the last.
    ///
    /// # Errors
    /// Then the export is worth nothing, and without its end nobody takes it for one.
    pub async fn next(&mut self) -> Result<Option<String>, ExportError> {
        if let Some(header) = self.begun.take() {
            self.from_hash = Some(self.hash);
            return Ok(Some(self.written(&Line::Header(header))));
        }
        if self.seq < self.last {
            return self.portion().await.map(Some);
        }
        if self.ended {
            return Ok(None);
        }
        self.ended = true;
        self.end().await.map(Some)
    }

    fn written(&mut self, line: &Line) -> String {
        self.lines.add(line);
        let mut text = line.write();
        text.push('\n');
        text
    }

    async fn portion(&mut self) -> Result<String, ExportError> {
        let mut reader = self.authority.database.read().await.map_err(Fault::from)?;
        let entries =
            audit_entries::list_after(&mut reader, &self.account, (self.seq, self.last), PORTION).await?;
        let last = entries.last().ok_or(ExportError::Pruned)?.seq;
        let range = (self.seq, last);
        let checkpoints = audit_checkpoints::list_after(&mut reader, &self.account, range, PORTION).await?;
        drop(reader);
        let mut checkpoints: VecDeque<StoredCheckpoint> = checkpoints.into();
        let mut text = String::new();
        for entry in entries {
            if entry.seq != self.seq + 1 || entry.prev_hash != self.hash {
                return Err(ExportError::Broken(entry.seq));
            }
            (self.seq, self.hash) = (entry.seq, entry.hash);
            self.erased += i64::from(entry.personal.is_none());
            text.push_str(&self.written(&Line::Entry(Box::new(entry.into()))));
            while let Some(next) = checkpoints.pop_front_if(|next| next.seq <= self.seq) {
                text.push_str(&self.written(&Line::Checkpoint(Signed { jws: next.jws })));
            }
        }
        Ok(text)
    }

    async fn end(&mut self) -> Result<String, ExportError> {
        let place = (0, self.seq, self.hash);
        let statement = self.authority.statement(Purpose::Export, &self.account, place);
        let statement = Checkpoint {
            export: Some(Exported {
                from: self.from,
                from_hash: self.from_hash.unwrap_or(self.hash),
                lines: std::mem::take(&mut self.lines).finish(),
                erased: self.erased,
            }),
            ..statement
        };
        let signed = self.authority.sign_statement(&self.ctx, &statement)?;
        let line = Line::End(Signed {
            jws: signed.jws.clone(),
        });
        Ok(line.write() + "\n")
    }
}
