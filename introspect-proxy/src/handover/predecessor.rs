//! The new process's side: asks the running one for its sockets, and tells it when to leave.
//! It refuses sockets for other addresses than it was configured for.

use super::wire::{self, READY};
use super::{Label, Socket};
use std::io::{self, ErrorKind, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// A process that serves now and will leave.
pub struct Predecessor {
    stream: UnixStream,
    sockets: Vec<Socket>,
}

impl Predecessor {
    /// Asks at `path`; `None` when no process serves there. Blocks.
    ///
    /// # Errors
    /// When a process is there but does not hand over.
    pub fn find(path: &Path) -> io::Result<Option<Self>> {
        let stream = match UnixStream::connect(path) {
            Ok(stream) => stream,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let sockets = wire::receive(&stream)?;
        Ok(Some(Self { stream, sockets }))
    }

    /// The socket with this label, once.
    pub fn claim(&mut self, label: &Label) -> Option<TcpListener> {
        let at = self.sockets.iter().position(|socket| socket.label == *label)?;
        Some(TcpListener::from(self.sockets.swap_remove(at).descriptor))
    }

    /// Says that this process serves now; the other one leaves.
    ///
    /// # Errors
    /// When the other process is gone or does not listen.
    pub fn take_over(mut self) -> io::Result<()> {
        self.stream.write_all(READY)
    }
}
