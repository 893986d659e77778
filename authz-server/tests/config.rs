//! Configurations that start, and those that must not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use authz_server::config::{ConfigError, Loaded, Problem};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    fn load(&self, toml: &str, environment: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        let path = self.file("authz.toml", toml, 0o600);
        Loaded::read(
            Some(&path),
            environment
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
        )
    }

    fn problems(&self, toml: &str) -> Vec<Problem> {
        self.load(toml, &[])
            .err()
            .map(|error| error.problems)
            .unwrap_or_default()
    }
}

fn names(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.key.as_str()).collect()
}

#[test]
fn nothing_configured_is_usable() {
    assert!(Loaded::read(None, []).is_ok());
}

/// A07
#[test]
fn each_contradiction_names_its_key() {
    let folder = Folder::new();
    let client = |rest: &str| format!("[[clients]]\nid = 'app'\nname = 'App'\n{rest}");
    let razorpay = |more: &str| {
        let keys = "key_id = 'rzp_test_1'\nkey_secret = 'thisIsTheSecretOfTheKey24'";
        format!("[billing]\ngateway = 'razorpay'\n{keys}\n{more}")
    };
    let seller = |more: &str| {
        let place = "gstin = '29AAGCB7383J1Z4'\nstate_code = '29'";
        format!("[billing.seller]\nlegal_name = 'Lighthouse'\naddress = ['Bengaluru']\n{place}\n{more}")
    };
    assert_eq!(folder.problems(&seller("")), []);
    let provider = |rest: &str| format!("[[providers]]\nid = 'corp'\nname = 'Corp'\nclient_id = 'x'\n{rest}");
    let good_uri = "redirect_uris = ['https://app.test/cb']\n";
    let cases: Vec<(String, &str)> = vec![
        (
            "[tokens]\naccess_ttl = '2h'\nrefresh_ttl = '1h'".into(),
            "tokens.access_ttl",
        ),
        ("[tokens]\nrefresh_ttl = '91d'".into(), "tokens.refresh_ttl"),
        ("[tokens]\nrefresh_grace = '61s'".into(), "tokens.refresh_grace"),
        ("[tokens]\ncode_ttl = '11m'".into(), "tokens.code_ttl"),
        ("[sessions]\nidle_ttl = '31d'".into(), "sessions.idle_ttl"),
        ("[keys]\npublish_ahead = '30d'".into(), "keys.publish_ahead"),
        ("[keys]\nmaster_keys = ['nonsense']".into(), "keys.master_keys"),
        ("[passwords]\nmemory_kib = 1024".into(), "passwords.memory_kib"),
        (
            "[server]\nissuer = 'http://login.example.com'".into(),
            "server.issuer",
        ),
        ("[server]\nlisten = '0.0.0.0:8080'".into(), "server.issuer"),
        (
            "[server]\ntrusted_proxies = ['0.0.0.0/0']".into(),
            "server.trusted_proxies",
        ),
        ("[database]\nurl = 'mysql://x'".into(), "database.url"),
        ("[log]\nfilter = 'a=b=c'".into(), "log.filter"),
        ("[traces]\nratio = 1.5".into(), "traces.ratio"),
        (
            "[traces]\nendpoint = 'http://me:secret@127.0.0.1:4318/v1/traces'".into(),
            "traces.endpoint",
        ),
        ("[github]\nclient_id = 'x'".into(), "github.client_secret"),
        (
            "[github]\nclient_id = 'x'\nclient_secret = 's'\nweb_url = 'http://github.example'".into(),
            "github.web_url",
        ),
        (
            "[github]\nclient_id = 'x'\nclient_secret = 's'\napi_url = 'https://a@github.example'".into(),
            "github.api_url",
        ),
        (
            "[github_app]\napp_id = 7\nslug = 'lighthouse'".into(),
            "github_app",
        ),
        (
            "[github]\nclient_id = 'x'\nclient_secret = 's'\n\
             [github_app]\napp_id = 7\nslug = 'a'\nprivate_key = 'nonsense'"
                .into(),
            "github_app.private_key",
        ),
        (
            "[console]\nfront_end = 'http://console.example'".into(),
            "console.front_end",
        ),
        (
            "[console]\nfront_end = 'https://console.example/#x'".into(),
            "console.front_end",
        ),
        (
            provider("issuer = 'http://login.example'"),
            "providers.corp.issuer",
        ),
        (
            provider("issuer = 'https://login.example?x'"),
            "providers.corp.issuer",
        ),
        (
            provider("issuer = 'https://login.example'\nallowed_domains = ['a@b']"),
            "providers.corp.allowed_domains",
        ),
        (
            provider("issuer = 'https://login.example'").replace("corp", "github"),
            "providers.github",
        ),
        (
            provider("issuer = 'https://login.example'").replace("corp", "Corp"),
            "providers.Corp",
        ),
        (
            format!("{0}\n{0}", provider("issuer = 'https://login.example'")),
            "providers.corp",
        ),
        ("[brand]\naccent = 'red;}'".into(), "brand.accent"),
        ("[billing]\ncurrency = 'inr'".into(), "billing.currency"),
        (
            "[billing]\ntopup_min = 500\ntopup_max = 499".into(),
            "billing.topup_max",
        ),
        ("[billing]\noverdraft = -1".into(), "billing.overdraft"),
        (seller("").replace("1Z4", "1Z5"), "billing.seller.gstin"),
        (seller("").replace("= '29'", "= '27'"), "billing.seller.gstin"),
        (
            seller("").replace("= '29'", "= '96'"),
            "billing.seller.state_code",
        ),
        (
            seller("").replace("['Bengaluru']", "[]"),
            "billing.seller.address",
        ),
        (
            seller("").replace("Lighthouse", "two  blanks"),
            "billing.seller.legal_name",
        ),
        (seller("rate = 101"), "billing.seller.rate"),
        (seller("sac = '99831X'"), "billing.seller.sac"),
        (seller("invoice_prefix = 'LONG'"), "billing.seller.invoice_prefix"),
        (
            seller("credit_note_prefix = 'INV'"),
            "billing.seller.credit_note_prefix",
        ),
        (
            format!("[billing]\ncurrency = 'USD'\n{}", seller("")),
            "billing.seller",
        ),
        (
            razorpay("webhook_secrets = ['q7Jt0uY5cVb2nW9xZr4LmKd8']").replace("key_id = 'rzp_test_1'\n", ""),
            "billing.key_id",
        ),
        ("[billing]\nkey_secret = 'x'".into(), "billing.key_secret"),
        (razorpay("webhook_secrets = []"), "billing.webhook_secrets"),
        (
            razorpay("webhook_secrets = ['changeme']"),
            "billing.webhook_secrets",
        ),
        (
            razorpay("webhook_secrets = ['thisIsTheSecretOfTheKey24']"),
            "billing.webhook_secrets",
        ),
        (
            razorpay("webhook_secrets = ['q7Jt0uY5cVb2nW9xZr4LmKd8']\nbase_url = 'http://api.example'"),
            "billing.base_url",
        ),
        (
            "[server]\nissuer = 'https://id.example'\n[billing]\ngateway = 'sandbox'".into(),
            "billing.gateway",
        ),
        (client(""), "clients.app"),
        (
            client("redirect_uris = ['http://app.test/cb']"),
            "clients.app.redirect_uris",
        ),
        (client(&format!("{good_uri}scopes = ['nope']")), "clients.app"),
        (
            client(&format!("{good_uri}resources = ['https://nope.test']")),
            "clients.app",
        ),
        (
            client(&format!("{good_uri}secret = 'changeme'")),
            "clients.app.secret",
        ),
        (
            client(&format!("{good_uri}auth_method = 'client_secret_post'")),
            "clients.app",
        ),
        (
            client(&format!("{good_uri}auth_method = 'private_key_jwt'")),
            "clients.app",
        ),
        (client(&format!("{good_uri}proxy = true")), "clients.app"),
        (
            client(&format!(
                "{good_uri}jwks = {{ keys = [{{ kty = 'EC', d = 'x' }}] }}"
            )),
            "clients.app.jwks",
        ),
        (format!("{0}\n{0}", client(good_uri)), "clients.app"),
        ("[[scopes]]\nname = 'a b'\ndescription = 'x'".into(), "scopes.a b"),
        (
            "[[scopes]]\nname = 'a'\ndescription = 'x'\n[[scopes]]\nname = 'a'\ndescription = 'y'".into(),
            "scopes.a",
        ),
        (
            "[[resources]]\naudience = 'nope'\nname = 'x'".into(),
            "resources.nope",
        ),
    ];
    for (toml, key) in cases {
        assert_eq!(names(&folder.problems(&toml)), [key], "{toml}");
    }
}

