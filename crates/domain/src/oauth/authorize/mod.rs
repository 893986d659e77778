//! The authorization endpoint's decisions (RFC 6749 §4.1, OIDC Core §3.1.2).
//! Refuses to redirect anywhere until client and redirection URI are known to belong together (O04).

mod decide;
mod issue_code;
mod validate;

pub use decide::{Decision, SignedIn};
pub use issue_code::{IssueCodeError, IssuedCode};
pub use validate::{AuthorizeError, Destination, Validated};
