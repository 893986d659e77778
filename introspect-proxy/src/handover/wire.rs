//! The one message of a handover: labels as JSON, sockets beside them (`SCM_RIGHTS`, unix(7)).
//! It refuses messages of another form, and more sockets than labels or the reverse.

use super::{Label, Socket};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// Sockets in one handover; the kernel takes 253.
pub const MAX_SOCKETS: usize = 64;
const MAX_LABELS: usize = 16 * 1024;
const VERSION: u32 = 1;
/// What the successor says when it serves.
pub const READY: &[u8] = b"ready\n";

#[derive(serde::Deserialize, serde::Serialize)]
struct Message {
    version: u32,
    sockets: Vec<Label>,
}

/// Sends the sockets.
pub fn send(stream: &UnixStream, sockets: &[Socket]) -> io::Result<()> {
    let message = Message {
        version: VERSION,
        sockets: sockets.iter().map(|socket| socket.label.clone()).collect(),
    };
    let labels = serde_json::to_vec(&message)?;
    if sockets.len() > MAX_SOCKETS || labels.len() > MAX_LABELS {
        return Err(io::Error::other("too many listeners to hand over"));
    }
    let descriptors: Vec<_> = sockets.iter().map(|socket| socket.descriptor.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    }
    let sent = sendmsg(
        stream,
        &[IoSlice::new(&labels)],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    )?;
    if sent == labels.len() {
        Ok(())
    } else {
        Err(io::Error::other("the labels did not go out in one piece"))
    }
}

/// Receives the sockets.
pub fn receive(stream: &UnixStream) -> io::Result<Vec<Socket>> {
    let mut labels = vec![0; MAX_LABELS];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_SOCKETS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        stream,
        &mut [IoSliceMut::new(&mut labels)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let descriptors: Vec<OwnedFd> = ancillary
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten()
        .collect();
    let message: Message = serde_json::from_slice(&labels[..received.bytes])?;
    if message.version != VERSION || message.sockets.len() != descriptors.len() {
        return Err(io::Error::other("the running process hands over in another way"));
    }
    let pairs = message.sockets.into_iter().zip(descriptors);
    Ok(pairs
        .map(|(label, descriptor)| Socket { label, descriptor })
        .collect())
}
