//! The listener on a thread of its own, so that anything can have one, with or without a runtime.
//! Ends with its owner, whatever is still under way.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{io, thread};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};

use crate::keeper::Keeper;
use crate::shared::Shared;
use crate::{courier, front};

const AFTER_FAILURE: Duration = Duration::from_millis(10);
/// Between requests, and within a head.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);
const MOST_CONNECTIONS: usize = 1_000;

/// A running listener.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(listener: TcpListener, shared: Arc<Shared>, keeper: Keeper) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = courier::client().map_err(io::Error::other)?;
        listener.set_nonblocking(true)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let live = async move {
            tokio::spawn(courier::deliver(client, Arc::clone(&shared)));
            tokio::select! {
                () = accept(listener, shared) => {}
                () = keeper.keep() => {}
                _ = stopped => {}
            }
            keeper.save();
        };
        let thread = thread::Builder::new()
            .name("razorpay-sandbox".to_owned())
            .spawn(move || runtime.block_on(live))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    serve(stream, shared).await;
                    drop(place);
                });
            }
            // A connection that broke before it was taken, or no descriptors left: others may fare better.
            Err(_) => tokio::time::sleep(AFTER_FAILURE).await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| front::answer(Arc::clone(&shared), request));
    // An error here is the peer's departure or a connection closed on purpose.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_SILENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
