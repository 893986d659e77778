//! People: how they get an account, sign in, stay signed in and leave.
//! Refuses to know pages and protocols: a sign-in is a session, whatever asked for it.

pub mod account;
pub mod administration;
pub mod applications;
pub mod avatar;
pub mod billing_account;
pub mod challenge;
pub mod change_password;
pub mod deletion;
pub mod download;
pub mod export;
pub mod history;
pub mod log_in;
pub mod magic_link;
pub mod mailed_token;
pub mod milestones;
pub mod own_account;
pub mod own_email;
pub mod own_sessions;
pub mod passkey;
pub mod password;
pub mod preferences;
pub mod presence;
pub mod profile;
pub mod register;
pub mod second_factor;
pub mod session;
pub mod setup;
pub mod sign_in;
pub mod sign_out;
pub mod throttle;
pub mod undo_email;
pub mod verify_email;

mod account_endings;
mod activity;
pub(crate) mod device;
mod endings;
mod erase;
mod iam_log_in;
mod iam_password;
mod password_rules;
mod signer;
mod start;

pub use account::{AccountForm, AccountProblems, EmailProblem, NameProblem, UsernameProblem};
pub use account_endings::end_grants_in_account;
pub use activity::SessionActivity;
pub use administration::{AdministrationError, UserChange, UserPage, UserQuery};
pub use applications::Application;
pub use avatar::{AVATARS, AvatarError, LONGEST_UPLOAD};
pub use challenge::{AskError, AskedIn, ProofError};
pub use change_password::{CHOOSING, ChangePasswordError};
pub use deletion::RequestDeletionError;
pub use download::{DownloadError, DownloadTicket};
pub use history::HistoryCursor;
pub use iam_log_in::{IamLogIn, IamLoginError, IamSignIn, IamVerify};
pub use iam_password::IamPasswordError;
pub use log_in::{LogIn, LoginError};
pub use magic_link::OpenedLink;
pub use mailed_token::{AskLinkError, MailProof};
pub use milestones::Introduced;
pub use own_account::{ChangeOwnAccountError, ChangedAccount, OwnChanges};
pub use own_email::ChangeOwnEmailError;
pub use passkey::{AddPasskeyError, AddedPasskey, PasskeyAnswer, PasskeyCeremony, PasskeyError};
pub use preferences::{PreferenceProblem, Preferences, PreferencesError};
pub use presence::{Presence, PresenceDemand, PresenceError, is_fresh};
pub use profile::{ProfileForm, ProfileProblems, UpdateProfileError, time_zones};
pub use register::{RegisterError, Registered};
pub use second_factor::{
    BackupCodes, BeginTotpError, SecondFactorError, SecondFactorState, TotpSetup, TurnOffError, Waiting,
    trust_digest,
};
pub use setup::SetupError;
pub use sign_in::{SignIn, SignInError};
pub use signer::Signer;
pub use start::SignedIn;
pub use verify_email::{CONFIRMING, ConfirmEmailError};

pub(crate) use endings::{end_all, end_all_but};
