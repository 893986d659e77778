//! `/auth/iam/policies`: what may be attached to users and groups.

use axum::extract::{Extension, OriginalUri, Path, Query, State};
use axum::response::Response;
use domain::iam::{Listed, NewPolicy, Policy};
use http::StatusCode;
use model::Ctx;
use policy::Lint;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::page::Page;
use crate::surfaces::platform::wire::StatusBody;
use crate::surfaces::{Failure, time};

#[derive(Deserialize, ToSchema)]
pub struct NewPolicyBody {
    /// 1 to 64 letters, digits and characters of `+=,.@_-`; unique in the account, whatever the case.
    #[schema(example = "compute-read", max_length = 64)]
    name: String,
    /// For people: at most 1000 characters.
    #[serde(default)]
    #[schema(example = "Looks, never touches")]
    description: String,
    /// The policy: an object, or a text that has one in it. At most 6144 bytes.
    #[schema(value_type = Object)]
    document: Box<RawValue>,
}

#[derive(Serialize, ToSchema)]
pub struct PolicyBody {
    /// What it is attached by; of a managed one, its name.
    #[schema(example = "pol_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// As it was given.
    #[schema(example = "compute-read")]
    name: String,
    /// Its name in policies.
    #[schema(example = "arn:authz:iam::123456789012:policy/compute-read")]
    arn: String,
    /// For people.
    #[schema(example = "Looks, never touches")]
    description: String,
    /// `managed` ones come with the server; `custom` ones are the account's own.
    #[schema(example = "custom")]
    r#type: &'static str,
    /// As it was written.
    #[schema(value_type = Object)]
    document: Value,
    /// None for a managed one.
    created_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct WrittenPolicy {
    #[serde(flatten)]
    policy: PolicyBody,
    /// What in it is most likely not meant.
    #[schema(example = json!([]))]
    warnings: Vec<PolicyWarning>,
}

#[derive(Serialize, ToSchema)]
pub struct PolicyWarning {
    /// A word for programs.
    #[schema(example = "allow_not_action")]
    code: &'static str,
    /// The place of the statement, from 0.
    #[schema(example = 0)]
    statement: usize,
    /// For people.
    #[schema(example = "Statement #0 allows every action but those named, also actions added later.")]
    message: String,
}

impl From<Lint> for PolicyWarning {
    fn from(lint: Lint) -> Self {
        Self {
            code: lint.kind.code(),
            statement: lint.statement,
            message: lint.to_string(),
        }
    }
}

impl From<&Policy> for PolicyBody {
    fn from(policy: &Policy) -> Self {
        let (kind, created_at) = match policy {
            Policy::Managed(_) => ("managed", None),
            Policy::Custom(policy) => ("custom", Some(time::rfc3339(policy.created_at))),
        };
        // A row that is no JSON any more is shown as the text it is.
        let text = policy.document();
        let document = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        Self {
            id: policy.id(),
            name: policy.name().to_owned(),
            arn: policy.arn(),
            description: policy.description().to_owned(),
            r#type: kind,
            document,
            created_at,
        }
    }
}

/// The policies of the account: managed ones, then its own by name.
///
/// Action `iam:ListPolicies` on `policy/*`. At most 100 on a page.
#[utoipa::path(get, path = "/iam/policies", tag = "platform", operation_id = "iam_list_policies",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<PolicyBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "iam:ListPolicies", "iam:policy/*")
        .await?;
    let part = (page.limit, page.offset());
    let Listed { items, total } = state.authority.list_policies(&permit, part).await?;
    let body: Vec<PolicyBody> = items.iter().map(PolicyBody::from).collect();
    Ok(page.describe(private(StatusCode::OK, &body), &uri, total))
}

/// Write a policy.
///
/// Action `iam:CreatePolicy` on `policy/<name>`. It binds nobody until it is attached. A text that is no policy is 400
/// `malformed_policy` with `path`, `line`, `column` and `reason`; lines and columns count within `document`. What is most
/// likely not meant is told in `warnings`.
#[utoipa::path(post, path = "/iam/policies", tag = "platform", operation_id = "iam_create_policy",
    security(("bearer" = [])), request_body = NewPolicyBody, responses((status = 201, body = WrittenPolicy)))]
pub async fn create(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<NewPolicyBody>,
) -> Result<Response, Failure> {
    let resource = format!("iam:policy/{}", body.name);
    let permit = acting.permit(&state, &ctx, "iam:CreatePolicy", &resource).await?;
    // A text is a JSON string with the document in it; whatever else, the document itself.
    let document = serde_json::from_str::<String>(body.document.get());
    let new = NewPolicy {
        name: body.name,
        description: body.description,
        document: document.unwrap_or_else(|_| body.document.get().to_owned()),
    };
    let (policy, lints) = state.authority.create_policy(&ctx, &permit, new).await?;
    let policy = PolicyBody::from(&Policy::Custom(policy));
    let warnings = lints.into_iter().map(PolicyWarning::from).collect();
    Ok(private(StatusCode::CREATED, &WrittenPolicy { policy, warnings }))
}

/// Show a policy.
///
/// Action `iam:ListPolicies` on `policy/<name>`.
#[utoipa::path(get, path = "/iam/policies/{id}", tag = "platform", operation_id = "iam_read_policy",
    params(("id" = String, Path)), security(("bearer" = [])), responses((status = 200, body = PolicyBody)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting
        .permit_policy(&state, &ctx, "iam:ListPolicies", &id)
        .await?;
    let policy = state.authority.policy_of_id(&permit, &id).await?;
    Ok(private(StatusCode::OK, &PolicyBody::from(&policy)))
}

/// How to delete a policy.
#[derive(Deserialize)]
pub struct Deletion {
    detach: Option<String>,
}

/// End a policy.
///
/// Action `iam:DeletePolicy` on `policy/<name>`. One that somebody has is 409 `policy_in_use` with `in_use_by`, unless it is
/// to be detached from all of them. Managed ones stay: 403 `managed_policy`.
#[utoipa::path(delete, path = "/iam/policies/{id}", tag = "platform", operation_id = "iam_delete_policy",
    params(("id" = String, Path), ("detach" = Option<bool>, Query, description = "Detach it from everybody first.", example = true)),
    security(("bearer" = [])), responses((status = 200, body = StatusBody)))]
pub async fn delete(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
    Query(how): Query<Deletion>,
) -> Result<Response, Failure> {
    let detach = match how.detach.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Failure::invalid_field("detach", "must be true or false")),
    };
    let permit = acting
        .permit_policy(&state, &ctx, "iam:DeletePolicy", &id)
        .await?;
    state
        .authority
        .delete_policy(&ctx, &permit, (&id, detach))
        .await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
