//! What is open when policies, plans or rights change: it is ruled on again, once for all that ask the same, and closed
//! where it is refused now. Time stands still unless a test moves it.

use crate::streams::{is_cut, open};
use crate::support::{StreamingUpstream, World, eventually};
use crate::websockets::{EchoServer, closing, says, with_token};
use reqwest::Version;
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Longer than an answer is remembered, and one look of the watch more.
const PACE: Duration = Duration::from_millis(10_500);
const FORBIDDEN: &str = "the token may not do this any more";
const EXCEEDED: &str = "the plan of the account does not give this any more";

const POLICED: &str = "action = \"orders:Read\", resource = \"arn:authz:orders:::order/{id}\"";
const PLANNED: &str = "entitlement = \"exports\"";

async fn start() -> (World, EchoServer) {
    let server = EchoServer::start().await;
    let mut routes = format!(
        "[[upstreams]]\nname = \"chat\"\naddresses = [\"{}\"]\n",
        server.address
    );
    let bytes = "meter = { metric = \"exports\", count = \"response_bytes\" }";
    for (name, demand, settings) in [
        ("orders", POLICED, ""),
        ("exports", PLANNED, ""),
        ("patient", PLANNED, "on_lease_lapse = \"until-exp\""),
        ("calls", PLANNED, "meter = \"exports\""),
        ("bytes", PLANNED, bytes),
        ("trial", PLANNED, "observe = true"),
        ("scoped", "scopes = [\"orders:read\"]", ""),
    ] {
        routes.push_str(&format!(
            "[[routes]]\nname = \"{name}\"\nmatch = {{ path = \"/{name}/{{id}}\" }}\nupstream = \"chat\"\n\
             require = {{ audience = \"https://api\", {demand} }}\nwebsocket = true\n{settings}\n"
        ));
    }
    let world = World::with(&routes, "[usage]\ninterval = \"20ms\"").await;
    (world, server)
}

impl World {
    /// Waits until nobody is in doubt about anything that is open.
    async fn settled(&self) {
        self.caught_up().await;
        self.clock.advance(Duration::from_millis(300));
    }

    /// A token that the server vouches for when the clock has moved far.
    fn opaque_of(&self, account: &str) -> String {
        self.authority
            .opaque(&json!({ "account_id": account, "sub": format!("usr_{account}") }))
    }

    async fn metric(&self, line: &str) -> bool {
        self.admin("/metrics").await.1.contains(line)
    }
}

