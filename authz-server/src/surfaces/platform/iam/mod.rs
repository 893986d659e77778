//! `/auth/iam`: users, groups and policies of an account.
//! Refuses nothing itself: what a caller may do is the authorizer's to say.

mod attachments;
mod failure;
mod groups;
mod members;
mod policies;
mod simulate;
mod users;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::read, users::delete))
        .routes(routes!(users::set_password))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::read, groups::delete))
        .routes(routes!(members::add, members::remove))
        .routes(routes!(policies::list, policies::create))
        .routes(routes!(policies::read, policies::delete))
        .routes(routes!(attachments::of_user))
        .routes(routes!(attachments::to_user, attachments::from_user))
        .routes(routes!(attachments::of_group))
        .routes(routes!(attachments::to_group, attachments::from_group))
        .routes(routes!(simulate::simulate))
}
