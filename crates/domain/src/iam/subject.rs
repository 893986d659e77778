//! Who somebody is within an account and what binds them there, remembered as long as the revocation log is silent on them.
//! Refuses to go on with a policy that cannot be read: it may have denied anything, so it denies everything (P05).

use std::sync::Arc;
use std::time::Duration;

use model::UserId;
use model::iam::AccountId;
use model::team::TeamRole;
use moka::sync::Cache;
use oauth::revocation_index::TokenKeys;
use policy::{Document, Managed, Source};
use storage::iam_attachments::{Attached, Holder};
use storage::{Query, StorageError};

use super::roles;
use crate::authority::Authority;
use crate::fault::Fault;

/// In bytes of documents.
const MOST: u64 = 32 << 20;
const OVERHEAD: usize = 256;
const MOST_ACCOUNTS: u64 = 50_000;
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// A policy that binds somebody.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// What it is attached by.
    pub id: String,
    /// What explanations call it.
    pub name: String,
    /// None when the row holds no policy any more.
    pub document: Option<Arc<Document>>,
}

impl Held {
    pub(super) fn source(&self) -> Source<'_> {
        match &self.document {
            Some(document) => Source::new(&self.name, document),
            None => Source::unreadable(&self.name),
        }
    }

    /// Tells of a row that holds no policy any more.
    pub(super) fn of(attached: Attached, managed: &[Managed]) -> Self {
        let id = attached.policy_id;
        let (name, document) = match attached.custom {
            Some((name, text)) => (name, Document::parse(&text).ok()),
            None => {
                let found = managed.iter().find(|policy| policy.name == id);
                (id.clone(), found.map(|policy| policy.document.clone()))
            }
        };
        if document.is_none() {
            tracing::error!(
                policy = id,
                "a policy cannot be read; whoever has it is denied everything"
            );
        }
        Self {
            id,
            name,
            document: document.map(Arc::new),
        }
    }
}

/// What somebody may do.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    /// Everything within the account.
    Owner,
    /// What these allow together.
    Bound(Vec<Held>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SubjectKind {
    Root,
    Iam,
    Member,
}

impl SubjectKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Iam => "iam",
            Self::Member => "member",
        }
    }
}

/// Somebody within an account.
#[derive(Debug)]
pub(super) struct Subject {
    pub id: UserId,
    pub kind: SubjectKind,
    pub arn: String,
    pub username: Option<String>,
    pub groups: Vec<String>,
    pub standing: Standing,
}

/// Subjects as they were read, by user and account.
pub(crate) struct KnownSubjects(
    Cache<(UserId, AccountId), Known>,
    /// The account of an IAM user, or of a person; it never becomes another.
    Cache<UserId, AccountId>,
);

#[derive(Clone)]
struct Known {
    subject: Arc<Subject>,
    /// The position of the revocation log before it was read.
    position: u64,
}

impl Default for KnownSubjects {
    fn default() -> Self {
        let cache = Cache::builder()
            .weigher(|_, known: &Known| u32::try_from(known.subject.weight()).unwrap_or(u32::MAX))
            .max_capacity(MOST)
            .time_to_live(LONGEST)
            .build();
        let accounts = Cache::builder().max_capacity(MOST_ACCOUNTS);
        Self(cache, accounts.time_to_live(LONGEST).build())
    }
}

impl KnownSubjects {
    pub(super) fn account_of(&self, user: UserId) -> Option<AccountId> {
        self.1.get(&user)
    }

    pub(super) fn note_account(&self, user: UserId, account: AccountId) {
        self.1.insert(user, account);
    }
}

impl Subject {
    fn weight(&self) -> usize {
        let Standing::Bound(held) = &self.standing else {
            return OVERHEAD;
        };
        // A compiled document takes a few times its text.
        let texts = held
            .iter()
            .filter_map(|one| one.document.as_ref())
            .map(|one| OVERHEAD + 4 * one.text().len());
        OVERHEAD + texts.sum::<usize>()
    }
}

