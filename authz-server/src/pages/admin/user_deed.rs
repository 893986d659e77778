//! `/admin/users/{id}/{deed}`: everything that can be done to an account, each asked about first.
//! Refuses what does not apply to the account, or to whoever asks.

use axum::extract::Path;
use axum::response::Response;
use domain::people::AdministrationError;
use model::user::Role;

use super::confirm::{Found, Question, agreed, ask};
use super::gate::{Administrator, not_found};
use super::user::Case;
use super::{isolated, refused};
use crate::pages::posted::Posted;
use crate::pages::refusal::see_other;
use crate::pages::view::admin::Section;

/// What can be done to an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    Disable,
    Enable,
    Unlock,
    Promote,
    Demote,
    Reset,
    Confirm,
    EndSessions,
    Delete,
    Keep,
}

impl Deed {
    pub const ALL: [Self; 10] = [
        Self::Unlock,
        Self::Enable,
        Self::Keep,
        Self::Reset,
        Self::Confirm,
        Self::EndSessions,
        Self::Promote,
        Self::Demote,
        Self::Disable,
        Self::Delete,
    ];

    pub const fn path(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Unlock => "unlock",
            Self::Promote => "promote",
            Self::Demote => "demote",
            Self::Reset => "reset-password",
            Self::Confirm => "confirm-email",
            Self::EndSessions => "end-sessions",
            Self::Delete => "delete",
            Self::Keep => "keep",
        }
    }

    /// Of the link that leads to it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Disable => "user-disable",
            Self::Enable => "user-enable",
            Self::Unlock => "user-unlock",
            Self::Promote => "user-promote",
            Self::Demote => "user-demote",
            Self::Reset => "user-reset-password",
            Self::Confirm => "user-confirm-email",
            Self::EndSessions => "user-end-sessions",
            Self::Delete => "user-delete",
            Self::Keep => "user-keep",
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Self::Disable => "Disable",
            Self::Enable => "Enable",
            Self::Unlock => "Unlock",
            Self::Promote => "Make administrator",
            Self::Demote => "Make ordinary user",
            Self::Reset => "Send password link",
            Self::Confirm => "Take address as confirmed",
            Self::EndSessions => "End all sessions",
            Self::Delete => "Delete",
            Self::Keep => "Keep account",
        }
    }

    const fn consequence(self) -> &'static str {
        match self {
            Self::Disable => {
                "Every session, key and token ends at once, and nobody can sign in until the account is enabled again. What ended stays ended."
            }
            Self::Enable => {
                "The account can be signed in to again. Sessions and keys that ended do not come back."
            }
            Self::Unlock => {
                "Too many attempts were counted. They are forgotten, and the next one is taken at once."
            }
            Self::Promote => {
                "An administrator can do everything that you can do here, also to you. They sign in again first."
            }
            Self::Demote => {
                "They lose this console and sign in again. Their keys lose what only administrators may."
            }
            Self::Reset => {
                "A mail with a link goes to the address of the account. The password stays as it is until the link is used."
            }
            Self::Confirm => {
                "Nobody has shown that this mailbox is theirs. Do this only when you know it: the address can get a password link."
            }
            Self::EndSessions => {
                "Every browser and program that signed in has to sign in again. API keys stay, and so does the access of applications that act while the user is away."
            }
            Self::Delete => {
                "The account is shut at once. When the time of grace is over everything personal in it is erased, for good."
            }
            Self::Keep => {
                "The account is not erased. If an administrator has deleted it, it is enabled, too."
            }
        }
    }

    /// Whether something is lost by it.
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Disable | Self::Demote | Self::Delete)
    }

    /// Whether it asks who is there: all but what opens nothing and loses nothing for long.
    const fn is_grave(self) -> bool {
        !matches!(self, Self::Unlock | Self::EndSessions)
    }

    pub fn applies(self, admin: &Administrator, case: &Case) -> bool {
        let user = &case.user;
        let (is_open, is_self) = (user.disabled_at.is_none(), user.id == admin.who.user.id);
        match self {
            Self::Disable => is_open && !is_self,
            Self::Enable => !is_open && case.erased_at.is_none(),
            Self::Unlock => case.locked_until.is_some(),
            Self::Promote => !user.is_admin() && is_open,
            Self::Demote => user.is_admin() && !is_self,
            Self::Reset => is_open,
            Self::Confirm => user.email_verified_at.is_none(),
            Self::EndSessions => is_open,
            Self::Delete => !is_self && (is_open || case.erased_at.is_none()),
            Self::Keep => case.erased_at.is_some(),
        }
    }

    fn question(self, case: &Case) -> Question {
        let user = &case.user;
        let title = format!("{}: {}", self.words(), isolated(user.display_name()));
        let mut question = Question::new(Section::Users, "page-admin-user-deed", title)
            .lead(format!("{} ({})", user.email, user.id))
            .lead(self.consequence());
        question.action = format!("{}/{}", case.address(), self.path());
        question.back = case.address();
        question.button = self.words();
        question.is_grave = self.is_grave();
        question
    }

    /// The word for what was done.
    async fn carry_out(
        self,
        admin: &Administrator,
        case: &Case,
    ) -> Result<&'static str, AdministrationError> {
        let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
        let (id, by) = (case.user.id, admin.actor());
        let (changed, word) = match self {
            Self::Disable => (authority.disable_user(ctx, id, by).await?, "disabled"),
            Self::Enable => (authority.enable_user(ctx, id, by).await?, "enabled"),
            Self::Unlock => (authority.unlock_user(ctx, id, by).await?, "unlocked"),
            Self::Promote => (authority.change_role(ctx, id, Role::Admin, by).await?, "promoted"),
            Self::Demote => (authority.change_role(ctx, id, Role::User, by).await?, "demoted"),
            Self::Reset => (authority.send_reset_link(ctx, id, by).await?, "reset"),
            Self::Confirm => (authority.confirm_email_of(ctx, id, by).await?, "confirmed"),
            Self::EndSessions => (
                authority.end_sessions_of(ctx, id, by).await? > 0,
                "sessions-ended",
            ),
            Self::Delete => {
                authority.delete_user(ctx, id, by).await?;
                (true, "deleted")
            }
            Self::Keep => (authority.keep_user(ctx, id, by).await?, "kept"),
        };
        Ok(if changed { word } else { "nothing" })
    }
}

async fn question(admin: &Administrator, (id, deed): &(String, String)) -> Found<(Deed, Case)> {
    let case = Case::find(admin, id).await?;
    let named = Deed::ALL.into_iter().find(|known| known.path() == deed);
    let applicable = named.filter(|deed| deed.applies(admin, &case));
    match applicable {
        Some(deed) => {
            let question = deed.question(&case);
            Ok(((deed, case), question))
        }
        // What does not apply any more was done meanwhile, perhaps by this form.
        None if named.is_some() => Err(Box::new(see_other(&format!("{}?done=nothing", case.address())))),
        None => Err(Box::new(not_found(&admin.visitor))),
    }
}

pub async fn show(admin: Administrator, Path(path): Path<(String, String)>) -> Response {
    ask(&admin, question(&admin, &path).await).await
}

pub async fn submit(admin: Administrator, Path(path): Path<(String, String)>, posted: Posted) -> Response {
    let (id, word) = &path;
    let action = format!("{}/{id}/{word}", Section::Users.path());
    let (deed, case) = match agreed(&admin, (&action, &posted), question(&admin, &path)).await {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    match deed.carry_out(&admin, &case).await {
        Ok(word) => see_other(&format!("{}?done={word}", case.address())),
        Err(error) => refused(&admin, error),
    }
}
