//! The walk of the demo goes through.

#[test]
fn every_step_does_what_it_should() {
    let walk = std::process::Command::new(env!("CARGO_BIN_EXE_walk"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&walk.stdout);
    assert!(
        walk.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&walk.stderr)
    );
    assert!(said.ends_with("every step did what it should\n"), "{said}");
}