#[test]
fn a_shared_store_needs_one_address_and_a_number_of_replicas() {
    let folder = Folder::new();
    let with = |lines: &str| format!("[shared_limits]\n{lines}");
    let file = folder.file("url", "redis://:canary@127.0.0.1\n", 0o600);
    let read = folder.load(&with(&format!("url_file = {file:?}\nreplicas = 2")), &[]);
    let mut printed = Vec::new();
    read.ok().unwrap().print(&mut printed).unwrap();
    assert!(!String::from_utf8(printed).unwrap().contains("canary"));
    for (lines, key) in [
        ("replicas = 2", "url"),
        ("url = 'http://canary'\nreplicas = 2", "url"),
        ("url = 'redis://a'\nreplicas = 0", "replicas"),
        ("url = 'redis://a'\nreplicas = 1\ntimeout = '1m'", "timeout"),
        ("url = 'redis://a'\nreplicas = 1\nprefix = 'a b'", "prefix"),
        ("url = 'redis://a'\nreplicas = 1\nca_file = '/none'", "ca_file"),
    ] {
        let problems = folder.problems(&with(lines));
        assert_eq!(names(&problems), [format!("shared_limits.{key}")], "{lines}");
        assert!(!problems[0].reason.contains("canary"), "{problems:?}");
    }
    let both = format!("url = 'redis://a'\nurl_file = {file:?}\nreplicas = 2");
    assert_eq!(names(&folder.problems(&with(&both))), ["shared_limits.url_file"]);
}

