//! The same over HTTP/2 with prior knowledge: few connections, many streams on each.
//! The upstream still speaks HTTP/1.1, for us as for the reference.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::Instant;

use super::tokens::{PATH, Pool, sizes};
use crate::cpu::counted;
use crate::load::{CONNECTIONS, Rate, collect, micros, once};
use crate::report::Report;
use crate::seconds;
use crate::world::{Reference, World};

const SESSIONS: usize = 4;
const STREAMS: usize = CONNECTIONS / SESSIONS;

pub async fn measure(report: &mut Report, world: &World, bare: &Reference, pools: &[Pool]) -> Result<()> {
    let reference = counted(bare.id(), steady(bare.address, &[])).await?;
    report.rate("reference: bare pingora, h2", reference);
    for pool in pools {
        for count in sizes() {
            let tokens = &pool.tokens[..count];
            once(world.proxy.address(), pool.requests(count), 200).await?;
            let rate = counted(world.proxy_id, steady(world.proxy.address(), tokens)).await?;
            let what = format!("proxy, h2, cached, {}, {count} token(s)", pool.kind);
            report.beside(&what, rate, "bare pingora, h2", reference, "");
        }
    }
    Ok(())
}

/// `CONNECTIONS` requests in flight on `SESSIONS` connections; without tokens they carry none.
async fn steady(address: SocketAddr, tokens: &[String]) -> Result<Rate> {
    let began = Instant::now();
    let (tokens, next) = (Arc::new(tokens.to_vec()), Arc::new(AtomicUsize::new(0)));
    let mut tasks = Vec::with_capacity(CONNECTIONS);
    for _ in 0..SESSIONS {
        let session = open(address).await?;
        for _ in 0..STREAMS {
            let (tokens, next) = (tokens.clone(), next.clone());
            tasks.push(tokio::spawn(requests(
                address,
                session.clone(),
                tokens,
                next,
                began,
            )));
        }
    }
    collect(tasks, began).await
}

type Session = SendRequest<Empty<Bytes>>;

async fn open(address: SocketAddr) -> Result<Session> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (session, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(session)
}

async fn requests(
    address: SocketAddr,
    mut session: Session,
    tokens: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
    began: Instant,
) -> Result<Vec<u64>> {
    let mut times = Vec::with_capacity(100_000);
    while began.elapsed() < seconds() {
        let mut request = Request::get(format!("http://{address}{PATH}"));
        if !tokens.is_empty() {
            let index = next.fetch_add(1, Ordering::Relaxed) % tokens.len();
            request = request.header("authorization", format!("Bearer {}", tokens[index]));
        }
        let sent = Instant::now();
        session.ready().await?;
        let answer = session.send_request(request.body(Empty::new())?).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        times.push(micros(sent));
        if status != StatusCode::OK {
            bail!("expected 200 over h2, got {status}");
        }
    }
    Ok(times)
}
