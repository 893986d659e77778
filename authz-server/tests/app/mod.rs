//! The public router with its frame, over a fresh SQLite database, and a browser that keeps cookies.

pub mod json;
pub mod letter;

use std::collections::BTreeMap;
use std::sync::Arc;

use authz_server::app::AppState;
use authz_server::config::{Config, LimitsConfig, Rate};
use authz_server::endpoints;
use authz_server::http::audit::audited;
use authz_server::http::invoice_file::Printer;
use authz_server::http::rate_limit::{KeyLimits, Together};
use authz_server::http::{ClientCertificate, Frame};
use authz_server::listener::Peer;
use authz_server::outbound::mail::{Outbox, Post};
use authz_server::pages::{self, Brand};
use authz_server::redirects;
use authz_server::surfaces;
use axum::Router;
use axum::body::{Body, to_bytes};
use domain::authority::Parts;
use domain::billing::Payments;
use domain::federation::Providers;
use domain::keys::KeyRing;
use domain::people::AccountForm;
use domain::people::password::PasswordHasher;
use domain::sealing::{MasterKeys, Sealer};
use domain::{Authority, Settings};
use http::{HeaderMap, Method, Request, StatusCode, header};
use model::audit::Actor;
use model::user::{Role, User};
use model::{Clock, Ctx, Origin, PlainSecret, SystemRandom};
use testkit::clock::TestClock;
use testkit::database::TestDatabase;
use tower::ServiceExt as _;

pub const PASSWORD: &str = "vexing plum orbit";

/// A server in this process.
pub struct App {
    pub authority: Authority,
    pub clock: TestClock,
    pub outbox: Outbox,
    pub printer: Arc<Printer>,
    router: Router,
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

impl App {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// Cheap hashes, unless `change` says otherwise; the issuer decides about https.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_providers(change, |_| Providers::default()).await
    }

    /// The same with other providers to sign in with.
    pub async fn with_providers(
        change: impl FnOnce(&mut Settings),
        providers: impl FnOnce(Arc<dyn Clock>) -> Providers,
    ) -> Self {
        let nobody = Payments::default();
        Self::built(change, (providers, nobody), &roomy()).await
    }

    /// The same with these limits.
    pub async fn limited(limits: &LimitsConfig) -> Self {
        let nobody = Payments::default();
        Self::built(|_| (), (|_| Providers::default(), nobody), limits).await
    }

    /// The same, counting in a store that others count in, too.
    pub async fn counting(limits: &LimitsConfig, together: Together) -> Self {
        let outside = (|_: Arc<dyn Clock>| Providers::default(), Payments::default());
        let keys = KeyLimits::new(Some(together));
        Self::on(TestDatabase::sqlite().await, |_| (), outside, (limits, keys)).await
    }

    /// The same with a gateway that collects payments.
    pub async fn paying(payments: Payments, change: impl FnOnce(&mut Settings)) -> Self {
        Self::built(change, (|_| Providers::default(), payments), &roomy()).await
    }

    /// The same on this database.
    pub async fn paying_on(database: TestDatabase, payments: Payments) -> Self {
        let providers = |_| Providers::default();
        let limits = (&roomy(), KeyLimits::default());
        Self::on(database, |_| (), (providers, payments), limits).await
    }

    async fn built(
        change: impl FnOnce(&mut Settings),
        outside: (impl FnOnce(Arc<dyn Clock>) -> Providers, Payments),
        limits: &LimitsConfig,
    ) -> Self {
        let limits = (limits, KeyLimits::default());
        Self::on(TestDatabase::sqlite().await, change, outside, limits).await
    }

    async fn on(
        database: TestDatabase,
        change: impl FnOnce(&mut Settings),
        (providers, payments): (impl FnOnce(Arc<dyn Clock>) -> Providers, Payments),
        (limits, key_limits): (&LimitsConfig, KeyLimits),
    ) -> Self {
        let mut settings = Settings::default();
        settings.passwords.memory_kib = 64;
        settings.passwords.passes = 1;
        change(&mut settings);
        let (clock, random) = (TestClock::default(), SystemRandom::shared());
        let brand = Arc::new(Brand::new("Lighthouse", None, None).unwrap());
        let mut config = Config::default();
        let folder = tempfile::tempdir().unwrap();
        folder.path().clone_into(&mut config.server.data_dir);
        let post = Post::open(&config, brand.clone(), Arc::new(clock.clone())).unwrap();
        let https = settings.issuer.starts_with("https:");
        let authority = Authority::new(Parts {
            database: database.database().clone(),
            hasher: PasswordHasher::new(&settings.passwords).unwrap(),
            settings,
            sealer: Sealer::new(&MasterKeys::generate(random.as_ref())).unwrap(),
            keys: KeyRing::default(),
            mailer: Arc::new(post),
            providers: providers(Arc::new(clock.clone())),
            payments,
            clock: Arc::new(clock.clone()),
            random: random.clone(),
        });
        let state = AppState {
            authority: authority.clone(),
            brand: brand.clone(),
            https,
            key_limits,
            printer: Arc::default(),
        };
        let printer = state.printer.clone();
        let doors = endpoints::router()
            .merge(pages::router())
            .merge(redirects::events())
            .merge(surfaces::router(&state, limits))
            .with_state(state);
        let routes = audited(doors, authority.clone());
        let frame = Frame::new(
            &Config::default().server,
            brand,
            Arc::new(clock.clone()),
            random,
            None,
        );
        authority.keep_keys(&own_ctx(&clock)).await.unwrap();
        authority
            .sync_first_party_clients(&own_ctx(&clock))
            .await
            .unwrap();
        Self {
            authority,
            clock,
            router: frame.around(routes),
            outbox: Outbox::at(folder.path()),
            printer,
            _folder: folder,
            _database: database,
        }
    }