impl Authority {
    /// Nobody when the user has no business in the account. A few look-ups in memory, or a few indexed reads.
    pub(super) async fn subject(
        &self,
        account: &AccountId,
        user: UserId,
    ) -> Result<Option<Arc<Subject>>, Fault> {
        self.keep_up().await?;
        let key = (user, account.clone());
        if let Some(known) = self.known_subjects().0.get(&key)
            && self.is_as_read(user, known.position)
        {
            return Ok(Some(known.subject));
        }
        let position = self.log().position();
        let mut reader = self.database.read().await?;
        let found = read_subject(&mut reader, &self.settings.iam.managed, (account, user)).await?;
        drop(reader);
        let Some(subject) = found.map(Arc::new) else {
            self.known_subjects().0.invalidate(&key);
            return Ok(None);
        };
        let known = Known {
            subject: subject.clone(),
            position,
        };
        self.known_subjects().0.insert(key, known);
        Ok(Some(subject))
    }

    /// Nothing was said of the user since.
    fn is_as_read(&self, user: UserId, position: u64) -> bool {
        let user = user.to_string();
        let keys = TokenKeys {
            sub: Some(&user),
            ..TokenKeys::default()
        };
        !self.log().verdict(&keys, Some(position)).killed
    }
}

async fn read_subject(
    q: &mut impl Query,
    managed: &[Managed],
    (account, user): (&AccountId, UserId),
) -> Result<Option<Subject>, StorageError> {
    if let Some(iam) = storage::iam_users::find_by_id(q, user).await? {
        let here = iam.account_id == *account;
        let groups = storage::iam_groups::list_of_user(q, user).await?;
        let held = held_by_user(q, managed, user).await?;
        return Ok(here.then(|| Subject {
            id: user,
            kind: SubjectKind::Iam,
            arn: iam.arn(),
            username: Some(iam.name.to_string()),
            groups: groups.into_iter().map(|group| group.name.to_string()).collect(),
            standing: Standing::Bound(held),
        }));
    }
    let Some((kind, standing)) = standing_of_person(q, (account, user)).await? else {
        return Ok(None);
    };
    let person = storage::users::find_by_id(q, user).await?;
    let username = person.and_then(|person| person.username);
    Ok(Some(Subject {
        id: user,
        arn: match kind {
            SubjectKind::Root => account.root_arn(),
            SubjectKind::Iam | SubjectKind::Member => format!("arn:authz:team::{account}:member/{user}"),
        },
        kind,
        username: username.map(|name| name.to_string()),
        groups: Vec::new(),
        standing,
    }))
}

/// What a person is in an account: its root user, or what a role says.
async fn standing_of_person(
    q: &mut impl Query,
    (account, user): (&AccountId, UserId),
) -> Result<Option<(SubjectKind, Standing)>, StorageError> {
    let own = storage::accounts::find_of_root(q, user).await?;
    if own.as_ref() == Some(account) {
        return Ok(Some((SubjectKind::Root, Standing::Owner)));
    }
    let member = storage::memberships::find_of_user(q, account.as_str(), user).await?;
    Ok(member.and_then(|member| Some((SubjectKind::Member, of_role(member.role)?))))
}

/// What a role gives.
fn of_role(role: TeamRole) -> Option<Standing> {
    if role == TeamRole::Owner {
        return Some(Standing::Owner);
    }
    let (name, document) = roles::document(role)?;
    Some(Standing::Bound(vec![Held {
        id: name.to_owned(),
        name: name.to_owned(),
        document: Some(Arc::new(document.clone())),
    }]))
}

/// Everything that binds an IAM user.
pub(super) async fn held_by_user(
    q: &mut impl Query,
    managed: &[Managed],
    user: UserId,
) -> Result<Vec<Held>, StorageError> {
    let attached = storage::iam_attachments::list_binding(q, user).await?;
    Ok(attached.into_iter().map(|one| Held::of(one, managed)).collect())
}

/// What a group gives, or a user has without groups.
pub(super) async fn held_by(
    q: &mut impl Query,
    managed: &[Managed],
    holder: Holder,
) -> Result<Vec<Held>, StorageError> {
    let attached = storage::iam_attachments::list(q, holder).await?;
    Ok(attached.into_iter().map(|one| Held::of(one, managed)).collect())
}
