use super::*;
use crate::params::ParamLimits;
use crate::prompt::Prompt;
use proptest::prelude::*;

const CHALLENGE: &str = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn params(text: &str) -> Params {
    Params::parse(text.as_bytes(), &ParamLimits::default()).unwrap()
}

fn read(extra: &str) -> Result<AuthorizationRequest, OAuthError> {
    let params = params(&format!("client_id=app&response_type=code&scope=openid&{extra}"));
    AuthorizationRequest::from_params(AuthorizationTarget::from_params(&params)?, &params)
}

fn refused(extra: &str) -> ErrorCode {
    read(extra)
        .err()
        .unwrap_or_else(|| panic!("accepted: {extra}"))
        .code()
}

#[test]
fn everything_is_read_and_survives_being_carried() {
    let request = read(&format!(
        "{CHALLENGE}&code_challenge_method=S256&redirect_uri=https://a/cb&response_mode=form_post&nonce=n\
         &state=%20%26%3D%25%2B&prompt=login+consent&max_age=0&login_hint=eve&id_token_hint=e.y.j&acr_values=a+b\
         &claims=%7B%22id_token%22%3A%7B%22acr%22%3Anull%7D%7D&ui_locales=de-AT+en&display=popup&resource=urn:a"
    ));
    let carried = serde_json::to_value(request.ok().unwrap()).unwrap();
    let again: AuthorizationRequest = serde_json::from_value(carried.clone()).unwrap();
    assert_eq!(again.target.state.as_deref(), Some(" &=%+"));
    assert!(again.prompt.contains(Prompt::Login) && again.is_openid());
    assert_eq!((again.max_age, again.display), (Some(0), Some(Display::Popup)));
    insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!(carried) });
}

#[test]
fn first_stage_needs_a_client() {
    for text in ["", "client_id=", "client_id=a+b", "redirect_uri=https://a/"] {
        assert!(AuthorizationTarget::from_params(&params(text)).is_err(), "{text}");
    }
    let long = format!("client_id={}", "a".repeat(256));
    assert!(AuthorizationTarget::from_params(&params(&long)).is_err());
}

#[test]
fn state_limit_holds_at_and_one_above() {
    let state = |len: usize| format!("client_id=a&state={}", "s".repeat(len));
    assert!(AuthorizationTarget::from_params(&params(&state(MAX_STATE_LEN))).is_ok());
    assert!(AuthorizationTarget::from_params(&params(&state(MAX_STATE_LEN + 1))).is_err());
}

/// O35
#[test]
fn front_channel_types_and_modes_are_refused() {
    let of = |text: &str| {
        let params = params(&format!("client_id=a&{text}"));
        AuthorizationRequest::from_params(AuthorizationTarget::from_params(&params).unwrap(), &params)
            .err()
            .map(|error| error.code())
    };
    assert_eq!(
        of("response_type=token"),
        Some(ErrorCode::UnsupportedResponseType)
    );
    assert_eq!(
        of("response_type=code+id_token"),
        Some(ErrorCode::UnsupportedResponseType)
    );
    assert_eq!(of(""), Some(ErrorCode::InvalidRequest));
    assert_eq!(
        of("response_type=code&response_mode=fragment"),
        Some(ErrorCode::InvalidRequest)
    );
    assert_eq!(of("response_type=code"), None);
}

/// O09
#[test]
fn plain_challenge_is_refused() {
    assert_eq!(refused(CHALLENGE), ErrorCode::InvalidRequest);
    assert_eq!(
        refused(&format!("{CHALLENGE}&code_challenge_method=plain")),
        ErrorCode::InvalidRequest
    );
    assert_eq!(
        refused("code_challenge=abc&code_challenge_method=S256"),
        ErrorCode::InvalidRequest
    );
    assert_eq!(refused("code_challenge_method=S256"), ErrorCode::InvalidRequest);
}

#[test]
fn unsupported_parameters_have_their_own_errors() {
    assert_eq!(refused("request=e.y.j"), ErrorCode::RequestNotSupported);
    assert_eq!(
        refused("request_uri=https://a/"),
        ErrorCode::RequestUriNotSupported
    );
    assert_eq!(
        refused("registration=%7B%7D"),
        ErrorCode::RegistrationNotSupported
    );
}

#[test]
fn malformed_parameters_are_refused() {
    let nonce = format!("nonce={}", "n".repeat(MAX_NONCE_LEN + 1));
    let acr = format!("acr_values={}", "a+".repeat(MAX_WORDS + 1));
    for extra in [
        "max_age=-1",
        "max_age=+1",
        "max_age=1.5",
        "max_age=99999999999",
        "prompt=none+login",
        &nonce,
        &acr,
    ] {
        assert_eq!(refused(extra), ErrorCode::InvalidRequest, "{extra}");
    }
    assert_eq!(refused("resource=relative"), ErrorCode::InvalidTarget);
    let code = AuthorizationRequest::from_params(
        AuthorizationTarget::from_params(&params("client_id=a")).unwrap(),
        &params("response_type=code&scope=a++b"),
    );
    assert_eq!(
        code.err().map(|error| error.code()),
        Some(ErrorCode::InvalidScope)
    );
}

#[test]
fn unknown_parameters_and_looks_are_ignored() {
    assert_eq!(
        read("extra=foobar&display=hologram&ui_locales=xx")
            .ok()
            .unwrap()
            .display,
        None
    );
}

proptest! {
    #[test]
    fn state_is_echoed_byte_for_byte(state in "[^\0]{1,200}") {
        let query: String =
            form_urlencoded::Serializer::new("client_id=a".to_owned()).append_pair("state", &state).finish();
        let target = AuthorizationTarget::from_params(&params(&query));
        prop_assert_eq!(target.ok().and_then(|target| target.state), Some(state));
    }
}
