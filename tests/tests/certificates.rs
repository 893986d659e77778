//! Clients that authenticate with certificates (RFC 8705 §2), with curl as the client: at the real server, then through the real proxy.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tests::proxy::{Proxy, Secret, Setup as ProxySetup};
use tests::sample_service::SampleService;
use tests::server::{Server, Setup};
use tokio::process::Command;

const SECRET: &str = "certificates-secret-of-the-edge-0123456789";

/// Files with certificates and keys: `NAME.pem` has both.
struct Ground {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

/// Of somebody with this name; two with one name would look like one that signs itself.
fn parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters
}

impl Ground {
    fn new() -> Self {
        let mut parameters = parameters("authority");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let root = parameters.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), root.pem()).unwrap();
        let ground = Self {
            folder,
            issuer: Issuer::new(parameters, key),
        };
        ground.issue("site", "127.0.0.1");
        ground.issue("till", "till.example");
        ground.issue("other", "other.example");
        ground.sign_oneself("robot", "robot.example");
        ground.sign_oneself("impostor", "till.example");
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn issue(&self, name: &str, subject: &str) {
        let key = KeyPair::generate().unwrap();
        let made = parameters(subject).signed_by(&key, &self.issuer).unwrap();
        self.keep(name, &made.pem(), &key);
    }

    fn sign_oneself(&self, name: &str, subject: &str) {
        let key = KeyPair::generate().unwrap();
        let made = parameters(subject).self_signed(&key).unwrap();
        self.keep(name, &made.pem(), &key);
        let body: String = made.pem().lines().filter(|line| !line.starts_with('-')).collect();
        let set = json!({"keys": [{"kty": "EC", "x5c": [body]}]});
        std::fs::write(self.path(&format!("{name}.jwks")), set.to_string()).unwrap();
    }

    fn keep(&self, name: &str, certificate: &str, key: &KeyPair) {
        use std::os::unix::fs::PermissionsExt as _;
        let key_file = self.path(&format!("{name}.key"));
        std::fs::write(self.path(&format!("{name}.crt")), certificate).unwrap();
        std::fs::write(&key_file, key.serialize_pem()).unwrap();
        std::fs::set_permissions(&key_file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn sections(&self) -> String {
        format!(
            r#"
[[scopes]]
name = "orders:read"
description = "Read orders"

[[resources]]
audience = "https://api.example.com"
name = "Orders"
scopes = ["orders:read"]

[[clients]]
id = "till"
name = "Till"
auth_method = "tls_client_auth"
tls_client_auth_san_dns = "till.example"
grant_types = ["client_credentials"]
scopes = ["orders:read"]
resources = ["https://api.example.com"]
tls_client_certificate_bound_access_tokens = true

[[clients]]
id = "robot"
name = "Robot"
auth_method = "self_signed_tls_client_auth"
jwks_file = {robot:?}
grant_types = ["client_credentials"]
scopes = ["orders:read"]
resources = ["https://api.example.com"]
tls_client_certificate_bound_access_tokens = true

[[clients]]
id = "edge"
name = "Edge"
secret = "{SECRET}"
grant_types = ["client_credentials"]
scopes = []
proxy = true
"#,
            robot = self.text("robot.jwks")
        )
    }

    async fn server(&self) -> Server {
        let setup = Setup::sqlite()
            .with(&self.sections())
            .env("AUTHZ_SERVER__TLS__CERTIFICATE_FILE", &self.text("site.crt"))
            .env("AUTHZ_SERVER__TLS__KEY_FILE", &self.text("site.key"))
            .env("AUTHZ_SERVER__TLS__CLIENT_CERTIFICATES", "true")
            .env("AUTHZ_SERVER__CLIENT_CA_FILE", &self.text("ca.pem"));
        Server::start(setup).await.unwrap()
    }

    /// Its second listener, `tls`, asks for certificates.
    async fn proxy(&self, server: &Server, service: &SampleService) -> Proxy {
        let sections = format!(
            "[[listeners]]\nname = \"tls\"\nlisten = \"127.0.0.1:0\"\n\
             tls = {{ client_certificates = \"optional\", certificate_file = {:?}, key_file = {:?} }}\n\
             [[routes]]\nname = \"orders\"\nmatch = {{ path = \"/orders/**\" }}\nupstream = \"service\"\n\
             require = {{ scopes = [\"orders:read\"], sender = \"mtls\" }}\n",
            self.text("site.crt"),
            self.text("site.key")
        );
        let setup = ProxySetup {
            issuer: format!("https://{}", server.address()),
            client_id: "edge".to_owned(),
            client_secret: Secret::Text(SECRET.to_owned()),
            upstream: service.address(),
            sections,
        };
        let trust = vec![("SSL_CERT_FILE".to_owned(), self.text("ca.pem"))];
        Proxy::start_with(trust, setup).await.unwrap()
    }

    /// Status and body, with somebody's certificate or none.
    async fn curl(&self, holder: Option<&str>, url: &str, words: &[&str]) -> (u16, Value) {
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--write-out",
            "\n%{http_code}",
        ]);
        command.arg("--cacert").arg(self.path("ca.pem"));
        if let Some(name) = holder {
            command.arg("--cert").arg(self.path(&format!("{name}.crt")));
            command.arg("--key").arg(self.path(&format!("{name}.key")));
        }
        let run = command.args(words).arg(url).output().await.unwrap();
        let said = String::from_utf8(run.stdout).unwrap();
        let (body, status) = said.rsplit_once('\n').unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        (
            status.parse().unwrap(),
            serde_json::from_str(body).unwrap_or_default(),
        )
    }
}

