//! What several operations of `/api` answer.
//! Refuses to be sent with more than its document shows.

use model::user::User;
use model::username::Username;
use serde::Serialize;
use utoipa::ToSchema;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = tokens::Person)]
pub struct PersonBody {
    /// The email address, for whoever has no user name.
    #[schema(example = "ada")]
    username: String,
    #[schema(example = "Ada Lovelace")]
    display_name: String,
    #[schema(example = "usr_0123456789abcdefghjkmnpqrs")]
    user_id: String,
    is_admin: bool,
}

/// That something was done.
#[derive(Serialize, ToSchema)]
#[schema(as = tokens::Status)]
pub struct StatusBody {
    #[schema(example = "ok")]
    pub status: &'static str,
}

impl StatusBody {
    pub const OK: Self = Self { status: "ok" };
}

impl From<&User> for PersonBody {
    fn from(user: &User) -> Self {
        let username = user.username.as_ref().map(Username::as_str);
        Self {
            username: username.unwrap_or(user.email.as_str()).to_owned(),
            display_name: user.display_name().to_owned(),
            user_id: user.id.to_string(),
            is_admin: user.is_admin(),
        }
    }
}
