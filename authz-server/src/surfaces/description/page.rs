//! The page that shows the document, drawn by Scalar, which is served from here.
//! Asks no other site for anything.

use axum::response::{IntoResponse, Response};
use http::header;

/// Named after its release, so that caches keep it.
pub(super) const SCRIPT: &str = "/docs/scalar-1.46.4.js";
static SCALAR: &[u8] = include_bytes!("../../../assets/scalar/standalone.js.gz");

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API reference</title>
</head>
<body>
<noscript>This page needs scripts. The same is in <a href="/openapi.json">openapi.json</a>.</noscript>
<script id="api-reference" data-url="/openapi.json" data-configuration='{"withDefaultFonts": false, "hideClientButton": true, "telemetry": false, "showDeveloperTools": "never", "agent": {"disabled": true}, "mcp": {"disabled": true}}'></script>
<script src="/docs/scalar-1.46.4.js"></script>
</body>
</html>
"#;

/// Its script writes styles into the page, so those are allowed; nothing comes from or goes to anywhere else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

pub(super) async fn show() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    (headers, PAGE).into_response()
}

pub(super) async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CONTENT_ENCODING, "gzip"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    (headers, SCALAR).into_response()
}
