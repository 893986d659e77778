//! Plan oidcc-formpost-basic: all of Basic with `response_mode=form_post`.

use crate::modules;
use crate::suite::Mode::FormPost;

use crate::basic::{PROFILE, all};

#[tokio::test]
async fn oidcc_formpost_server() {
    modules::server(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_response_type_missing() {
    modules::response_type_missing(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_idtoken_signature() {
    modules::idtoken_signature(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_userinfo_get() {
    modules::userinfo_get(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_userinfo_post_header() {
    modules::userinfo_post(FormPost, false).await;
}

#[tokio::test]
async fn oidcc_formpost_userinfo_post_body() {
    modules::userinfo_post(FormPost, true).await;
}

#[tokio::test]
async fn oidcc_formpost_ensure_request_without_nonce_succeeds_for_code_flow() {
    modules::without_nonce(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_scope_profile() {
    modules::scope(FormPost, "openid profile", &PROFILE).await;
}

#[tokio::test]
async fn oidcc_formpost_scope_email() {
    modules::scope(FormPost, "openid email", &["email", "email_verified"]).await;
}

#[tokio::test]
async fn oidcc_formpost_scope_address() {
    modules::scope(FormPost, "openid address", &["address"]).await;
}

#[tokio::test]
async fn oidcc_formpost_scope_phone() {
    modules::scope(
        FormPost,
        "openid phone",
        &["phone_number", "phone_number_verified"],
    )
    .await;
}

#[tokio::test]
async fn oidcc_formpost_scope_all() {
    modules::scope(FormPost, "openid profile email address phone", &all()).await;
}

#[tokio::test]
async fn oidcc_formpost_alternate_happy_flow() {
    modules::tolerated(
        FormPost,
        &[("scope", "phone profile openid"), ("state", "z"), ("nonce", "y")],
    )
    .await;
}

#[tokio::test]
async fn oidcc_formpost_display_page() {
    modules::tolerated(FormPost, &[("display", "page")]).await;
}

#[tokio::test]
async fn oidcc_formpost_display_popup() {
    modules::tolerated(FormPost, &[("display", "popup")]).await;
}

#[tokio::test]
async fn oidcc_formpost_prompt_login() {
    modules::prompt_login(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_prompt_none_not_logged_in() {
    modules::prompt_none_not_logged_in(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_prompt_none_logged_in() {
    modules::prompt_none_logged_in(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_max_age_1() {
    modules::max_age(FormPost, "1", true).await;
}

#[tokio::test]
async fn oidcc_formpost_max_age_10000() {
    modules::max_age(FormPost, "10000", false).await;
}

#[tokio::test]
async fn oidcc_formpost_ensure_request_with_unknown_parameter_succeeds() {
    modules::tolerated(FormPost, &[("extra", "foobar")]).await;
}

#[tokio::test]
async fn oidcc_formpost_id_token_hint() {
    modules::id_token_hint(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_login_hint() {
    modules::tolerated(FormPost, &[("login_hint", "buffy@op.example")]).await;
}

#[tokio::test]
async fn oidcc_formpost_ui_locales() {
    modules::tolerated(FormPost, &[("ui_locales", "se")]).await;
}

#[tokio::test]
async fn oidcc_formpost_claims_locales() {
    modules::tolerated(FormPost, &[("claims_locales", "se")]).await;
}

#[tokio::test]
async fn oidcc_formpost_ensure_request_with_acr_values_succeeds() {
    modules::acr_values(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_codereuse() {
    modules::code_reuse(FormPost, 0).await;
}

#[tokio::test]
async fn oidcc_formpost_codereuse_30seconds() {
    modules::code_reuse(FormPost, 30).await;
}

#[tokio::test]
async fn oidcc_formpost_ensure_registered_redirect_uri() {
    modules::registered_redirect_uri(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_ensure_post_request_succeeds() {
    modules::post_request(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_server_client_secret_post() {
    modules::client_secret_post(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_request_uri_unsigned() {
    modules::request_object(
        FormPost,
        "request_uri",
        "https://rp.example/r",
        "request_uri_not_supported",
    )
    .await;
}

#[tokio::test]
async fn oidcc_formpost_unsigned_request_object() {
    modules::request_object(
        FormPost,
        "request",
        "eyJhbGciOiJub25lIn0.e30.",
        "request_not_supported",
    )
    .await;
}

#[tokio::test]
async fn oidcc_formpost_ensure_request_object_with_redirect_uri() {
    modules::request_object(FormPost, "request", "e.y.j", "request_not_supported").await;
}

#[tokio::test]
async fn oidcc_formpost_claims_essential() {
    modules::claims_essential(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_refresh_token() {
    modules::refresh_token(FormPost).await;
}

#[tokio::test]
async fn oidcc_formpost_ensure_request_with_valid_pkce_succeeds() {
    modules::valid_pkce(FormPost).await;
}
