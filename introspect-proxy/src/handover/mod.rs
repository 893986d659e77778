//! Hands listening sockets from one process to its successor, so that a new binary refuses no connection.
//! It refuses processes of other users, and to leave before the successor says that it is ready.

mod offer;
mod predecessor;
mod wire;

pub use offer::{Offer, Successor};
pub use predecessor::Predecessor;

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

/// One listening socket on its way.
pub struct Socket {
    /// Whose it is.
    pub label: Label,
    /// The socket.
    pub descriptor: OwnedFd,
}

/// How both sides know a socket.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Label {
    /// Name of the listener; `admin` is the admin listener.
    pub name: String,
    /// The address that the configuration asks for, where port 0 means any.
    pub asked: SocketAddr,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::OwnedFd;
    use std::path::PathBuf;

    fn socket(name: &str) -> (TcpListener, Socket) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let descriptor = OwnedFd::from(listener.try_clone().unwrap());
        let label = Label {
            name: name.to_owned(),
            asked: "127.0.0.1:0".parse().unwrap(),
        };
        (listener, Socket { label, descriptor })
    }

    fn path(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("upgrade.sock")
    }

    #[tokio::test]
    async fn a_successor_gets_the_same_socket_and_then_the_offer_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (listener, offered) = socket("public");
        let address = listener.local_addr().unwrap();
        let label = offered.label.clone();
        let offer = Offer::open(&path(&folder), vec![offered]).unwrap();
        drop(listener);
        let at = path(&folder);
        let takes = tokio::task::spawn_blocking(move || {
            let mut predecessor = Predecessor::find(&at).unwrap().unwrap();
            let mine = predecessor.claim(&label).unwrap();
            assert!(predecessor.claim(&label).is_none(), "a socket is given once");
            predecessor.take_over().unwrap();
            mine
        });
        let successor = offer.taken().await;
        assert_eq!(successor.process, Some(std::process::id().cast_signed()));
        drop(offer);
        let mine = takes.await.unwrap();
        let client = TcpStream::connect(address).unwrap();
        assert_eq!(mine.accept().unwrap().1, client.local_addr().unwrap());
    }

    #[tokio::test]
    async fn a_successor_that_gives_up_leaves_the_offer_standing() {
        let folder = tempfile::tempdir().unwrap();
        let (_listener, offered) = socket("public");
        let offer = Offer::open(&path(&folder), vec![offered]).unwrap();
        let at = path(&folder);
        let tries = tokio::task::spawn_blocking(move || {
            drop(Predecessor::find(&at).unwrap().unwrap());
            Predecessor::find(&at).unwrap().unwrap().take_over().unwrap();
        });
        offer.taken().await;
        tries.await.unwrap();
    }

    #[test]
    fn nobody_there_and_a_left_over_file_are_no_predecessor() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Predecessor::find(&path(&folder)).unwrap().is_none());
        drop(std::os::unix::net::UnixListener::bind(path(&folder)).unwrap());
        assert!(Predecessor::find(&path(&folder)).unwrap().is_none());
    }

    #[tokio::test]
    async fn other_users_cannot_reach_it_and_a_new_offer_replaces_the_old() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let _old = Offer::open(&path(&folder), Vec::new()).unwrap();
        let new = Offer::open(&path(&folder), vec![socket("public").1]).unwrap();
        let mode = std::fs::metadata(path(&folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let at = path(&folder);
        let takes = tokio::task::spawn_blocking(move || {
            let mut predecessor = Predecessor::find(&at).unwrap().unwrap();
            let label = socket("public").1.label;
            assert!(predecessor.claim(&label).is_some());
            predecessor.take_over().unwrap();
        });
        new.taken().await;
        takes.await.unwrap();
    }
}
