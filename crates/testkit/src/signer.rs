//! Requests signed with AWS Signature Version 4 by the `aws-sigv4` crate.
//! Knows nothing of how a signature is made or verified.
#![expect(clippy::expect_used, reason = "a broken set-up panics with the reason")]

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use model::Timestamp;

/// A program with an access key.
#[derive(Clone, Debug)]
pub struct Signer {
    pub id: String,
    pub secret: String,
    pub region: String,
    pub service: String,
}

/// A request on its way.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    pub method: String,
    /// With the query.
    pub target: String,
    /// In lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Outgoing {
    pub fn post(host: &str, target: &str, body: &str) -> Self {
        Self {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: vec![("host".to_owned(), host.to_owned())],
            body: body.to_owned(),
        }
    }

    /// The same with another header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map_or("", |(_, value)| value)
    }

    /// Changes the value of a header that is there.
    pub fn change(mut self, name: &str, change: impl Fn(&str) -> String) -> Self {
        for (_, value) in self.headers.iter_mut().filter(|(known, _)| known == name) {
            *value = change(value);
        }
        self
    }
}

impl Signer {
    pub fn new(id: &str, secret: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            region: "us-east-1".to_owned(),
            service: "iam".to_owned(),
        }
    }

    /// With an `Authorization` header.
    pub fn sign(&self, request: Outgoing, at: Timestamp) -> Outgoing {
        self.signed(request, at, SigningSettings::default())
    }

    /// With a signature in the query.
    pub fn presign(&self, request: Outgoing, at: Timestamp, life: Duration) -> Outgoing {
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(life);
        self.signed(request, at, settings)
    }

    fn signed(&self, mut request: Outgoing, at: Timestamp, settings: SigningSettings) -> Outgoing {
        let identity = Credentials::new(&self.id, &self.secret, None, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_seconds().unsigned_abs()))
            .settings(settings)
            .build()
            .expect("complete parameters")
            .into();
        let uri = format!("http://{}{}", request.header("host"), request.target);
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        let body = SignableBody::Bytes(request.body.as_bytes());
        let signable = SignableRequest::new(&request.method, &uri, headers, body).expect("a request");
        let (made, _) = sign(signable, &params).expect("a signature").into_parts();
        let (headers, query) = made.into_parts();
        let headers = headers
            .iter()
            .map(|header| (header.name().to_owned(), header.value().to_owned()));
        request.headers.extend(headers);
        let mut url = url::Url::parse(&uri).expect("a URL");
        for (name, value) in query {
            url.query_pairs_mut().append_pair(name, &value);
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path = request.target.split('?').next().unwrap_or_default();
        request.target = format!("{path}{query}");
        request
    }
}
