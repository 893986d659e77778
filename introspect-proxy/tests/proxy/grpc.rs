//! gRPC through the proxy, with a client and services that are not ours.
//! They get statuses of their own protocol, and calls end with their credential.

use crate::support::{World, eventually};
use serde_json::json;
use std::net::SocketAddr;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status};
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::server::HealthReporter;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;

async fn serve() -> (SocketAddr, HealthReporter) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_service_status("shop", ServingStatus::Serving).await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .unwrap();
    let server = Server::builder().add_service(health).add_service(reflection);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (address, reporter)
}

async fn start() -> (World, HealthReporter, Channel) {
    let (address, reporter) = serve().await;
    let mut routes = String::new();
    for (name, at) in [("shop", address.to_string()), ("away", "127.0.0.1:1".to_owned())] {
        routes.push_str(&format!(
            "[[upstreams]]\nname = \"{name}\"\naddresses = [\"{at}\"]\nprotocol = \"h2c\"\n"
        ));
    }
    for (path, upstream, scope) in [
        ("/grpc.health.v1.Health/**", "shop", "orders:read"),
        ("/grpc.reflection.v1.ServerReflection/**", "shop", "orders:read"),
        ("/admin.Admin/**", "shop", "admin"),
        ("/away.Away/**", "away", "orders:read"),
    ] {
        routes.push_str(&format!(
            "[[routes]]\nname = \"{path}\"\nmatch = {{ path = \"{path}\" }}\nupstream = \"{upstream}\"\n\
             require = {{ scopes = [\"{scope}\"], audience = \"https://api\" }}\n"
        ));
    }
    let world = World::with(&routes, "").await;
    let channel = Channel::from_shared(format!("http://{}", world.address())).unwrap();
    let channel = channel.connect().await.unwrap();
    (world, reporter, channel)
}

fn signed<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value: MetadataValue<_> = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}

fn check(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_pass_with_their_trailers() {
    let (world, _reporter, channel) = start().await;
    let token = world.authority.jwt(&json!({}));
    let mut client = HealthClient::new(channel);
    let serving = client.check(signed(&token, check("shop"))).await.unwrap();
    assert_eq!(serving.into_inner().status, ServingStatus::Serving as i32);
    let unknown = client.check(signed(&token, check("other"))).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound, "the service's own status");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_a_call_may_stream_and_one_may_stop_first() {
    let (world, _reporter, channel) = start().await;
    let token = world.authority.jwt(&json!({}));
    let (questions, asked) = tokio::sync::mpsc::channel(4);
    let asked = tokio_stream::wrappers::ReceiverStream::new(asked);
    let mut client = ServerReflectionClient::new(channel);
    let mut answers = client
        .server_reflection_info(signed(&token, asked))
        .await
        .unwrap()
        .into_inner();
    for _ in 0..3 {
        let question = ServerReflectionRequest {
            message_request: Some(MessageRequest::ListServices(String::new())),
            ..ServerReflectionRequest::default()
        };
        questions.send(question).await.unwrap();
        assert!(answers.message().await.unwrap().is_some());
    }
    drop(questions);
    assert!(answers.message().await.unwrap().is_none(), "a whole end");
}

/// X14
#[tokio::test(flavor = "multi_thread")]
async fn a_streaming_call_is_cut_when_its_token_is_revoked() {
    let (world, reporter, channel) = start().await;
    let watch = async |session: &str| {
        let token = world.authority.jwt(&json!({ "sid": session }));
        let mut client = HealthClient::new(channel.clone());
        let mut watch = client
            .watch(signed(&token, check("shop")))
            .await
            .unwrap()
            .into_inner();
        assert!(watch.message().await.unwrap().is_some());
        watch
    };
    let (mut doomed, mut other) = (watch("ses_a").await, watch("ses_b").await);
    world.authority.revoke("session", "ses_a");
    let cut: Result<_, Status> = doomed.message().await;
    assert!(cut.is_err(), "no end with status 0: {cut:?}");
    eventually(|| world.proxy.core().exchanges.len() == 1).await;
    reporter
        .set_service_status("shop", ServingStatus::NotServing)
        .await;
    assert!(other.message().await.unwrap().is_some(), "of the same connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_statuses_of_grpc() {
    let (world, _reporter, channel) = start().await;
    let token = world.authority.jwt(&json!({}));
    let ask = async |path: &'static str, token: Option<&str>| {
        let mut client = tonic::client::Grpc::new(channel.clone());
        client.ready().await.unwrap();
        let request = match token {
            Some(token) => signed(token, check("shop")),
            None => Request::new(check("shop")),
        };
        let codec = tonic_prost::ProstCodec::<HealthCheckRequest, HealthCheckRequest>::default();
        let answer = client
            .unary(request, http::uri::PathAndQuery::from_static(path), codec)
            .await;
        answer.unwrap_err()
    };
    let nobody = ask("/grpc.health.v1.Health/Check", None).await;
    assert_eq!(
        (nobody.code(), nobody.message()),
        (Code::Unauthenticated, "A credential is required.")
    );
    assert!(nobody.metadata().contains_key("www-authenticate"));
    assert_eq!(
        ask("/admin.Admin/Do", Some(&token)).await.code(),
        Code::PermissionDenied
    );
    assert_eq!(
        ask("/nowhere.X/Y", Some(&token)).await.code(),
        Code::Unimplemented
    );
    assert_eq!(ask("/away.Away/Do", Some(&token)).await.code(), Code::Unavailable);
}

/// A proxy whose only service has these instances, and a client of it.
async fn in_front_of(instances: &[SocketAddr], settings: &str) -> (World, HealthClient<Channel>) {
    let routes = format!(
        "[[upstreams]]\nname = \"shop\"\naddresses = {:?}\nprotocol = \"h2c\"\n{settings}\
         [[routes]]\nname = \"shop\"\nmatch = {{ path = \"/**\" }}\nupstream = \"shop\"\n\
         require = {{ audience = \"https://api\" }}\n",
        instances.iter().map(ToString::to_string).collect::<Vec<_>>()
    );
    let world = World::with(&routes, "").await;
    let channel = Channel::from_shared(format!("http://{}", world.address())).unwrap();
    let client = HealthClient::new(channel.connect().await.unwrap());
    (world, client)
}

/// A way to the service that can be cut.
async fn relay(to: SocketAddr) -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let way = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = tokio::net::TcpStream::connect(to).await.unwrap();
            connections.spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
        }
    });
    (address, way)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_service_breaks_off_ends_with_a_status() {
    let (service, _reporter) = serve().await;
    let (address, way) = relay(service).await;
    let (world, mut client) = in_front_of(&[address], "").await;
    let token = world.authority.jwt(&json!({}));
    let watch = client.watch(signed(&token, check("shop"))).await.unwrap();
    let mut watch = watch.into_inner();
    assert!(watch.message().await.unwrap().is_some());
    way.abort();
    let end = watch.message().await.unwrap_err();
    assert_eq!(
        (end.code(), end.message()),
        (Code::Unavailable, "The service did not give a usable answer.")
    );
}