async fn told(socket: &mut Socket) -> (CloseCode, String) {
    let frame = closing(socket).await.unwrap();
    (frame.code, frame.reason.as_str().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_that_the_policies_forbid_now_is_told_so_and_others_stay() {
    let (world, server) = start().await;
    let (ada, bob) = (world.token_of("1"), world.token_of("2"));
    let mut spared = with_token(&world, "/orders/7", &ada).await;
    let mut doomed = with_token(&world, "/orders/7", &bob).await;
    world.authority.forbid(&["usr_2"]);
    assert_eq!(told(&mut doomed).await, (CloseCode::Policy, FORBIDDEN.to_owned()));
    eventually(|| server.open() == 1).await;
    assert!(says(&mut spared, "still here").await);
    for line in [
        "proxy_exchanges_ended_total{reason=\"forbidden\"} 1",
        "proxy_live_rulings_total{outcome=\"against\"} 1",
    ] {
        assert!(world.metric(line).await, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_plan_is_asked_about_once_and_ends_every_socket_of_the_account() {
    let (world, server) = start().await;
    for account in ["1", "2"] {
        world.authority.plan(account, "exports", None);
    }
    world.caught_up().await;
    let (mut doomed, mut spared) = (Vec::new(), Vec::new());
    for _ in 0..50 {
        doomed.push(with_token(&world, "/exports/1", &world.token_of("1")).await);
        spared.push(with_token(&world, "/exports/1", &world.token_of("2")).await);
    }
    eventually(|| server.open() == 100).await;
    let before = world.authority.questions();
    world.authority.no_plan("1", "exports");
    for socket in &mut doomed {
        assert_eq!(told(socket).await, (CloseCode::Policy, EXCEEDED.to_owned()));
    }
    for socket in &mut spared {
        assert!(says(socket, "still here").await);
    }
    assert_eq!(world.authority.questions() - before, 1);
}

/// However often something is said, and whatever of it: each word costs a question at most, and none ends what may go on.
#[tokio::test(flavor = "multi_thread")]
async fn words_that_change_nothing_end_nothing() {
    let (world, _server) = start().await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    let key = world
        .authority
        .signed_key("tok_k", &json!({ "account_id": "1", "sub": "usr_1" }));
    let mut sockets = vec![
        with_token(&world, "/orders/7", &world.token_of("1")).await,
        with_token(&world, "/exports/7", &world.token_of("1")).await,
        with_token(&world, "/scoped/7", &key).await,
    ];
    let asked = || world.authority.questions() + world.authority.calls();
    let before = asked();
    for _ in 0..5 {
        world.authority.policies_changed(&["usr_1"]);
        world.authority.word_about("1");
        world.settled().await;
    }
    for socket in &mut sockets {
        assert!(says(socket, "still here").await);
    }
    let asked = asked() - before;
    assert!((3..=30).contains(&asked), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_spoke_of_is_noticed_when_the_ruling_is_old() {
    let (world, _server) = start().await;
    let token = world.opaque_of("1");
    let mut socket = with_token(&world, "/orders/7", &token).await;
    for _ in 0..3 {
        let before = world.authority.asked_policies();
        world.clock.advance(PACE);
        eventually(|| world.authority.asked_policies() > before).await;
        assert!(says(&mut socket, "still here").await);
        eventually(|| world.proxy.core().state().lease_fresh).await;
    }
    world.authority.forbid_silently(&["usr_1"]);
    world.clock.advance(PACE);
    assert_eq!(told(&mut socket).await, (CloseCode::Policy, FORBIDDEN.to_owned()));
}

/// How many questions about policies a request costs so long after the one before.
async fn cost_after(world: &World, token: &str, wait: Duration) -> usize {
    world.clock.advance(wait);
    eventually(|| world.proxy.core().state().lease_fresh).await;
    let before = world.authority.asked_policies();
    let path = "/ruled/7";
    assert_eq!(world.get_with(path, token).await.status, 200);
    world.authority.asked_policies() - before
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_remembered_as_long_as_the_server_vouches_for_it() {
    const RULED: &str = "[[routes]]\nname = \"ruled\"\nmatch = { path = \"/ruled/{id}\" }\nupstream = \"echo\"\n\
        require = { audience = \"https://api\", action = \"orders:Read\", resource = \"arn:authz:orders:::order/{id}\" }\n";
    let world = World::with(RULED, "").await;
    world.caught_up().await;
    let token = world.opaque_of("1");
    let after = |millis: u64| cost_after(&world, &token, Duration::from_millis(millis));
    let unsaid = [after(0).await, after(9_900).await, after(200).await];
    assert_eq!(unsaid, [1, 0, 1], "ten seconds where nothing is said");
    world.authority.vouch_for(40);
    let said = [after(10_000).await, after(39_900).await, after(200).await];
    assert_eq!(said, [1, 0, 1]);
    // Near the moment when it may change: once a second, and never not at all.
    world.authority.vouch_for(0);
    let near = [after(40_000).await, after(900).await, after(200).await];
    assert_eq!(near, [1, 0, 1]);
    // Whatever is said, no longer than anything is remembered.
    world.authority.vouch_for(100_000);
    let long = [after(1_000).await, after(59_000).await, after(1_100).await];
    assert_eq!(long, [1, 0, 1]);
}

/// K02, C10: a key lives on with what its owner may do now, also where it is in use.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_loses_a_right_or_ends_is_closed() {
    let (world, _server) = start().await;
    let open = async |id: &str| {
        let key = world.authority.signed_key(id, &json!({ "sub": "usr_1" }));
        let socket = with_token(&world, "/scoped/7", &key).await;
        (key, socket)
    };
    let (narrowed, mut first) = open("tok_a").await;
    let (_, mut second) = open("tok_b").await;
    let members = json!({ "jti": "tok_a", "key_id": "tok_a", "sub": "usr_1", "scope": "other" });
    world.authority.answer(&narrowed, &members);
    world.authority.policies_changed(&["usr_1"]);
    assert_eq!(told(&mut first).await, (CloseCode::Policy, FORBIDDEN.to_owned()));
    assert!(says(&mut second, "still here").await);
    world.authority.revoke("key", "tok_b");
    let revoked = "the token was revoked".to_owned();
    assert_eq!(told(&mut second).await, (CloseCode::Policy, revoked));
}

/// The route says what happens while nobody can be asked, as at a lapse of the lease.
#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_sockets_end_as_their_route_says() {
    let (world, _server) = start().await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    let token = world.token_of("1");
    let mut strict = with_token(&world, "/exports/1", &token).await;
    let mut patient = with_token(&world, "/patient/1", &token).await;
    world.authority.answer_no_questions(true);
    for second in 0..7 {
        world.authority.word_about("1");
        world.caught_up().await;
        eventually(|| world.proxy.core().state().lease_fresh).await;
        if second == 3 {
            assert!(says(&mut strict, "still here").await, "it is asked again first");
        }
        world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(told(&mut strict).await.0, CloseCode::Again);
    assert!(says(&mut patient, "still here").await);
    assert!(
        world
            .metric("proxy_exchanges_ended_total{reason=\"lease_lapsed\"} 1")
            .await
    );
    world.authority.answer_no_questions(false);
    world.authority.no_plan("1", "exports");
    world.caught_up().await;
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(told(&mut patient).await.1, EXCEEDED);
}

/// What was counted when it was opened is paid; what counts as it passes ends where the plan does.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_used_up_ends_what_goes_on_using_it() {
    let (world, _server) = start().await;
    world.authority.plan("1", "exports", Some(1));
    world.authority.plan("2", "exports", Some(5000));
    world.caught_up().await;
    let mut paid = with_token(&world, "/calls/1", &world.token_of("1")).await;
    eventually(|| world.authority.used("1", "exports") == 1).await;
    world.settled().await;
    assert!(says(&mut paid, "still here").await);
    let mut bytes = with_token(&world, "/bytes/1", &world.token_of("2")).await;
    world.settled().await;
    assert!(says(&mut bytes, &"x".repeat(2000)).await);
    world.settled().await;
    assert!(says(&mut bytes, &"x".repeat(6000)).await);
    // What passed last is counted with what passes next.
    assert!(says(&mut bytes, "and one more").await);
    world.clock.advance(Duration::from_millis(1300));
    assert_eq!(told(&mut bytes).await, (CloseCode::Policy, EXCEEDED.to_owned()));
    world.authority.no_plan("1", "exports");
    assert_eq!(told(&mut paid).await, (CloseCode::Policy, EXCEEDED.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_only_watches_ends_nothing_for_a_ruling() {
    let (world, _server) = start().await;
    world.authority.plan("1", "exports", None);
    world.caught_up().await;
    let mut trial = with_token(&world, "/trial/1", &world.opaque_of("1")).await;
    world.authority.no_plan("1", "exports");
    world.settled().await;
    world.clock.advance(PACE);
    assert!(says(&mut trial, "still here").await);
}

/// Many questions at once are spread over a second, so that a change does not stop everything else.
#[tokio::test(flavor = "multi_thread")]
async fn many_different_questions_are_spread() {
    let (world, _server) = start().await;
    let names: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    let mut sockets = Vec::new();
    for name in &names {
        sockets.push(with_token(&world, "/orders/7", &world.token_of(name)).await);
    }
    let subjects: Vec<_> = names.iter().map(|name| format!("usr_{name}")).collect();
    let subjects: Vec<_> = subjects.iter().map(String::as_str).collect();
    let before = world.authority.asked_policies();
    world.authority.forbid(&subjects);
    eventually(|| world.authority.asked_policies() > before).await;
    assert!(
        world.authority.asked_policies() - before < 40,
        "one after the other"
    );
    world.clock.advance(Duration::from_secs(1));
    for socket in &mut sockets {
        assert_eq!(told(socket).await, (CloseCode::Policy, FORBIDDEN.to_owned()));
    }
    assert_eq!(world.authority.asked_policies() - before, 40);
}

/// X13: whatever the order of the two, nothing is left alive.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_races_the_handshake_leaves_no_websocket_open() {
    let (world, server) = start().await;
    for round in 0..40 {
        let (name, subject) = (format!("r{round}"), format!("usr_r{round}"));
        let token = world.token_of(&name);
        let url = format!("ws://{}/orders/7", world.address());
        let mut request =
            tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(url).unwrap();
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let opening = tokio_tungstenite::connect_async(request);
        let forbidding = async { world.authority.forbid(&[&subject]) };
        let (opened, ()) = tokio::join!(opening, forbidding);
        world.settled().await;
        if let Ok((mut socket, _)) = opened {
            assert_eq!(told(&mut socket).await, (CloseCode::Policy, FORBIDDEN.to_owned()));
        }
        eventually(|| server.open() == 0 && world.proxy.core().exchanges.is_empty()).await;
    }
}

/// Event streams and endless bodies, over both versions.
#[tokio::test(flavor = "multi_thread")]
async fn streams_are_cut_when_the_plan_ends() {
    let upstream = StreamingUpstream::start().await;
    let routes = format!(
        "{}[[routes]]\nname = \"live\"\nmatch = {{ path = \"/live/**\" }}\nupstream = \"streaming\"\n\
         require = {{ audience = \"https://api\", entitlement = \"exports\" }}\n",
        upstream.table()
    );
    let world = World::with(&routes, "").await;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for path in ["/live/events", "/live/endless"] {
            for account in ["1", "2"] {
                world.authority.plan(account, "exports", None);
            }
            world.caught_up().await;
            let cut = open(&world, version, path, &world.token_of("1")).await;
            let mut spared = open(&world, version, path, &world.token_of("2")).await;
            world.authority.no_plan("1", "exports");
            assert!(is_cut(cut).await, "{path} {version:?}");
            upstream.go_on();
            assert!(spared.chunk().await.unwrap().is_some(), "{path} {version:?}");
        }
    }
}
