//! Requests signed by the `aws-sigv4` crate.
//! Refuses to know how a signature is made.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    sign as sign_request,
};
use aws_sigv4::sign::v4;
use sigv4::{PathForm, Request, Rules};

pub const ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2026-11-21T17:00:00Z.
pub const NOW: i64 = 1_795_280_400;

#[derive(Clone, Copy, Debug)]
pub enum Form {
    Header,
    /// With `x-amz-content-sha256`.
    HeaderWithDigest,
    Query,
}

/// A request that can be changed.
#[derive(Clone, Debug)]
pub struct Owned {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// How many of the headers, from the first, are signed.
    pub signed: usize,
}

impl Owned {
    pub fn new(method: &str, path: &str, query: &str, more: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let mut headers = vec![("host".to_owned(), "auth.example".to_owned())];
        headers.extend(more);
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            signed: headers.len(),
            headers,
            body,
        }
    }

    pub fn headers(&self) -> Vec<(&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect()
    }

    pub fn raw<'a>(&'a self, headers: &'a [(&'a str, &'a [u8])]) -> Request<'a> {
        Request {
            method: &self.method,
            path: &self.path,
            query: (!self.query.is_empty()).then_some(&self.query),
            headers,
            body: &self.body,
        }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        for header in self.headers.iter_mut().filter(|header| header.0 == name) {
            header.1 = value.to_owned();
        }
    }
}

pub fn rules() -> Rules<'static> {
    Rules {
        region: "eu-central-1",
        service: "iam",
        skew: Duration::from_secs(300),
        longest_presigned: Duration::from_secs(900),
        path: PathForm::Normalised,
    }
}

/// The same request, signed at [`NOW`].
pub fn sign(mut request: Owned, form: Form) -> Owned {
    let identity = Credentials::new(ID, SECRET, None, None, "test").into();
    let mut settings = SigningSettings::default();
    match form {
        Form::Header => {}
        Form::HeaderWithDigest => settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256,
        Form::Query => {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(600));
        }
    }
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-central-1")
        .name("iam")
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let mark = if request.query.is_empty() { "" } else { "?" };
    let uri = format!("https://auth.example{}{mark}{}", request.path, request.query);
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let body = SignableBody::Bytes(&request.body);
    let signable = SignableRequest::new(&request.method, uri, headers, body).unwrap();
    let (made, _) = sign_request(signable, &params).unwrap().into_parts();
    let (headers, query) = made.into_parts();
    request.headers.extend(
        headers
            .iter()
            .map(|header| (header.name().to_owned(), header.value().to_owned())),
    );
    for (name, value) in query {
        let sign = if request.query.is_empty() { "" } else { "&" };
        let encoded: String = value.bytes().map(encode).collect();
        request.query.push_str(&format!("{sign}{name}={encoded}"));
    }
    request
}

fn encode(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).into()
    } else {
        format!("%{byte:02X}")
    }
}
