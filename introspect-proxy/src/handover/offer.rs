//! The running process's side: waits for a successor and gives it the sockets.
//! It refuses to end before the successor serves; one that gives up changes nothing.

use super::Socket;
use super::wire::{self, READY};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// How long a successor may take to become ready.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// Sockets that a successor may have.
pub struct Offer {
    listener: UnixListener,
    sockets: Arc<Vec<Socket>>,
}

/// Who took over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Successor {
    /// Its process id, where the system tells.
    pub process: Option<i32>,
}

impl Offer {
    /// Opens the door at `path`, which nobody but this user can reach; an older door there is replaced.
    ///
    /// # Errors
    /// When the socket cannot be made there.
    pub fn open(path: &Path, sockets: Vec<Socket>) -> io::Result<Self> {
        // Made beside it and renamed, so that there is a door at any time.
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{}", std::process::id()));
        let partial = Path::new(&partial);
        let _left_over = std::fs::remove_file(partial);
        let listener = UnixListener::bind(partial)?;
        std::fs::set_permissions(partial, std::fs::Permissions::from_mode(0o600))?;
        std::fs::rename(partial, path)?;
        Ok(Self {
            listener,
            sockets: Arc::new(sockets),
        })
    }

    /// Waits until a successor has the sockets and serves.
    pub async fn taken(&self) -> Successor {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => match self.hand_over(stream).await {
                    Ok(successor) => return successor,
                    Err(reason) => {
                        tracing::error!(%reason, "a successor did not take over; this process goes on");
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "the upgrade socket failed");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn hand_over(&self, stream: UnixStream) -> io::Result<Successor> {
        let peer = stream.peer_cred()?;
        if peer.uid() != rustix::process::getuid().as_raw() {
            return Err(io::Error::other("it belongs to another user"));
        }
        let sockets = Arc::clone(&self.sockets);
        let stream = stream.into_std()?;
        let exchange = move || {
            stream.set_nonblocking(false)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            wire::send(&stream, &sockets)?;
            let mut said = [0; READY.len()];
            (&stream).read_exact(&mut said)?;
            if said == READY {
                Ok(())
            } else {
                Err(io::Error::other("it said something else than that it is ready"))
            }
        };
        tokio::task::spawn_blocking(exchange)
            .await
            .map_err(io::Error::other)??;
        Ok(Successor { process: peer.pid() })
    }
}