/// A07
#[test]
fn unknown_and_duplicate_keys_are_refused() {
    let folder = Folder::new();
    let problems = folder
        .problems("[server]\nlisten_on = '1'\n[brnad]\nname = 'x'\n[[clients]]\nid='a'\nname='b'\nsecrt='c'");
    assert_eq!(names(&problems), ["brnad", "clients.a.secrt", "server.listen_on"]);
    assert_eq!(
        folder
            .problems("[server]\nprofile = 'oidc'\nprofile = 'oidc'")
            .len(),
        1
    );
    assert_eq!(folder.problems("[server]\n[server]").len(), 1);
}

#[test]
fn a_slip_is_told_with_what_was_meant_and_a_wrong_type_with_what_is_expected() {
    let toml = "[server]\nlistn = '127.0.0.1:0'\n[queue]";
    let told: Vec<_> = Folder::new()
        .problems(toml)
        .into_iter()
        .map(|one| one.reason)
        .collect();
    assert!(told[0].starts_with("is not a setting; there are "), "{told:?}");
    assert_eq!(told[1], "is not a setting; did you mean `listen`?");
    let toml = "[server]\nlisten = 'localhost'\n[tokens]\naccess_ttl = 15\n[log]\nformat = 'xml'\n[[clients]]\nid = 'shop'\nname = 7";
    let told: Vec<_> = Folder::new()
        .problems(toml)
        .into_iter()
        .map(|one| format!("{}: {}", one.key, one.reason))
        .collect();
    assert_eq!(
        told,
        [
            "clients.shop.name: must be text in quotes, not this number",
            "log.format: `xml` is none of pretty, json",
            "server.listen: must be an address with a port, such as \"127.0.0.1:8080\"",
            "tokens.access_ttl: must be a length of time such as \"90s\", \"15m\", \"12h\" or \"30d\", not this number",
        ]
    );
}

#[test]
fn the_file_the_line_and_the_variable_are_told() {
    let folder = Folder::new();
    let told = |toml: &str, variables: &[(&str, &str)]| {
        let refused = folder.load(toml, variables).err();
        refused.map_or_else(String::new, |error| error.to_string())
    };
    let path = folder.0.path().join("authz.toml").display().to_string();
    let variable = told("[brand]\nname = ''", &[("AUTHZ_TOKENS__ACCESS_TTL", "5")]);
    assert!(
        variable.starts_with(&format!("{path} cannot be used:\n  tokens.access_ttl: ")),
        "{variable}"
    );
    assert!(
        variable.ends_with("(from AUTHZ_TOKENS__ACCESS_TTL)"),
        "{variable}"
    );
    let broken = told("[brand]\nname = 'x'\n[server", &[]);
    assert!(broken.contains(&format!("{path}, line 3: ")), "{broken}");
}

#[test]
fn every_problem_is_named_at_once() {
    let problems = Folder::new()
        .problems("[tokens]\nrefresh_grace = '2m'\n[sessions]\nidle_ttl = '31d'\n[brand]\nname = ''");
    assert_eq!(
        names(&problems),
        ["tokens.refresh_grace", "sessions.idle_ttl", "brand.name"]
    );
}

