//! What a running server does on a schedule: the log, keys, session activity, forgetting, resting.
//! Refuses to die: a failed round is logged and the next one tries again.

use std::future::Future;
use std::time::Duration;

use domain::{Authority, Fault};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::authority::own_ctx;

/// How long revocations of other processes may go unnoticed by the feed when nobody tells of them: those of the command line
/// on SQLite; on PostgreSQL those of replicas while the listening connection is lost.
const LOG: Duration = Duration::from_millis(100);
/// How long a job of another replica, or one that was put off, may wait beyond its time.
const JOBS: Duration = Duration::from_secs(1);
const KEYS: Duration = Duration::from_secs(5);
const ACTIVITY: Duration = Duration::from_secs(10);
const ENDINGS: Duration = Duration::from_secs(10 * 60);
/// Hashing memory that was not used for this long, at most twice, is given back.
const RESTING: Duration = Duration::from_secs(60);
/// Chains that grow fast get a checkpoint when so many entries are without one; the others get theirs now and then.
const MANY_ENTRIES: i64 = 500;
const FAST_CHAINS: Duration = Duration::from_secs(30);
const ALL_CHAINS: Duration = Duration::from_secs(5 * 60);
/// How long what recurs may wait beyond its time, when nobody tells of it.
const RECURRING: Duration = Duration::from_secs(30);
const PRUNING: Duration = Duration::from_secs(60 * 60);
/// How long the end of a licence may go untold; proxies remember nothing beyond that end anyway.
const LICENCES: Duration = Duration::from_secs(15);
const FORGETTING: Duration = Duration::from_secs(10 * 60);

/// Runs until `stop`, then notes the last activity.
pub async fn run(authority: Authority, stop: CancellationToken) {
    let log = every(LOG, "read the revocation log", || authority.catch_up());
    let others = authority.follow_log();
    let keys = every(KEYS, "keep keys", || async {
        authority.keep_keys(&own_ctx(&authority)).await
    });
    let activity = every(ACTIVITY, "note session activity", || async {
        authority.flush_key_activity(&own_ctx(&authority)).await?;
        authority.flush_polls().await?;
        authority.flush_session_activity().await.map(|_| ())
    });
    let endings = every(ENDINGS, "tell of keys that end soon", || async {
        authority
            .notify_ending_keys(&own_ctx(&authority))
            .await
            .map(|_| ())
    });
    let licences = every(LICENCES, "tell of licences that have ended", || async {
        authority
            .tell_ended_licences(&own_ctx(&authority))
            .await
            .map(|_| ())
    });
    let start = Instant::now();
    let settled = || authority.settled_ctx(&own_ctx(&authority), start.elapsed());
    let forgetting = every(FORGETTING, "forget what has expired", || async {
        match settled() {
            Some(ctx) => authority.forget_expired(&ctx).await.map(|_| ()),
            None => Ok(()),
        }
    });
    let pruning = every(PRUNING, "prune the audit log", || async {
        match settled() {
            Some(ctx) => authority.prune_audit_log(&ctx).await.map(|_| ()),
            None => Ok(()),
        }
    });
    let recurring = every(RECURRING, "look after mandates and subscriptions", || async {
        let ctx = own_ctx(&authority);
        authority.look_after_recurring(&ctx).await.map(|_| ())
    });
    let audit = keep_audit_log(&authority);
    let terms = make_due_terms(&authority);
    let resting = every(RESTING, "rest the hashing threads", || async {
        authority.hasher.rest();
        Ok(())
    });
    let work = work_off(&authority);
    tokio::select! {
        () = stop.cancelled() => {}
        () = terms => {}
        () = work => {}
        () = log => {}
        () = others => {}
        () = keys => {}
        () = activity => {}
        () = endings => {}
        () = forgetting => {}
        () = licences => {}
        () = resting => {}
        () = recurring => {}
        () = audit => {}
        () = pruning => {}
    }
    if let Err(error) = authority.flush_key_activity(&own_ctx(&authority)).await {
        tracing::warn!(%error, "the last use of keys was not noted");
    }
    if let Err(error) = authority.flush_session_activity().await {
        tracing::warn!(%error, "the last session activity was not noted");
    }
}

/// Checkpoints.
async fn keep_audit_log(authority: &Authority) {
    let sign = |fewest| async move {
        let signed = authority.sign_checkpoints(&own_ctx(authority), fewest).await;
        signed.map(|_| ())
    };
    let fast = every(FAST_CHAINS, "sign checkpoints of fast chains", || {
        sign(MANY_ENTRIES)
    });
    let all = every(ALL_CHAINS, "sign checkpoints of the audit log", || sign(1));
    tokio::join!(fast, all);
}

/// Does what was asked for at once, and what other replicas have left or put off, when its time has come.
async fn work_off(authority: &Authority) {
    loop {
        match authority.run_due_jobs().await {
            Ok(0) => {
                let asked = authority.job_asked();
                // Either way there may be something to do.
                let _ = tokio::time::timeout(JOBS, asked).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "jobs could not be done and will be tried again");
                tokio::time::sleep(JOBS).await;
            }
        }
    }
}

/// Once, for users of an older version; what is left out now is made with the next forgetting.
async fn make_due_terms(authority: &Authority) {
    match authority.make_due_terms().await {
        Ok(0) => {}
        Ok(users) => tracing::info!(users, "users of an older version can be searched now"),
        Err(error) => tracing::warn!(%error, "not all users can be searched yet"),
    }
    std::future::pending::<()>().await;
}

async fn every<F: Future<Output = Result<(), Fault>>>(period: Duration, what: &str, work: impl Fn() -> F) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(error) = work().await {
            tracing::warn!(%error, job = what, "a scheduled job failed and will be tried again");
        }
    }
}