/// Takes connections and closes them.
async fn broken() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    address
}

/// The service answers nothing but HTTP/2, also when it is asked how it is.
#[tokio::test(flavor = "multi_thread")]
async fn health_checks_of_services_that_speak_only_h2c_tell_the_broken_one() {
    let ((good, _reporter), bad) = (serve().await, broken().await);
    let settings = "breaker = { failures = 0 }\nretries = 0\n\
                    health_check = { path = \"/\", interval = \"20ms\", healthy = 1, unhealthy = 1 }\n";
    let (world, mut client) = in_front_of(&[good, bad], settings).await;
    let token = world.authority.jwt(&json!({}));
    let all_pass = async {
        let mut passed = 0;
        while passed < 20 {
            let called = client.check(signed(&token, check("shop"))).await;
            passed = if called.is_ok() { passed + 1 } else { 0 };
        }
    };
    let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), all_pass);
    assert!(in_time.await.is_ok(), "checked, the broken one gets no calls");
}

/// A call that fails at once says so below a status of 200; it does not count, and beyond the plan none passes.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_succeed_are_metered_and_refused_once_the_plan_is_used_up() {
    let (address, _reporter) = serve().await;
    let routes = format!(
        "[[upstreams]]\nname = \"shop\"\naddresses = [\"{address}\"]\nprotocol = \"h2c\"\n\
         [[routes]]\nname = \"health\"\nmatch = {{ path = \"/**\" }}\nupstream = \"shop\"\n\
         require = {{ audience = \"https://api\", entitlement = \"checks\" }}\nmeter = \"checks\"\n"
    );
    let world = World::with(&routes, "[usage]\ninterval = \"20ms\"").await;
    world.authority.plan("1", "checks", Some(2));
    world.caught_up().await;
    let channel = Channel::from_shared(format!("http://{}", world.address())).unwrap();
    let mut client = HealthClient::new(channel.connect().await.unwrap());
    let token = world.token_of("1");
    for (service, code) in [
        ("other", Some(Code::NotFound)),
        ("shop", None),
        ("shop", None),
        ("shop", Some(Code::PermissionDenied)),
    ] {
        let answer = client.check(signed(&token, check(service))).await;
        assert_eq!(answer.err().map(|status| status.code()), code, "{service}");
    }
    eventually(|| world.authority.used("1", "checks") == 2).await;
}