    /// The whole of it, to be served over HTTP.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn browser(&self) -> Browser {
        self.browser_at("192.0.2.1")
    }

    pub fn browser_at(&self, address: &str) -> Browser {
        Browser {
            router: self.router.clone(),
            peer: format!("{address}:4711"),
            cookies: BTreeMap::new(),
        }
    }

    /// A program that calls the JSON surfaces.
    pub fn program(&self) -> json::Program {
        self.program_at("192.0.2.7")
    }

    /// An IPv6 address in brackets.
    pub fn program_at(&self, address: &str) -> json::Program {
        json::Program::new(self.router.clone(), address)
    }

    /// The database as it lies on the disk: the file and its log.
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        let file = self._database.config().url.trim_start_matches("sqlite:");
        ["", "-wal"]
            .iter()
            .map(|end| format!("{file}{end}").into())
            .collect()
    }

    /// Somebody with this role, made by the operator.
    pub async fn admin(&self, email: &str, role: Role) -> User {
        let form = AccountForm {
            username: String::new(),
            email: email.to_owned(),
            name: String::new(),
            company: String::new(),
            password: PlainSecret::new(PASSWORD),
        };
        let ctx = self.ctx();
        let made = self.authority.create_user(&ctx, form, role, Actor::Operator);
        made.await.unwrap()
    }

    pub fn ctx(&self) -> Ctx {
        own_ctx(&self.clock)
    }
}

fn own_ctx(clock: &TestClock) -> Ctx {
    Ctx {
        now: clock.now(),
        random: SystemRandom::shared(),
        origin: Origin::default(),
    }
}

/// Limits that no test meets by accident while its clock stands still.
fn roomy() -> LimitsConfig {
    let rate = Rate::new(10_000, 1);
    LimitsConfig {
        v1: rate,
        v1_authentication: rate,
        v1_admin: rate,
        console_authentication: rate,
        authentication: rate,
        standard: rate,
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of the hidden field `csrf`.
    pub fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split_once('"').unwrap().0.to_owned()
    }

    pub fn has_page(&self, id: &str) -> bool {
        self.body.contains(&format!("id=\"{id}\""))
    }
}

/// Keeps cookies and follows nothing.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    peer: String,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// With a client certificate of this SHA-256.
    pub fn showing(mut self, digest: [u8; 32]) -> Self {
        self.router = self.router.layer(axum::Extension(ClientCertificate(digest)));
        self
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers).await
    }

    pub async fn head(&mut self, path: &str) -> Answer {
        self.ask(Method::HEAD, path, &[]).await
    }

    /// Any method, without a body.
    pub async fn ask(&mut self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request, Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, fields, &[]).await
    }

    pub async fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::post(path);
        let form = (header::CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded");
        let has_kind = headers.iter().any(|(name, _)| *name == form.0);
        for (name, value) in headers.iter().chain((!has_kind).then_some(&form)) {
            request = request.header(*name, *value);
        }
        self.send(request, Body::from(encode(fields))).await
    }

    /// A form with a file, which is called `name` and claims to be something else (RFC 7578).
    pub async fn upload(
        &mut self,
        path: &str,
        texts: &[(&str, &str)],
        (name, file): (&str, &[u8]),
    ) -> Answer {
        let mut body = Vec::new();
        for (name, text) in texts {
            let head = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(&[head.as_bytes(), text.as_bytes(), b"\r\n"].concat());
        }
        let head = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"../../etc/passwd\"\r\n\
             Content-Type: text/html\r\n\r\n"
        );
        body.extend_from_slice(&[head.as_bytes(), file, b"\r\n--cut--\r\n"].concat());
        let request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut");
        let request = request.header(header::CONTENT_LENGTH, body.len());
        self.send(request, Body::from(body)).await
    }

    /// Opens the form at `path` and posts it with `fields`.
    pub async fn fill(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.get(path).await.csrf();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.post(path.split('?').next().unwrap(), &fields).await
    }

    /// Posts to `action` with the token of the form at `path`.
    pub async fn fill_form(&mut self, path: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.get(path).await.csrf();
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.post(action, &fields).await
    }

    pub async fn log_in(&mut self, username: &str, password: &str) -> Answer {
        self.fill("/login", &[("username", username), ("password", password)])
            .await
    }

    pub async fn register(&mut self, username: &str) -> Answer {
        let email = format!("{username}@example.org");
        let fields = [
            ("username", username),
            ("email", &email),
            ("name", "Ada"),
            ("password", PASSWORD),
        ];
        self.fill("/register", &fields).await
    }

    pub async fn is_signed_in(&mut self) -> bool {
        self.get("/").await.body.contains("You are signed in")
    }

    async fn send(&mut self, mut request: http::request::Builder, body: Body) -> Answer {
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let peer = Peer {
            address: self.peer.parse().unwrap(),
            secure: false,
        };
        let request = request.header(header::ACCEPT, "text/html").extension(peer);
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        self.keep(&parts.headers);
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            bytes: body.to_vec(),
        }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn encode(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| {
        let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        format!("{name}={value}")
    });
    pairs.collect::<Vec<_>>().join("&")
}