#[test]
fn the_environment_stands_above_the_file() {
    let environment = [
        ("AUTHZ_BRAND__NAME", "007"),
        ("AUTHZ_SERVER__TRUSTED_PROXIES", "['10.0.0.0/8']"),
        ("AUTHZ_PASSWORDS__QUEUE", "5"),
        ("AUTHZ_REGISTRATION__OPEN", "false"),
        ("AUTHZ_TRACES__RATIO", "0.5"),
        ("AUTHZ_SERVER_BIN", "not ours"),
    ];
    let config = Folder::new()
        .load("[brand]\nname = 'File'\n[passwords]\nqueue = 9", &environment)
        .ok()
        .unwrap()
        .config;
    assert_eq!(config.brand.name, "007");
    assert_eq!(config.server.trusted_proxies.len(), 1);
    assert_eq!((config.passwords.queue, config.registration.open), (5, false));
    assert!((config.traces.ratio - 0.5).abs() < f64::EPSILON);
}

#[test]
fn an_unknown_variable_is_refused_by_name() {
    let error = Folder::new()
        .load("", &[("AUTHZ_SERVER__LISTN", "x")])
        .err()
        .unwrap();
    assert_eq!(names(&error.problems), ["server.listn"]);
}

#[test]
fn secrets_are_read_from_private_files() {
    let folder = Folder::new();
    let url = folder.file("url", "postgres://u:p@db/authz\n", 0o600);
    let secret = folder.file("secret", "q7Jt0uY5cVb2nW9xZr4LmKd8\n", 0o640);
    let toml = format!(
        "[database]\nurl_file = {url:?}\n[[clients]]\nid='a'\nname='A'\nsecret_file={secret:?}\nredirect_uris=['https://a.test/cb']"
    );
    let config = folder.load(&toml, &[]).ok().unwrap().config;
    assert_eq!(config.database.url.unwrap().expose(), "postgres://u:p@db/authz");
    assert_eq!(
        config.clients[0].secret.as_ref().unwrap().expose(),
        "q7Jt0uY5cVb2nW9xZr4LmKd8"
    );
}

/// A07
#[test]
fn secret_files_that_others_can_read_are_refused() {
    let folder = Folder::new();
    let open = folder.file("keys", "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", 0o644);
    let problems = folder.problems(&format!("[keys]\nmaster_keys_file = {open:?}"));
    assert_eq!(names(&problems), ["keys.master_keys_file"]);
    assert!(problems[0].reason.contains("chmod"), "{problems:?}");
}

/// A02
#[test]
fn no_secret_is_printed_or_quoted() {
    let folder = Folder::new();
    let toml = "[database]\nurl = 'postgres://u:canary@db/x'\n[keys]\nmaster_keys = ['k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=']\n\
        [[clients]]\nid='a'\nname='A'\nsecret='canaryJt0uY5cVb2nW9xZr4LmKd8'\nredirect_uris=['https://a.test/cb']";
    let mut printed = Vec::new();
    folder.load(toml, &[]).ok().unwrap().print(&mut printed).unwrap();
    let printed = String::from_utf8(printed).unwrap();
    assert!(
        !printed.contains("canary") && !printed.contains("AAEC"),
        "{printed}"
    );
    assert_eq!(printed.matches("[redacted]").count(), 3);
    let error = folder
        .load(
            "[keys]\nmaster_keys = ['k1:canary']\n[database]\nurl = 'canary'",
            &[],
        )
        .err()
        .unwrap();
    assert!(!error.to_string().contains("canary"), "{error}");
    for toml in [
        "[keys]\nmaster_keys = 'canary'",
        "[database]\nurl = ['canary']\nmax_connections = 'canary'",
        "[database]\nurl = 'canary",
    ] {
        let error = folder.load(toml, &[]).err().unwrap();
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn the_example_file_is_usable() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../authz-server.example.toml");
    let loaded = Loaded::read(Some(example.as_ref()), []).map_err(|error| error.to_string());
    assert_eq!(loaded.err(), None);
}

#[test]
fn the_committed_reference_is_fresh() {
    let committed = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/reference/config.md"
    ))
    .unwrap();
    assert!(
        committed == authz_server::config::reference(),
        "stale; run: cargo run -p authz-server -- config reference > docs/reference/config.md"
    );
}