fn at(server: &Server, path: &str) -> String {
    format!("https://{}{path}", server.address())
}

async fn token(
    ground: &Ground,
    server: &Server,
    (client, holder): (&str, Option<&str>),
    more: &[&str],
) -> (u16, Value) {
    let id = format!("client_id={client}");
    let words = [&["-d", "grant_type=client_credentials", "-d", &id], more].concat();
    ground.curl(holder, &at(server, "/oauth2/token"), &words).await
}

/// O18
#[tokio::test]
async fn a_client_is_known_by_its_certificate_at_every_endpoint_for_clients() {
    let ground = Ground::new();
    let server = ground.server().await;
    for (client, holder, status) in [
        ("till", Some("till"), 200),
        ("till", Some("other"), 401),
        ("till", Some("impostor"), 401),
        ("till", Some("robot"), 401),
        ("till", None, 401),
        ("robot", Some("robot"), 200),
        ("robot", Some("till"), 401),
        ("robot", None, 401),
        ("nobody", Some("till"), 401),
    ] {
        let (found, body) = token(&ground, &server, (client, holder), &[]).await;
        assert_eq!(found, status, "{client} {holder:?} {body}");
        if status == 401 {
            assert_eq!(body["error"], "invalid_client");
        }
    }
    let two = token(
        &ground,
        &server,
        ("till", Some("till")),
        &["-d", "client_secret=x"],
    )
    .await;
    assert_eq!((two.0, two.1["error"].as_str()), (401, Some("invalid_client")));
    let (_, tokens) = token(&ground, &server, ("till", Some("till")), &[]).await;
    let sent = format!("token={}", tokens["access_token"].as_str().unwrap());
    let words = ["-d", sent.as_str(), "-d", "client_id=till"];
    for (holder, status) in [(Some("other"), 401), (None, 401), (Some("till"), 200)] {
        for path in ["/oauth2/introspect", "/oauth2/revoke", "/oauth2/introspect"] {
            let (found, _) = ground.curl(holder, &at(&server, path), &words).await;
            assert_eq!(found, status, "{path} {holder:?}");
        }
    }
    let (_, ended) = ground
        .curl(Some("till"), &at(&server, "/oauth2/introspect"), &words)
        .await;
    assert_eq!(ended["active"], false, "revoked by the client itself");
}

/// O25: the same certificate opens the proxy; the token alone does not.
#[tokio::test]
async fn a_token_got_with_a_certificate_passes_the_proxy_with_that_certificate_only() {
    let (ground, service) = (Ground::new(), SampleService::start().await.unwrap());
    let server = ground.server().await;
    let proxy = ground.proxy(&server, &service).await;
    let url = format!("https://{}/orders/1", proxy.listener("tls").unwrap());
    for holder in ["till", "robot"] {
        let (status, tokens) = token(&ground, &server, (holder, Some(holder)), &[]).await;
        assert_eq!(status, 200, "{tokens}");
        let bearer = format!(
            "Authorization: Bearer {}",
            tokens["access_token"].as_str().unwrap()
        );
        for (shown, status) in [(Some(holder), 200), (Some("other"), 401), (None, 401)] {
            let (found, body) = ground.curl(shown, &url, &["-H", &bearer]).await;
            assert_eq!(found, status, "{holder} {shown:?} {body}");
        }
    }
}

/// Neither names without an authority nor certificates without a listener that asks for them.
#[tokio::test]
async fn a_server_that_could_not_know_such_clients_does_not_start() {
    let ground = Ground::new();
    let server = ground.server().await;
    let mut check = server.command(&["config", "check"]);
    check.env_remove("AUTHZ_SERVER__CLIENT_CA_FILE");
    let output = check.output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && said.contains("server.client_ca_file"),
        "{said}"
    );
}
