//! The threads that answer: each has a runtime of its own, so that a connection never changes its thread.
//! They refuse to choose what is done; they end when they are dropped, and with them what still runs on them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

/// One thread for each core.
pub struct Workers {
    crew: Vec<Worker>,
    stop: CancellationToken,
}

struct Worker {
    runtime: Handle,
    /// Connections that it has.
    busy: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Starts them.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start() -> io::Result<Self> {
        let stop = CancellationToken::new();
        let count = thread::available_parallelism().map_or(1, usize::from);
        let crew = (0..count).map(|number| Worker::start(number, stop.clone()));
        Ok(Self {
            crew: crew.collect::<io::Result<_>>()?,
            stop,
        })
    }

    /// Runs a connection where there are fewest; its socket is watched there too.
    pub(super) fn run<F>(&self, stream: TcpStream, serve: impl FnOnce(TcpStream) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let load = |worker: &&Worker| worker.busy.load(Ordering::Relaxed);
        let Some(worker) = self.crew.iter().min_by_key(load) else {
            return;
        };
        let place = Place::of(&worker.busy);
        let stream = stream.into_std();
        worker.runtime.spawn(async move {
            match stream.and_then(TcpStream::from_std) {
                Ok(stream) => serve(stream).await,
                Err(error) => tracing::error!(%error, "a connection could not be handed over"),
            }
            drop(place);
        });
    }
}

impl Worker {
    fn start(number: usize, stop: CancellationToken) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let name = format!("answers-{number}");
        let thread = thread::Builder::new()
            .name(name)
            .spawn(move || runtime.block_on(stop.cancelled_owned()))?;
        Ok(Self {
            runtime: handle,
            busy: Arc::default(),
            thread: Some(thread),
        })
    }
}

/// Counts for as long as it lives.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn of(busy: &Arc<AtomicUsize>) -> Self {
        busy.fetch_add(1, Ordering::Relaxed);
        Self(busy.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.cancel();
        for worker in &mut self.crew {
            // A panic was told by the hook already.
            _ = worker.thread.take().map(JoinHandle::join);
        }
    }
}
