//! The program itself: started, asked, stopped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_authz-server");

fn command(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .current_dir(folder)
        .env_clear()
        .env("AUTHZ_SERVER__LISTEN", "127.0.0.1:0")
        .env("AUTHZ_ADMIN__LISTEN", "127.0.0.1:0");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

struct Running {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Running {
    /// Starts it and reads its log until it says that it listens.
    fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut running = Self { child, log };
        running.read_until("listening");
        running
    }

    fn read_until(&mut self, word: &str) {
        let mut seen = String::new();
        while !seen.contains(word) {
            assert_ne!(
                self.log.read_line(&mut seen).unwrap(),
                0,
                "ended before {word:?}: {seen}"
            );
        }
    }

    fn signal(&self, name: &str) {
        assert!(
            Command::new("kill")
                .args([name, &self.child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn port_line<'a>(ports: &'a str, name: &str) -> &'a str {
    ports
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .unwrap()
}

/// What `docs/observability` wants of this program; its tests see to the proxy's figures.
fn figures_of_the_dashboard_and_the_alerts() -> impl Iterator<Item = &'static str> {
    let dashboard = include_str!("../../docs/observability/dashboard.json");
    let alerts = include_str!("../../docs/observability/alerts.yml");
    let words = [dashboard, alerts]
        .into_iter()
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    words.filter(|word| {
        let ours = ["http_requests_", "http_request_", "process_", "authz_"];
        ours.iter().any(|prefix| word.starts_with(prefix))
    })
}

/// A09: metrics are on the admin listener only. A08: the public readiness has no details.
#[tokio::test]
async fn it_tells_its_ports_answers_there_and_ends_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path());
    command.args(["serve", "--port-file", "ports"]);
    // Nobody is there; that is a figure, too.
    command.env("AUTHZ_SHARED_LIMITS__URL", "redis://127.0.0.1:1");
    command.env("AUTHZ_SHARED_LIMITS__REPLICAS", "1");
    let mut running = Running::start(command);
    let ports = fs::read_to_string(folder.path().join("ports")).unwrap();
    let (public, admin) = (port_line(&ports, "public"), port_line(&ports, "admin"));

    let get = async |url: String| {
        let answer = reqwest::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get(format!("http://{public}/healthz")).await.0, 200);
    assert_eq!(
        get(format!("http://{public}/readyz")).await,
        (200, r#"{"status":"ready"}"#.to_owned())
    );
    assert!(
        get(format!("http://{admin}/readyz"))
            .await
            .1
            .contains(r#""database":"ok""#)
    );
    assert_eq!(get(format!("http://{public}/metrics")).await.0, 404);
    let metrics = get(format!("http://{admin}/metrics")).await.1;
    for figure in [
        "process_resident_memory_bytes",
        "authz_build_info",
        r#"route="/healthz""#,
    ] {
        assert!(metrics.contains(figure), "{figure} in {metrics}");
    }
    for figure in figures_of_the_dashboard_and_the_alerts() {
        assert!(metrics.contains(figure), "{figure} in {metrics}");
    }

    running.signal("-TERM");
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn it_makes_a_private_data_folder_and_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let _running = Running::start(command(folder.path()));
    let mode = |path: &str| {
        fs::metadata(folder.path().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!((mode("data"), mode("data/authz.sqlite")), (0o700, 0o600));
}

/// A07
#[test]
fn it_refuses_to_start_with_every_reason() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("authz.toml");
    fs::write(
        &config,
        "[server]\nissuer = 'http://login.example.com'\n[tokens]\nrefresh_grace = '2m'\n",
    )
    .unwrap();
    let refused = run(folder.path(), &["--config", "authz.toml"]);
    let reasons = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        reasons.contains("server.issuer: ") && reasons.contains("tokens.refresh_grace: "),
        "{reasons}"
    );
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn an_address_in_use_is_named_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = command(folder.path());
    let refused = command
        .env("AUTHZ_ADMIN__LISTEN", taken.local_addr().unwrap().to_string())
        .output()
        .unwrap();
    assert!(
        String::from_utf8(refused.stderr)
            .unwrap()
            .contains("admin.listen")
    );
}

#[test]
fn a_hangup_reloads_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.path().join("certificate.pem"), made.cert.pem()).unwrap();
    fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    assert!(
        Command::new("chmod")
            .arg("600")
            .arg(folder.path().join("key.pem"))
            .status()
            .unwrap()
            .success()
    );
    let mut command = command(folder.path());
    command.env(
        "AUTHZ_SERVER__TLS",
        "{ certificate_file = 'certificate.pem', key_file = 'key.pem' }",
    );
    let mut running = Running::start(command);
    running.signal("-HUP");
    running.read_until("certificate reloaded");
}

#[test]
fn it_logs_json_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path());
    let mut child = command
        .env("AUTHZ_LOG__FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = child.stderr.take().unwrap();
    let mut byte = [0];
    log.read_exact(&mut byte).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(&byte, b"{");
}

