//! Plan oidcc-basic: the response in the query.

use crate::modules;
use crate::suite::Mode::Query;

pub const PROFILE: [&str; 14] = [
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

pub fn all() -> Vec<&'static str> {
    let others = [
        "email",
        "email_verified",
        "address",
        "phone_number",
        "phone_number_verified",
    ];
    PROFILE.into_iter().chain(others).collect()
}

#[tokio::test]
async fn oidcc_server() {
    modules::server(Query).await;
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    modules::response_type_missing(Query).await;
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    modules::idtoken_signature(Query).await;
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    modules::userinfo_get(Query).await;
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    modules::userinfo_post(Query, false).await;
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    modules::userinfo_post(Query, true).await;
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    modules::without_nonce(Query).await;
}

#[tokio::test]
async fn oidcc_scope_profile() {
    modules::scope(Query, "openid profile", &PROFILE).await;
}

#[tokio::test]
async fn oidcc_scope_email() {
    modules::scope(Query, "openid email", &["email", "email_verified"]).await;
}

#[tokio::test]
async fn oidcc_scope_address() {
    modules::scope(Query, "openid address", &["address"]).await;
}

#[tokio::test]
async fn oidcc_scope_phone() {
    modules::scope(Query, "openid phone", &["phone_number", "phone_number_verified"]).await;
}

#[tokio::test]
async fn oidcc_scope_all() {
    modules::scope(Query, "openid profile email address phone", &all()).await;
}

#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    modules::tolerated(
        Query,
        &[("scope", "phone profile openid"), ("state", "z"), ("nonce", "y")],
    )
    .await;
}

#[tokio::test]
async fn oidcc_display_page() {
    modules::tolerated(Query, &[("display", "page")]).await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    modules::tolerated(Query, &[("display", "popup")]).await;
}

#[tokio::test]
async fn oidcc_prompt_login() {
    modules::prompt_login(Query).await;
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    modules::prompt_none_not_logged_in(Query).await;
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    modules::prompt_none_logged_in(Query).await;
}

#[tokio::test]
async fn oidcc_max_age_1() {
    modules::max_age(Query, "1", true).await;
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    modules::max_age(Query, "10000", false).await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    modules::tolerated(Query, &[("extra", "foobar")]).await;
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    modules::id_token_hint(Query).await;
}

#[tokio::test]
async fn oidcc_login_hint() {
    modules::tolerated(Query, &[("login_hint", "buffy@op.example")]).await;
}

#[tokio::test]
async fn oidcc_ui_locales() {
    modules::tolerated(Query, &[("ui_locales", "se")]).await;
}

#[tokio::test]
async fn oidcc_claims_locales() {
    modules::tolerated(Query, &[("claims_locales", "se")]).await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    modules::acr_values(Query).await;
}

#[tokio::test]
async fn oidcc_codereuse() {
    modules::code_reuse(Query, 0).await;
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    modules::code_reuse(Query, 30).await;
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    modules::registered_redirect_uri(Query).await;
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    modules::post_request(Query).await;
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    modules::client_secret_post(Query).await;
}

#[tokio::test]
async fn oidcc_request_uri_unsigned() {
    modules::request_object(
        Query,
        "request_uri",
        "https://rp.example/r",
        "request_uri_not_supported",
    )
    .await;
}

#[tokio::test]
async fn oidcc_unsigned_request_object() {
    modules::request_object(
        Query,
        "request",
        "eyJhbGciOiJub25lIn0.e30.",
        "request_not_supported",
    )
    .await;
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    modules::request_object(Query, "request", "e.y.j", "request_not_supported").await;
}

#[tokio::test]
async fn oidcc_claims_essential() {
    modules::claims_essential(Query).await;
}

#[tokio::test]
async fn oidcc_refresh_token() {
    modules::refresh_token(Query).await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    modules::valid_pkce(Query).await;
}
