//! The commands that manage users, clients and keys, as an operator types them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::ffi::OsString;
use std::process::ExitCode;

struct Shell {
    folder: tempfile::TempDir,
}

impl Shell {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs a command on this folder's data; what it printed, or what it complained about.
    fn run(&self, words: &[&str]) -> Result<String, String> {
        let args = std::iter::once("authz-server")
            .chain(words.iter().copied())
            .map(OsString::from);
        let data = self.folder.path().to_str().unwrap().to_owned();
        let variables = [("AUTHZ_SERVER__DATA_DIR".to_owned(), data)];
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = authz_server::cli::run(args, variables, &mut out, &mut err);
        if code == ExitCode::SUCCESS {
            Ok(String::from_utf8(out).unwrap())
        } else {
            Err(String::from_utf8(err).unwrap())
        }
    }
}

#[test]
fn an_administrator_is_made_listed_disabled_and_enabled() {
    let shell = Shell::new();
    let made = shell
        .run(&[
            "users",
            "create",
            "--admin",
            "--email",
            "Root@Example.org",
            "--username",
            "root",
        ])
        .unwrap();
    assert!(
        made.contains("root@example.org") && made.contains("password (shown this once): "),
        "{made}"
    );
    assert!(
        shell
            .run(&["users", "create", "--email", "root@example.org"])
            .unwrap_err()
            .contains("--email")
    );
    assert!(
        shell
            .run(&["users", "disable", "root"])
            .unwrap_err()
            .contains("nobody else administers")
    );
    let second = ["users", "create", "--admin", "--email", "second@example.org"];
    shell.run(&second).unwrap();
    assert!(
        shell
            .run(&["users", "disable", "root"])
            .unwrap()
            .contains("disabled")
    );
    assert!(shell.run(&["users", "list", "ROO"]).unwrap().contains("disabled"));
    assert!(
        !shell
            .run(&["users", "list", "second"])
            .unwrap()
            .contains("disabled")
    );
    assert!(
        shell
            .run(&["users", "enable", "root@example.org"])
            .unwrap()
            .contains("enabled")
    );
    assert!(
        shell
            .run(&["users", "disable", "nobody"])
            .unwrap_err()
            .contains("no such user")
    );
}

#[test]
fn a_client_lives_and_its_id_is_never_used_again() {
    let shell = Shell::new();
    let create = [
        "clients",
        "create",
        "shop",
        "--name",
        "Shop",
        "--redirect-uri",
        "https://shop.example/cb",
    ];
    let made = shell.run(&create).unwrap();
    assert!(made.contains("client_secret (shown this once): az_cs_"), "{made}");
    assert!(shell.run(&["clients", "list"]).unwrap().contains("shop"));
    let shown = shell.run(&["clients", "show", "shop"]).unwrap();
    assert!(
        shown.contains("https://shop.example/cb") && !shown.contains("az_cs_"),
        "{shown}"
    );
    let rotated = shell.run(&["clients", "rotate-secret", "shop"]).unwrap();
    assert_ne!(made.split("az_cs_").nth(1), rotated.split("az_cs_").nth(1));
    assert!(
        shell
            .run(&["clients", "delete", "shop"])
            .unwrap_err()
            .contains("--yes")
    );
    shell.run(&["clients", "delete", "shop", "--yes"]).unwrap();
    assert!(!shell.run(&["clients", "list"]).unwrap().contains("shop"));
    assert!(shell.run(&create).unwrap_err().contains("existed"));
}

#[test]
fn unusable_clients_are_refused_with_every_reason() {
    let shell = Shell::new();
    let refused = shell.run(&[
        "clients",
        "create",
        "bad",
        "--name",
        "Bad",
        "--auth-method",
        "none",
        "--grant",
        "client_credentials",
        "--scopes",
        "undeclared",
        "--redirect-uri",
        "http://example.org/*",
    ]);
    let refused = refused.unwrap_err();
    for reason in ["undeclared", "http://example.org/*", "public client"] {
        assert!(refused.contains(reason), "{refused}");
    }
}

/// R9 (published ahead)
#[test]
fn a_rotated_key_is_published_before_it_signs() {
    let shell = Shell::new();
    shell
        .run(&["keys", "rotate", "--now", "--algorithm", "ES256"])
        .unwrap();
    let before = shell.run(&["keys", "list"]).unwrap();
    assert!(before.contains("active since"), "{before}");
    shell.run(&["keys", "rotate", "--algorithm", "ES256"]).unwrap();
    let after = shell.run(&["keys", "list"]).unwrap();
    assert!(
        after.contains("active since") && after.contains("next, signs from"),
        "{after}"
    );
}

#[test]
fn a_service_key_is_made_for_an_administrator_rotated_and_ended() {
    let shell = Shell::new();
    let account = |email| shell.run(&["users", "create", "--email", email]).unwrap();
    shell
        .run(&["users", "create", "--admin", "--email", "root@example.org"])
        .unwrap();
    account("ada@example.org");
    let create = |owner| {
        let words = ["service-keys", "create", "--owner", owner, "--name", "deploy"];
        shell.run(&[words.as_slice(), &["--scopes", "builds:read,builds:write"]].concat())
    };
    assert!(create("ada@example.org").unwrap_err().contains("administrators"));
    let limited = |limit| {
        let words = [
            "service-keys",
            "create",
            "--owner",
            "root@example.org",
            "--name",
            "few",
        ];
        shell.run(
            &[
                words.as_slice(),
                &["--scopes", "builds:read", "--rate-limit", limit],
            ]
            .concat(),
        )
    };
    assert!(limited("0").is_err() && limited("10001").is_err());
    let few = limited("30").unwrap();
    let made = create("root@example.org").unwrap();
    assert!(create("root@example.org").unwrap_err().contains("has this name"));
    assert!(made.contains("key (shown this once): ch_svc_"), "{made}");
    let id = made.split_whitespace().next().unwrap();
    let owned = ["--owner", "root@example.org"];
    let rotated = shell.run(&[["service-keys", "rotate"].as_slice(), &owned, &[id]].concat());
    assert!(rotated.unwrap().contains("deploy"));
    let revoke = || shell.run(&[["service-keys", "revoke"].as_slice(), &owned, &[id]].concat());
    assert!(revoke().unwrap().contains("is ended"));
    assert!(revoke().unwrap_err().contains("no live key"));
    let left = shell
        .run(&[["service-keys", "list"].as_slice(), &owned].concat())
        .unwrap();
    assert_eq!(left.lines().count(), 2, "{left}");
    assert!(left.contains(few.split_whitespace().next().unwrap()));
}

#[test]
fn books_are_proven_and_nobody_is_credited_who_is_not_there() {
    let shell = Shell::new();
    let proven = shell.run(&["billing", "verify"]).unwrap();
    assert!(
        proven.contains("0 movements") && proven.contains("Everything adds up."),
        "{proven}"
    );
    let credit = |amount: &str, reason: &str| {
        let words = [
            "billing",
            "credit",
            "123456789012",
            amount,
            "--reason",
            reason,
            "--reference",
            "t-1",
        ];
        shell.run(&words).unwrap_err()
    };
    assert!(credit("100", "Goodwill").contains("there is no account"));
    assert!(credit("100", " ").contains("a reason is"));
    for amount in ["0", "1.5", "99999999999999999999"] {
        assert!(credit(amount, "Goodwill").contains("invalid value"), "{amount}");
    }
}