#[test]
fn its_commands_say_what_they_did() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str], code: i32| {
        let output = run(folder.path(), arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(said(&["--help"], 0).contains("Without a command it serves"));
    assert!(said(&["config", "check"], 0).contains("usable"));
    assert!(said(&["config", "print"], 0).contains("listen = \"127.0.0.1:0\" # AUTHZ_SERVER__LISTEN"));
    let before = said(&["doctor"], 0);
    assert!(before.contains("fine      database"), "{before}");
    assert!(!folder.path().join("data").exists(), "the doctor makes nothing");
    assert!(said(&["migrate"], 0).contains("schema version"));
    assert!(said(&["doctor"], 0).contains("it opens and answers"));
    said(&["no-such-command"], 2);
}

#[test]
fn the_doctor_names_what_is_wrong_and_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("data"), "not a folder").unwrap();
    let output = run(folder.path(), &["doctor"]);
    let report = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        report.contains("wrong     data folder") && report.contains("server.data_dir"),
        "{report}"
    );
}

fn complaint(output: Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

/// A02: a lost master key is not silently replaced by one that opens nothing.
#[test]
fn master_keys_that_are_gone_are_told_and_no_other_is_made() {
    let folder = tempfile::tempdir().unwrap();
    drop(Running::start(command(folder.path())));
    let keys = folder.path().join("data/master.keys");
    fs::remove_file(&keys).unwrap();
    for arguments in [&["serve"][..], &["clients", "list"][..]] {
        let said = complaint(run(folder.path(), arguments));
        assert!(said.contains("master.keys is gone"), "{arguments:?}: {said}");
        assert!(!keys.exists(), "{arguments:?} made another");
    }
    let doctor = run(folder.path(), &["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    let report = String::from_utf8(doctor.stdout).unwrap();
    assert!(report.contains("master.keys is gone"), "{report}");
}

/// A02
#[test]
fn a_database_that_does_not_answer_is_told_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path());
    command.env("AUTHZ_DATABASE__URL", "postgres://authz:canary@127.0.0.1:1/authz");
    let said = complaint(command.output().unwrap());
    assert!(
        said.contains("postgres://authz@127.0.0.1:1/authz (database.url)") && said.contains("doctor"),
        "{said}"
    );
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let keys = [
        "clients",
        "create",
        "a",
        "--name",
        "A",
        "--jwks-file",
        "gone.jwks",
    ];
    for (arguments, name) in [
        (&["audit", "verify", "--file", "gone.ndjson"][..], "gone.ndjson"),
        (&keys[..], "gone.jwks"),
        (&["--port-file", "gone/ports"][..], "gone/ports"),
        (&["--config", "gone.toml"][..], "gone.toml"),
    ] {
        let said = complaint(run(folder.path(), arguments));
        assert!(said.contains(name), "{arguments:?}: {said}");
    }
}
