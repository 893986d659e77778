//! A new account as filled in, and all that is wrong with it at once.
//! Refuses to create: registration, the set-up link and the operator each have a verb of their own.

use model::email::Email;
use model::password::{Password, PasswordHash};
use model::user::{Profile, Role, User};
use model::username::Username;
use model::{Ctx, PlainSecret, UserId};

use super::password::{Context, PasswordProblem};
use crate::authority::Authority;
use crate::fault::Fault;

const LONGEST_NAME: usize = 100;

/// What somebody typed.
#[derive(Clone)]
pub struct AccountForm {
    /// Blank is none.
    pub username: String,
    pub email: String,
    /// Full name; blank is none.
    pub name: String,
    /// Blank is none.
    pub company: String,
    pub password: PlainSecret,
}

/// What is wrong with each field.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct AccountProblems {
    pub username: Option<UsernameProblem>,
    pub email: Option<EmailProblem>,
    pub name: Option<NameProblem>,
    pub company: Option<NameProblem>,
    pub password: Option<PasswordProblem>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UsernameProblem {
    #[error(transparent)]
    Malformed(model::username::UsernameError),
    #[error("this user name is taken")]
    Taken,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EmailProblem {
    #[error("this is not an email address")]
    Malformed,
    #[error("there is an account with this email address already")]
    Taken,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NameProblem {
    #[error("a name has at most {LONGEST_NAME} characters and no control characters")]
    Malformed,
}

impl AccountProblems {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Why there is no account to create.
pub(super) enum PrepareError {
    Invalid(Box<AccountProblems>),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for PrepareError {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

impl Authority {
    /// Judges the form and hashes the password; the user is ready to be inserted.
    pub(super) async fn prepare_account(
        &self,
        ctx: &Ctx,
        form: AccountForm,
        role: Role,
    ) -> Result<User, PrepareError> {
        let (fields, password, mut problems) = self.judge_form(&form).await?;
        if let Some(fields) = &fields {
            self.note_taken(fields, &mut problems).await?;
        }
        let (Some(fields), Some(password), true) = (fields, password, problems.is_empty()) else {
            return Err(PrepareError::Invalid(Box::new(problems)));
        };
        self.hashed(ctx, fields, password, role).await
    }

    /// The same, but whether the address has an account is told to the caller only, and costs nothing less (L01).
    pub(super) async fn prepare_secretly(
        &self,
        ctx: &Ctx,
        form: AccountForm,
    ) -> Result<(User, bool), PrepareError> {
        let (fields, password, mut problems) = self.judge_form(&form).await?;
        let mut is_taken = false;
        if let Some(fields) = &fields {
            self.note_taken(fields, &mut problems).await?;
            is_taken = problems.email == Some(EmailProblem::Taken);
            problems.email = problems.email.filter(|_| !is_taken);
        }
        let (Some(fields), Some(password), true) = (fields, password, problems.is_empty()) else {
            return Err(PrepareError::Invalid(Box::new(problems)));
        };
        Ok((self.hashed(ctx, fields, password, Role::User).await?, is_taken))
    }

    async fn hashed(
        &self,
        ctx: &Ctx,
        fields: Fields,
        password: Password,
        role: Role,
    ) -> Result<User, PrepareError> {
        let hash = self.hasher.hash(password, ctx.random.as_ref()).await?;
        Ok(fields.into_user(ctx, Some(hash), role))
    }

    /// The same for somebody who chooses the password later; the one in the form is not looked at.
    pub(super) async fn prepare_without_password(
        &self,
        ctx: &Ctx,
        form: &AccountForm,
        role: Role,
    ) -> Result<User, PrepareError> {
        let mut problems = AccountProblems::default();
        let fields = Fields::parse(form, &mut problems);
        if let Some(fields) = &fields {
            self.note_taken(fields, &mut problems).await?;
        }
        match fields.filter(|_| problems.is_empty()) {
            Some(fields) => Ok(fields.into_user(ctx, None, role)),
            None => Err(PrepareError::Invalid(Box::new(problems))),
        }
    }

    async fn judge_form(
        &self,
        form: &AccountForm,
    ) -> Result<(Option<Fields>, Option<Password>, AccountProblems), Fault> {
        let mut problems = AccountProblems::default();
        let fields = Fields::parse(form, &mut problems);
        let Ok(password) = Password::new(form.password.expose()) else {
            problems.password = Some(PasswordProblem::TooLong);
            return Ok((fields, None, problems));
        };
        let context = self
            .known_words()
            .with(&form.username)
            .with(&form.email)
            .with(&form.name);
        problems.password = self.hasher.judge(password.clone(), context).await?.err();
        Ok((fields, Some(password), problems))
    }

    pub(crate) fn known_words(&self) -> Context {
        let host = url::Url::parse(&self.settings.issuer)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        let context = Context::default().with(host.as_deref().unwrap_or_default());
        self.settings
            .passwords
            .known_words
            .iter()
            .fold(context, |context, word| context.with(word))
    }

    /// Explains a refused insert: which of the two unique fields somebody else has.
    pub(super) async fn taken(&self, user: &User) -> Result<AccountProblems, Fault> {
        let fields = Fields {
            username: user.username.clone(),
            email: user.email.clone(),
            name: None,
            company: None,
        };
        let mut problems = AccountProblems::default();
        self.note_taken(&fields, &mut problems).await?;
        Ok(problems)
    }

    async fn note_taken(&self, fields: &Fields, problems: &mut AccountProblems) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        if storage::users::find_by_email(&mut reader, fields.email.as_str())
            .await?
            .is_some()
        {
            problems.email = Some(EmailProblem::Taken);
        }
        if let Some(username) = &fields.username
            && storage::users::find_by_username(&mut reader, username.as_str())
                .await?
                .is_some()
        {
            problems.username = Some(UsernameProblem::Taken);
        }
        Ok(())
    }
}

/// The well-formed fields of a form.
struct Fields {
    username: Option<Username>,
    email: Email,
    name: Option<String>,
    company: Option<String>,
}

impl Fields {
    fn parse(form: &AccountForm, problems: &mut AccountProblems) -> Option<Self> {
        let username = match form.username.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(UsernameProblem::Malformed),
        };
        let email = form.email.parse::<Email>().map_err(|_| EmailProblem::Malformed);
        let name = parse_name(&form.name);
        let company = parse_name(&form.company);
        match (username, email, name, company) {
            (Ok(username), Ok(email), Ok(name), Ok(company)) => Some(Self {
                username,
                email,
                name,
                company,
            }),
            (username, email, name, company) => {
                problems.username = username.err();
                problems.email = email.err();
                problems.name = name.err();
                problems.company = company.err();
                None
            }
        }
    }

    fn into_user(self, ctx: &Ctx, password: Option<PasswordHash>, role: Role) -> User {
        User {
            id: UserId::random(ctx.random.as_ref()),
            username: self.username,
            email: self.email,
            email_verified_at: None,
            role,
            password,
            profile: Profile {
                name: self.name,
                company: self.company,
                ..Profile::default()
            },
            disabled_at: None,
            created_at: ctx.now,
            updated_at: ctx.now,
        }
    }
}

pub(super) fn parse_name(text: &str) -> Result<Option<String>, NameProblem> {
    let name = text.trim();
    if name.len() > LONGEST_NAME * 4 || name.chars().count() > LONGEST_NAME || name.contains(char::is_control)
    {
        return Err(NameProblem::Malformed);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}
