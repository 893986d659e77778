//! Posts events to the merchant, one after the other.
//! Follows no redirects, and waits for no answer longer than five seconds, as the original.

use std::sync::Arc;
use std::time::Duration;

use crate::post::{Event, Next};
use crate::shared::Shared;

const TIMEOUT: Duration = Duration::from_secs(5);
/// How often the world is brought up to the present when nobody asks.
const TICK: Duration = Duration::from_millis(200);

/// Delivers until it is dropped.
pub(crate) async fn deliver(client: reqwest::Client, shared: Arc<Shared>) {
    loop {
        let next = {
            let mut world = shared.turned();
            let held = world.behaviour.webhooks.hold || world.webhook_url.is_none();
            let url = world.webhook_url.clone();
            url.zip(Some(world.post.next(held)))
        };
        match next {
            Some((url, Next::Send(event, attempt))) => {
                let status = post(&client, url, &event).await;
                let mut world = shared.world();
                let rules = world.behaviour.webhooks.clone();
                world.post.answered(&event.id, attempt, status, &rules);
                drop(world);
                shared.news.send_modify(|count| *count += 1);
            }
            Some((_, Next::Wait(due))) => rest(&shared, due).await,
            None => rest(&shared, None).await,
        }
    }
}

/// Until there may be something to do.
async fn rest(shared: &Shared, due: Option<i64>) {
    if shared.clock.is_frozen() {
        return shared.work.notified().await;
    }
    let left = due.map_or(TICK, |due| {
        let millis = due.saturating_sub(shared.clock.now_ms());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(TICK)
    });
    // The end of the wait is no error: time has passed.
    let _ = tokio::time::timeout(left, shared.work.notified()).await;
}

async fn post(client: &reqwest::Client, url: url::Url, event: &Event) -> Option<u16> {
    let request = client
        .post(url)
        .header("Content-Type", "application/json")
        .header("X-Razorpay-Event-Id", &event.id)
        .header("X-Razorpay-Signature", &event.signature)
        .body(event.body.clone());
    let answer = request.send().await.ok()?;
    Some(answer.status().as_u16())
}

/// The client that posts events.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .user_agent("Razorpay-Webhook/v1")
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
}
