//! The same over HTTP/2 with prior knowledge: few connections, many streams on each.
//! The upstream still speaks HTTP/1.1, for us as for the reference.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::Instant;

use super::tokens::{PATH, Pool, sizes};
use crate::contest::{Entrant, rates};
use crate::load::{CONNECTIONS, Rate, collect, micros, once};
use crate::report::Report;
use crate::world::{Reference, World};

const SESSIONS: usize = 4;
const STREAMS: usize = CONNECTIONS / SESSIONS;

pub async fn measure(report: &mut Report, world: &World, bare: &Reference, pools: &[Pool]) -> Result<()> {
    for pool in pools {
        for count in sizes() {
            let tokens = Arc::new(pool.tokens[..count].to_vec());
            once(world.proxy.address(), pool.requests(count), 200).await?;
            let [theirs, ours] = rates([
                entrant(bare.id(), bare.address, &tokens),
                entrant(world.proxy_id, world.proxy.address(), &tokens),
            ])
            .await?;
            let what = format!("h2, cached, {}, {count} token(s)", pool.kind);
            report.rate(&format!("bare pingora, {what}"), theirs);
            report.beside(&format!("proxy, {what}"), ours, "bare pingora", theirs, "");
        }
    }
    Ok(())
}

fn entrant(process: u32, address: SocketAddr, tokens: &Tokens) -> Entrant<'static> {
    let tokens = tokens.clone();
    Entrant::new(process, move |length| {
        Box::pin(steady(address, tokens.clone(), length))
    })
}

/// `CONNECTIONS` requests in flight on `SESSIONS` connections.
async fn steady(address: SocketAddr, tokens: Tokens, length: Duration) -> Result<Rate> {
    let (began, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::with_capacity(CONNECTIONS);
    for _ in 0..SESSIONS {
        let session = open(address).await?;
        for _ in 0..STREAMS {
            let (tokens, next) = (tokens.clone(), next.clone());
            let session = session.clone();
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::with_capacity(100_000);
                while began.elapsed() < length {
                    let index = next.fetch_add(1, Ordering::Relaxed) % tokens.len();
                    times.push(request(address, session.clone(), &tokens[index]).await?);
                }
                Ok(times)
            }));
        }
    }
    collect(tasks, began).await
}

type Session = SendRequest<Empty<Bytes>>;
type Tokens = Arc<Vec<String>>;

async fn open(address: SocketAddr) -> Result<Session> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (session, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(session)
}

/// The microseconds that one request takes.
async fn request(address: SocketAddr, mut session: Session, token: &str) -> Result<u64> {
    let request = Request::get(format!("http://{address}{PATH}"));
    let request = request.header("authorization", format!("Bearer {token}"));
    let sent = Instant::now();
    session.ready().await?;
    let answer = session.send_request(request.body(Empty::new())?).await?;
    let status = answer.status();
    answer.into_body().collect().await?;
    let took = micros(sent);
    if status != StatusCode::OK {
        bail!("expected 200 over h2, got {status}");
    }
    Ok(took)
}
