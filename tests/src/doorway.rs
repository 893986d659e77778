//! An address that is known before what stands behind it: bytes go on to wherever it is led.
//! It changes nothing on the way, and waits until somebody has said where it leads.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Where a doorway leads.
#[derive(Clone, Debug)]
pub enum Behind {
    /// To a port.
    Port(SocketAddr),
    /// To a socket in the file system.
    Socket(PathBuf),
}

/// A listening address, closed when dropped.
pub struct Doorway {
    address: SocketAddr,
    behind: watch::Sender<Option<Behind>>,
    task: JoinHandle<()>,
}

impl Doorway {
    /// Opens it on a free loopback port.
    pub async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let behind = watch::Sender::new(None);
        let task = tokio::spawn(serve(listener, behind.subscribe()));
        Ok(Self {
            address,
            behind,
            task,
        })
    }

    /// The address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says where it leads.
    pub fn leads_to(&self, behind: Behind) {
        self.behind.send_replace(Some(behind));
    }
}

impl Drop for Doorway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, behind: watch::Receiver<Option<Behind>>) {
    while let Ok((visitor, _)) = listener.accept().await {
        tokio::spawn(pass(visitor, behind.clone()));
    }
}

/// A visitor whom nobody answers sees a closed connection.
async fn pass(mut visitor: TcpStream, mut behind: watch::Receiver<Option<Behind>>) -> Result<()> {
    let known = behind.wait_for(Option::is_some).await?.clone();
    match known {
        Some(Behind::Port(address)) => {
            let mut inner = TcpStream::connect(address).await?;
            copy_bidirectional(&mut visitor, &mut inner).await?;
        }
        Some(Behind::Socket(path)) => {
            let mut inner = UnixStream::connect(path).await?;
            copy_bidirectional(&mut visitor, &mut inner).await?;
        }
        None => {}
    }
    Ok(())
}
