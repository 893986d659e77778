//! The hashing threads: a fixed number, each with its own memory, behind a short queue.
//! Refuses work when the queue is full, and keeps none of a caller who has left.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_channel::{Receiver, Sender};
use tokio::sync::oneshot;

use super::workspace::Workspace;
use crate::fault::Fault;

/// Works, and returns what gives the answer: the figures are right before anybody can act on it.
type Task = Box<dyn FnOnce(&mut Workspace) -> Answer + Send>;
type Answer = Box<dyn FnOnce() + Send>;

/// Ends its threads when the last clone is dropped.
#[derive(Clone)]
pub(super) struct Pool {
    queue: Sender<Task>,
    counters: Arc<Counters>,
    /// One of each thread, which holds it while it works.
    workspaces: Arc<[Mutex<Workspace>]>,
}

#[derive(Default)]
struct Counters {
    running: AtomicUsize,
    most: AtomicUsize,
    done: AtomicU64,
    refused: AtomicU64,
}

/// What the pool is doing and has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashFigures {
    pub running: usize,
    /// The most that ever ran at once.
    pub most: usize,
    pub waiting: usize,
    pub done: u64,
    pub refused: u64,
}

impl Pool {
    /// # Errors
    /// When a thread can't be started.
    pub(super) fn start(workers: usize, queue: usize, blocks: usize) -> Result<Self, Fault> {
        let (sender, tasks) = async_channel::bounded(queue.max(1));
        let counters = Arc::new(Counters::default());
        let workspaces: Arc<[_]> = (0..workers.max(1))
            .map(|_| Mutex::new(Workspace::new(blocks)))
            .collect();
        for index in 0..workspaces.len() {
            let (tasks, counters, workspaces) = (tasks.clone(), counters.clone(), workspaces.clone());
            std::thread::Builder::new()
                .name(format!("password-{index}"))
                .spawn(move || work(&tasks, &counters, &workspaces[index]))
                .map_err(|error| Fault::Hashing(error.to_string()))?;
        }
        Ok(Self {
            queue: sender,
            counters,
            workspaces,
        })
    }

    /// Gives back the memory of the threads that have done nothing since the last call; what works is left alone.
    pub(super) fn rest(&self) {
        for workspace in self.workspaces.iter() {
            if let Ok(mut workspace) = workspace.try_lock() {
                workspace.rest();
            }
        }
    }

    /// Runs `task` on a hashing thread.
    ///
    /// # Errors
    /// [`Fault::Overloaded`] when the queue is full.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Workspace) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let task: Task = Box::new(move |workspace| {
            let outcome = (!reply.is_closed()).then(|| task(workspace));
            Box::new(move || drop(outcome.map(|outcome| reply.send(outcome))))
        });
        if self.queue.try_send(task).is_err() {
            self.counters.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Fault::Overloaded("password hashing"));
        }
        answer
            .await
            .map_err(|_| Fault::Hashing("a hashing thread failed".to_owned()))
    }

    pub(super) fn figures(&self) -> HashFigures {
        HashFigures {
            running: self.counters.running.load(Ordering::Relaxed),
            most: self.counters.most.load(Ordering::Relaxed),
            waiting: self.queue.len(),
            done: self.counters.done.load(Ordering::Relaxed),
            refused: self.counters.refused.load(Ordering::Relaxed),
        }
    }
}

fn work(tasks: &Receiver<Task>, counters: &Counters, workspace: &Mutex<Workspace>) {
    while let Ok(task) = tasks.recv_blocking() {
        let running = counters.running.fetch_add(1, Ordering::Relaxed) + 1;
        counters.most.fetch_max(running, Ordering::Relaxed);
        let mut workspace = workspace.lock().unwrap_or_else(PoisonError::into_inner);
        // The caller learns of a panic by its missing answer; the next task overwrites the memory.
        let answer = catch_unwind(AssertUnwindSafe(|| task(&mut workspace)));
        drop(workspace);
        counters.running.fetch_sub(1, Ordering::Relaxed);
        counters.done.fetch_add(1, Ordering::Relaxed);
        match answer {
            Ok(answer) => answer(),
            Err(_) => tracing::error!("a password task panicked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// L05: what does not fit in the queue is told to come back, and no more than the workers run at once.
    #[tokio::test]
    async fn a_full_queue_refuses_and_workers_bound_what_runs() {
        let pool = Pool::start(2, 3, 8).unwrap();
        let (started, starts) = mpsc::channel();
        let (releases, gates): (Vec<_>, Vec<_>) = (0..5).map(|_| mpsc::channel::<()>()).unzip();
        let mut running = Vec::new();
        for gate in gates {
            let (pool, started) = (pool.clone(), started.clone());
            let full = running.len() >= 2;
            running.push(tokio::spawn(async move {
                let block = move |_: &mut Workspace| {
                    started.send(()).unwrap();
                    gate.recv().unwrap();
                };
                pool.run(block).await
            }));
            tokio::task::yield_now().await;
            if !full {
                starts.recv().unwrap();
            }
        }
        assert_eq!((pool.figures().running, pool.figures().waiting), (2, 3));
        assert!(matches!(pool.run(|_| ()).await, Err(Fault::Overloaded(_))));
        releases.iter().for_each(|release| release.send(()).unwrap());
        for task in running {
            task.await.unwrap().unwrap();
        }
        assert_eq!((pool.figures().most, pool.figures().refused), (2, 1));
    }

    #[tokio::test]
    async fn a_panicking_task_costs_one_answer_and_no_thread() {
        let pool = Pool::start(1, 4, 8).unwrap();
        assert!(matches!(
            pool.run(|_| panic!("on purpose")).await,
            Err::<(), _>(Fault::Hashing(_))
        ));
        assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
    }
}
