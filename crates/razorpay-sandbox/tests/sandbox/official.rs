//! The official clients from npm and PyPI, with nothing of ours between them and the sandbox.
//! They judge its signatures with their own functions.

use std::path::Path;
use std::process::Command;

use crate::stand::{KEY, SECRET, Stand, WEBHOOK_SECRET};

/// The clients wait in their own programs, so this may block: the sandbox has a thread of its own.
fn walks(program: &str, script: &str) {
    let stand = Stand::with(|settings| {
        // The mandates of these programs end in the year 2096.
        settings.frozen_at = Some(4_000_000_000 - 400 * 86_400);
    });
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = if program.contains('/') {
        root.join(program)
    } else {
        program.into()
    };
    let run = Command::new(program)
        .arg(root.join("conformance/clients").join(script))
        .env("BASE_URL", stand.sandbox.url())
        .env("KEY_ID", KEY)
        .env("KEY_SECRET", SECRET)
        .env("WEBHOOK_SECRET", WEBHOOK_SECRET)
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{script}:\n{said}");
}

#[test]
fn the_official_client_for_node_walks_every_route() {
    walks("node", "node/razorpay.mjs");
}

#[test]
fn the_official_client_for_python_walks_every_route() {
    walks(".tools/python/bin/python", "python/razorpay_client.py");
}
