//! The Model Context Protocol with the client of the official SDK in front and a real server behind, neither ours.
//! The user's side is all that is added: where the browser is sent, and a person who signs in there.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use tests::agent::Agent;
use tests::demo::{CALLBACK, EDGE, PASSWORD};
use tests::doorway::{Behind, Doorway};
use tests::mcp_server::McpServer;
use tests::proxy::{Proxy, Secret, Setup as ProxySetup};
use tests::server::{Server, Setup};

const SERVER: &str = r#"
[[scopes]]
name = "tools:use"
description = "Use the tools"

[[scopes]]
name = "tools:sum"
description = "Add numbers"

[[resources]]
audience = "RESOURCE"
name = "Everything"
scopes = ["tools:use", "tools:sum"]

[client_registration]
policy = "open"
documents = true
document_networks = ["127.0.0.0/8"]
document_ca_file = "AUTHORITY"
resources = ["RESOURCE"]

[[clients]]
id = "edge"
name = "Proxy"
secret = "demo-only-secret-of-the-edge-0123456789"
grant_types = ["client_credentials"]
scopes = []
proxy = true
"#;

const ROUTES: &str = r#"
[[routes]]
name = "everything"
match = { path = "/mcp" }
upstream = "service"
require = { audience = "RESOURCE", scopes = ["tools:use"] }
mcp = true
mcp_tools = { "get-sum" = ["tools:sum"] }
mcp_tools_list = "LISTS"
resource_name = "Everything"
"#;

/// Everything that runs, and what the client is told.
struct World {
    lists: &'static str,
    server: Server,
    front: Doorway,
    certificate: PathBuf,
    key: PathBuf,
    _proxy: Proxy,
    _service: McpServer,
    _folder: tempfile::TempDir,
}

impl World {
    /// `lists` is which tools a list of tools shows.
    async fn start(lists: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("host.pem"), folder.path().join("host.key"));
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let front = Doorway::open().await.unwrap();
        let resource = format!("http://{}/mcp", front.address());
        let sections = SERVER
            .replace("RESOURCE", &resource)
            .replace("AUTHORITY", &certificate.to_string_lossy());
        let server = Server::start(Setup::sqlite().with(&sections)).await.unwrap();
        let service = McpServer::start().await.unwrap();
        let proxy = ProxySetup {
            issuer: server.issuer(),
            client_id: EDGE.0.to_owned(),
            client_secret: Secret::Text(EDGE.1.to_owned()),
            upstream: service.address(),
            sections: ROUTES.replace("RESOURCE", &resource).replace("LISTS", lists),
        };
        let proxy = Proxy::start(proxy).await.unwrap();
        front.leads_to(Behind::Port(proxy.address()));
        let ada = Agent::new().unwrap();
        ada.register(&server.issuer(), "ada", PASSWORD).await.unwrap();
        Self {
            lists,
            server,
            front,
            certificate,
            key,
            _proxy: proxy,
            _service: service,
            _folder: folder,
        }
    }

    /// The client's walk to its end; what it says when that is not the end.
    async fn walk(&self, way: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/clients/node/mcp-client.mjs");
        let mut command = Command::new("node");
        command
            .arg(script)
            .env("MCP_URL", format!("http://{}/mcp", self.front.address()))
            .env("ISSUER", self.server.issuer())
            .env("WAY", way)
            .env("LISTS", self.lists)
            .env("REDIRECT_URI", CALLBACK)
            .env("LOGIN_USERNAME", "ada")
            .env("LOGIN_PASSWORD", PASSWORD)
            .env("CERTIFICATE", &self.certificate)
            .env("KEY", &self.key);
        let run = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{way}:\n{said}");
    }
}

/// Challenge, metadata, registration, consent, a tool, one more consent for a tool that needs it, revocation.
#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_registers_itself_and_calls_tools() {
    World::start("all").await.walk("registration").await;
}

/// The same, known by a document that the client publishes; it sees a tool once it may call it.
#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_is_known_by_its_document_and_calls_tools() {
    World::start("callable").await.walk("document").await;
}
