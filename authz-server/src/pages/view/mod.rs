//! One file per page: the values it shows and the template it is shown with.
//! Views hold ready values; they look nothing up and judge nothing.

pub mod account;
mod account_fields;
pub mod admin;
mod consent;
mod error;
mod form;
mod form_part;
mod form_post;
mod home;
mod join;
mod linked;
mod logged_out;
mod login;
mod logout;
mod passkey;
mod prompt;
mod providers;
mod register;
mod setup;

pub use account_fields::{AccountFields, Field, PasswordRefusal};
pub use consent::{ConsentPage, ScopeLine};
pub use error::ErrorPage;
pub use form::{Form, Person};
pub use form_post::FormPostPage;
pub use home::HomePage;
pub use join::{JoinLink, JoinPage};
pub use linked::{LinkedPage, LinkedRow};
pub use logged_out::LoggedOutPage;
pub use login::LoginPage;
pub use logout::LogoutPage;
pub use passkey::{Ceremony, PasskeyPrompt};
pub use prompt::{Button, Input, PromptPage, Tick};
pub use providers::ProviderButton;
pub use register::RegisterPage;
pub use setup::SetupPage;
