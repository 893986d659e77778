//! The memory over a restart.

use std::fs;

use razorpay_sandbox::{Outcome, Sandbox, Settings, StartError};

use crate::stand::{KEY, NOW, SECRET, Stand};

#[tokio::test]
async fn what_happened_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    let start = || Stand::with(|settings| settings.state_file = Some(file.clone()));
    let stand = start();
    let (order, subscription) = (stand.order().await, stand.subscription().await);
    stand.control.pay_order(&order, "upi", Outcome::Success).unwrap();
    let authenticated = stand
        .control
        .authenticate_subscription(&subscription, "card", Outcome::Success);
    authenticated.unwrap();
    stand.control.advance(60);
    let before = stand.get("/v1/payments").await;
    stand.sandbox.shutdown();
    let stand = start();
    assert_eq!(stand.get("/v1/payments").await, before);
    assert_eq!(stand.get(&format!("/v1/orders/{order}")).await["status"], "paid");
    assert_eq!(stand.control.now(), NOW + 60);
    let another = stand.order().await;
    assert_ne!(another, order);
}

#[test]
fn a_file_that_makes_no_sense_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.json");
    fs::write(&file, "{").unwrap();
    let mut settings = Settings::new(([127, 0, 0, 1], 0).into(), KEY, SECRET);
    settings.state_file = Some(file.clone());
    let refused = Sandbox::start(settings).err();
    assert!(matches!(refused, Some(StartError::State(named, _)) if named == file));
}
