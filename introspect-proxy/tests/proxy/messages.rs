//! What the proxy says when it was set up wrongly: whoever reads it at night must know what to mend.
//! No network here, but for a port that nobody listens on.

use introspect_proxy::authority::{Authority, AuthorityError};
use introspect_proxy::config::parse;
use reqwest::StatusCode;
use std::io::Write;
use std::process::Command;

const MINIMAL: &str = r#"
listeners = [{ name = "public", listen = "127.0.0.1:0" }]
admin = { listen = "127.0.0.1:0" }
[authorization_server]
issuer = "http://127.0.0.1:1"
client_id = "edge"
client_secret = "0123456789abcdef"
"#;

/// What the program says on standard error, and its exit code.
fn said(text: &str, arguments: &[&str]) -> (String, Option<i32>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_introspect-proxy"));
    let output = command
        .arg("--config")
        .arg(file.path())
        .args(arguments)
        .output()
        .unwrap();
    let name = file.path().display().to_string();
    let said = String::from_utf8(output.stderr).unwrap();
    (said.replace(&name, "proxy.toml"), output.status.code())
}

#[test]
fn the_file_and_every_key_are_named() {
    let upstream = "[[upstreams]]\nname = \"a\"\naddresses = [\"http://127.0.0.1:9000\"]\ntls = { ca_file = \"gone.pem\" }\n";
    assert_eq!(
        said(
            &format!("{MINIMAL}{upstream}[log]\nfilter = \"a=b=c\"\n"),
            &["check"]
        ),
        (
            "introspect-proxy: proxy.toml cannot be used:\n  \
             upstreams.a.addresses: `http://127.0.0.1:9000` is not host:port, such as 127.0.0.1:9000\n  \
             upstreams.a.tls.ca_file: cannot read gone.pem: No such file or directory (os error 2)\n  \
             log.filter: must be a level or module=level pairs, such as info,introspect_proxy=debug\n"
                .to_owned(),
            Some(1)
        )
    );
}

#[test]
fn a_line_that_is_no_toml_is_named_by_its_number() {
    let (said, code) = said(
        "[admin]\nlisten = \"127.0.0.1:0\"\n[[routes\n",
        &["config", "print"],
    );
    assert!(
        said.starts_with("introspect-proxy: proxy.toml cannot be used:\n  line 3: ") && code == Some(1),
        "{said}"
    );
}

#[test]
fn a_file_that_is_not_there_and_arguments_that_are_wrong_are_told() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_introspect-proxy"));
        let output = command.args(arguments).output().unwrap();
        (String::from_utf8(output.stderr).unwrap(), output.status.code())
    };
    let (said, code) = run(&["-c", "/gone.toml"]);
    assert!(
        said.contains("cannot read /gone.toml") && said.contains("--config") && code == Some(1),
        "{said}"
    );
    assert_eq!(run(&["chekc"]).1, Some(2));
}

#[test]
fn an_address_that_two_listeners_have_is_told_before_the_start() {
    let twice = "listeners = [{ name = \"one\", listen = \"127.0.0.1:8443\" }, { name = \"two\", listen = \"127.0.0.1:8443\" }]";
    let text = MINIMAL.replace(
        "listeners = [{ name = \"public\", listen = \"127.0.0.1:0\" }]",
        twice,
    );
    let (told, code) = said(&text, &["check"]);
    assert!(
        told.contains("listeners.two.listen: 127.0.0.1:8443 is taken by listeners.one") && code == Some(1),
        "{told}"
    );
    let admin = MINIMAL
        .replace("listen = \"127.0.0.1:0\" }]", "listen = \"127.0.0.1:9091\" }]")
        .replace(
            "admin = { listen = \"127.0.0.1:0\"",
            "admin = { listen = \"127.0.0.1:9091\"",
        );
    let (told, _) = said(&admin, &["check"]);
    assert!(told.contains("is taken by admin"), "{told}");
}

/// As other servers do with `-t`: a certificate that would keep the proxy from starting is found beforehand.
#[test]
fn certificates_that_cannot_be_used_are_told_in_words_with_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    let made = || rcgen::generate_simple_self_signed(["site.example".to_owned()]).unwrap();
    let (one, other) = (made(), made());
    file("one.pem", one.cert.pem());
    file("one.key", one.signing_key.serialize_pem());
    file("other.key", other.signing_key.serialize_pem());
    let place = folder.path().display().to_string();
    for (certificate, key, told) in [
        ("one.pem", "one.key", ""),
        ("one.pem", "other.key", "other.key is not the key of DIR/one.pem"),
        ("one.pem", "one.pem", "one.pem does not hold a private key"),
        ("one.key", "one.key", "one.key does not hold a certificate in PEM"),
    ] {
        let tls = format!(
            "listen = \"127.0.0.1:0\", tls = {{ certificate_file = \"{place}/{certificate}\", key_file = \"{place}/{key}\" }} }}]"
        );
        let text = MINIMAL.replace("listen = \"127.0.0.1:0\" }]", &tls);
        for command in ["check", "serve"] {
            if (command, told) == ("serve", "") {
                continue;
            }
            let (found, code) = said(&text, &[command]);
            assert_eq!(code, Some(i32::from(!told.is_empty())), "{found}");
            let found = found.replace(&place, "DIR");
            assert!(
                found.contains(told) && (told.is_empty() || found.contains("listeners.public.tls: ")),
                "{command}: {found}"
            );
        }
    }
}

#[test]
fn a_port_that_is_taken_is_told_with_its_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (key, part) in [
        ("name = \"public\", listen = \"127.0.0.1:0\"", "listeners.public"),
        ("admin = { listen = \"127.0.0.1:0\"", "admin.listen"),
    ] {
        let text = MINIMAL.replace(key, &key.replace("127.0.0.1:0", &address));
        let (said, code) = said(&text, &["serve"]);
        assert!(
            said.contains(part) && said.contains(&address) && code == Some(1),
            "{said}"
        );
    }
}

#[test]
fn a_server_that_refuses_us_is_told_with_what_to_look_at() {
    introspect_proxy::install_crypto();
    let settings = parse(MINIMAL).unwrap().authorization_server;
    let authority = Authority::new(&settings).unwrap();
    for (status, hint) in [
        (StatusCode::UNAUTHORIZED, "clients rotate-secret edge"),
        (StatusCode::BAD_REQUEST, "`proxy = true`"),
    ] {
        let told = authority.tell(&AuthorityError::Status(status));
        assert!(told.contains("`edge`") && told.contains(hint), "{told}");
        assert!(!told.contains("0123456789abcdef"), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_its_address() {
    introspect_proxy::install_crypto();
    let settings = parse(MINIMAL).unwrap().authorization_server;
    let authority = Authority::new(&settings).unwrap();
    let error = authority.discover().await.err().unwrap();
    let told = authority.tell(&error);
    assert!(
        told.contains("http://127.0.0.1:1") && told.contains("authorization_server.issuer"),
        "{told}"
    );
}
