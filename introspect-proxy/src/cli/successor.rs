//! Starts the next process on SIGUSR2, and tells systemd which process is the service now (sd_notify(3)).
//! It refuses to start one that could not take the sockets over.

use crate::handover::Successor;
use sd_notify::NotifyState;
use std::process::Command;

/// Starts this program again, with its own arguments, from the file that is there now.
pub fn launch(can_hand_over: bool) {
    if !can_hand_over {
        tracing::error!("no upgrade: runtime.upgrade_socket is not set");
        return;
    }
    let mut arguments = std::env::args_os();
    let Some(program) = arguments.next() else {
        tracing::error!("no upgrade: this process does not know its own program");
        return;
    };
    match Command::new(program).args(arguments).spawn() {
        Ok(mut child) => {
            tracing::info!(process = child.id(), "successor started");
            // It outlives this process when all goes well; one that ends early says why in its own log.
            std::thread::spawn(move || {
                let status = child.wait();
                tracing::error!(?status, "the successor ended");
            });
        }
        Err(error) => tracing::error!(%error, "no upgrade: the program does not start"),
    }
}

/// Tells systemd which process is the service from now on.
pub fn name_to_system(successor: Successor) {
    if let Some(process) = successor.process.and_then(|process| u32::try_from(process).ok()) {
        tell_system(&[NotifyState::MainPid(process)]);
    }
}

/// Tells systemd something; without systemd nothing happens.
pub fn tell_system(what: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(what) {
        tracing::warn!(%error, "systemd was not told");
    }
}
