//! Invitations, members and what nobody can do with them, on both databases.

use std::time::Duration;

use domain::mail::{Letter, Message};
use domain::teams::{AcceptError, InviteError, Invited, Seated, TeamError};
use futures::future::join_all;
use model::challenge::Purpose;
use model::iam::AccountId;
use model::team::{Member, TeamRole};
use model::user::User;
use storage::Database;
use testkit::database::{for_each_database, shut_log};

use crate::world::World;

const WEEK: u64 = 7 * 86_400;

/// An account with its root user, and others who have accounts of their own; each address is confirmed.
struct Team {
    world: World,
    ada: User,
    account: AccountId,
}

impl Team {
    async fn open(database: Database) -> Self {
        let world = World::new(database);
        let ada = person(&world, "ada").await;
        let account = world.authority.account_number(&world.ctx(), ada.id).await;
        let account = account.unwrap();
        Self { world, ada, account }
    }

    async fn seat(&self, user: &User, action: &'static str) -> Option<Seated> {
        let (ctx, authority) = (self.world.ctx(), &self.world.authority);
        let seat = authority.seat(&ctx, (user.id, &self.account), action);
        seat.await.unwrap()
    }

    async fn invite_as(&self, by: &User, email: &str, role: TeamRole) -> Result<Invited, InviteError> {
        let seat = self.seat(by, "team:Invite").await.unwrap();
        let ctx = self.world.ctx();
        self.world.authority.invite(&ctx, &seat, (email, role)).await
    }

    /// The token of the mail that follows.
    async fn invite(&self, user: &User, role: TeamRole) -> String {
        self.invite_as(&self.ada, user.email.as_str(), role)
            .await
            .unwrap();
        token(&self.world.work_off().await)
    }

    async fn accept(&self, user: &User, token: &str) -> Result<TeamRole, AcceptError> {
        let ctx = self.world.ctx();
        let joined = self.world.authority.accept_invitation(&ctx, user, token).await;
        joined.map(|joined| joined.membership.role)
    }

    /// A member by invitation.
    async fn hire(&self, name: &str, role: TeamRole) -> User {
        let user = person(&self.world, name).await;
        let token = self.invite(&user, role).await;
        assert_eq!(self.accept(&user, &token).await.unwrap(), role);
        user
    }

    async fn members(&self) -> Vec<Member> {
        let seat = self.seat(&self.ada, "team:ListMembers").await.unwrap();
        let listed = self.world.authority.list_members(&seat, (100, 0)).await;
        listed.unwrap().0
    }

    async fn roles(&self) -> Vec<(String, &'static str)> {
        let members = self.members().await;
        let told = |member: Member| (member.email.to_string(), member.membership.role.as_str());
        members.into_iter().map(told).collect()
    }

    async fn membership(&self, user: &User) -> model::team::Membership {
        let members = self.members().await;
        let found = members
            .into_iter()
            .find(|member| member.membership.user_id == user.id);
        found.unwrap().membership
    }

    async fn remove(&self, by: &User, user: &User) -> Result<(), TeamError> {
        let id = self.membership(user).await.id;
        let Some(seat) = self.seat(by, "team:RemoveMember").await else {
            return Err(TeamError::MembersOnly);
        };
        self.world
            .authority
            .remove_member(&self.world.ctx(), &seat, id)
            .await
    }

    async fn promote(&self, by: &User, user: &User, role: TeamRole) -> Result<(), TeamError> {
        let id = self.membership(user).await.id;
        let seat = self.seat(by, "team:UpdateMember").await.unwrap();
        let changed = self
            .world
            .authority
            .change_member_role(&self.world.ctx(), &seat, (id, role))
            .await;
        changed.map(drop)
    }
}

/// Somebody whose address is confirmed.
pub async fn person(world: &World, name: &str) -> User {
    let user = world.register(name).await.user;
    for letter in world.work_off().await {
        let Message::VerifyEmail { link, .. } = letter.message else {
            continue;
        };
        let token = link.split_once("token=").unwrap().1;
        let proven = world
            .authority
            .look_at_link(&world.ctx(), &[Purpose::VerifyEmail], token)
            .await
            .unwrap();
        world.authority.confirm_email(&world.ctx(), proven).await.unwrap();
    }
    fresh(world, &user).await
}

async fn fresh(world: &World, user: &User) -> User {
    let mut reader = world.authority.database.read().await.unwrap();
    let user = storage::users::find_by_id(&mut reader, user.id).await;
    user.unwrap().unwrap()
}

pub fn token(letters: &[Letter]) -> String {
    let mut links = letters.iter().filter_map(|letter| match &letter.message {
        Message::TeamInvitation { link, .. } => Some(link),
        _ => None,
    });
    let link = links.next_back().unwrap().clone();
    link.split_once("/join?token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn an_invitation_makes_a_member_once_and_tells_the_owner() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let grace = person(&team.world, "grace").await;
        let token = team.invite(&grace, TeamRole::Member).await;
        let info = team
            .world
            .authority
            .look_at_invitation(&team.world.ctx(), &token)
            .await;
        let info = info.unwrap().unwrap();
        assert_eq!(
            (info.account_name.as_str(), info.inviter_name.as_str()),
            ("Ada", "Ada")
        );
        assert_eq!(info.email_hint, "g…@example.org");
        team.world.advance(1);
        assert_eq!(team.accept(&grace, &token).await.unwrap(), TeamRole::Member);
        assert!(matches!(
            team.accept(&grace, &token).await,
            Err(AcceptError::Gone)
        ));
        let letters = team.world.work_off().await;
        assert!(letters.iter().any(|letter| {
            letter.to == team.ada.email && matches!(letter.message, Message::MemberJoined { .. })
        }));
        let expected = [("ada@example.org", "owner"), ("grace@example.org", "member")];
        let expected = expected.map(|(email, role)| (email.to_owned(), role));
        assert_eq!(team.roles().await, expected);
        for action in ["team.invited", "team.joined"] {
            assert_eq!(team.world.count_audit(action).await, 1, "{action}");
        }
    })
    .await;
}

/// T03: by another address, unconfirmed, expired to the second, withdrawn, replaced.
#[tokio::test]
async fn what_is_no_live_invitation_of_ones_own_makes_nobody_a_member() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let (grace, eve) = (
            person(&team.world, "grace").await,
            person(&team.world, "eve").await,
        );
        let replaced = team.invite(&grace, TeamRole::Admin).await;
        let token = team.invite(&grace, TeamRole::Viewer).await;
        assert!(matches!(
            team.accept(&grace, &replaced).await,
            Err(AcceptError::Gone)
        ));
        for text in [token.as_str(), replaced.as_str(), "az_iv_no", ""] {
            let refused = team.accept(&eve, text).await;
            assert!(matches!(refused, Err(AcceptError::NotFound)), "{text}");
        }
        let unconfirmed = User {
            email_verified_at: None,
            ..grace.clone()
        };
        let refused = team.accept(&unconfirmed, &token).await;
        assert!(matches!(refused, Err(AcceptError::EmailNotVerified)));
        team.world.advance(WEEK);
        assert!(matches!(
            team.accept(&grace, &token).await,
            Err(AcceptError::Gone)
        ));
        let token = team.invite(&grace, TeamRole::Viewer).await;
        team.world.advance(WEEK - 1);
        let seat = team.seat(&team.ada, "team:RevokeInvite").await.unwrap();
        let (ctx, authority) = (team.world.ctx(), &team.world.authority);
        let (open, total) = authority.list_invitations(&ctx, &seat, (10, 0)).await.unwrap();
        assert_eq!((open.len(), total), (1, 1));
        authority
            .revoke_invitation(&ctx, &seat, open[0].id)
            .await
            .unwrap();
        let again = authority.revoke_invitation(&ctx, &seat, open[0].id).await;
        assert!(matches!(again, Err(TeamError::NotFound)));
        assert!(matches!(
            team.accept(&grace, &token).await,
            Err(AcceptError::Gone)
        ));
        assert!(
            authority
                .look_at_invitation(&ctx, &token)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(team.members().await.len(), 1);
    })
    .await;
}

/// C10: in one write with what tells of it, or not at all.
#[tokio::test]
async fn nobody_joins_leaves_or_changes_a_role_while_it_cannot_be_told_of() {
    for_each_database(async |database| {
        let team = Team::open(database.clone()).await;
        let (grace, eve) = (
            team.hire("grace", TeamRole::Member).await,
            person(&team.world, "eve").await,
        );
        let token = team.invite(&eve, TeamRole::Viewer).await;
        let before = team.roles().await;
        shut_log(&database, true).await;
        assert!(team.accept(&eve, &token).await.is_err());
        assert!(team.promote(&team.ada, &grace, TeamRole::Admin).await.is_err());
        assert!(team.remove(&team.ada, &grace).await.is_err());
        shut_log(&database, false).await;
        assert_eq!(team.roles().await, before);
        assert_eq!(team.accept(&eve, &token).await.unwrap(), TeamRole::Viewer);
        team.promote(&team.ada, &grace, TeamRole::Admin).await.unwrap();
        team.remove(&team.ada, &grace).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_good_to_its_last_second() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let grace = person(&team.world, "grace").await;
        let token = team.invite(&grace, TeamRole::Viewer).await;
        team.world.clock.advance(Duration::from_secs(WEEK - 1));
        assert_eq!(team.accept(&grace, &token).await.unwrap(), TeamRole::Viewer);
    })
    .await;
}

/// T03: fifty acceptances of one link make one member.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_acceptances_race_and_one_wins() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let grace = person(&team.world, "grace").await;
        let token = team.invite(&grace, TeamRole::Member).await;
        let outcomes = join_all((0..50).map(|_| team.accept(&grace, &token))).await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 49));
        let refused = |lost: &Result<_, AcceptError>| matches!(lost, Err(AcceptError::Gone));
        assert!(lost.iter().all(refused));
        assert_eq!(team.members().await.len(), 2);
        assert_eq!(team.world.count_audit("team.joined").await, 1);
    })
    .await;
}

/// T03: nobody gives or takes more than they have, whatever their role lets them do.
#[tokio::test]
async fn nobody_reaches_above_their_own_role() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let admin = team.hire("adele", TeamRole::Admin).await;
        let owner = team.hire("olga", TeamRole::Admin).await;
        team.promote(&team.ada, &owner, TeamRole::Owner).await.unwrap();
        let invited = team.invite_as(&team.ada, "x@example.org", TeamRole::Owner).await;
        assert!(matches!(invited, Err(InviteError::NoSuchRole)));
        let promoted = team.promote(&admin, &admin, TeamRole::Owner).await;
        assert!(matches!(promoted, Err(TeamError::AboveOwn)));
        assert!(matches!(
            team.remove(&admin, &owner).await,
            Err(TeamError::AboveOwn)
        ));
        let demoted = team.promote(&admin, &owner, TeamRole::Viewer).await;
        assert!(matches!(demoted, Err(TeamError::AboveOwn)));
        for role in [TeamRole::Member, TeamRole::Billing, TeamRole::Viewer] {
            let name = format!("m{}", role.as_str());
            let lesser = team.hire(&name, role).await;
            for action in [
                "team:Invite",
                "team:RevokeInvite",
                "team:ListInvites",
                "team:RemoveMember",
                "team:UpdateMember",
            ] {
                assert!(team.seat(&lesser, action).await.is_none(), "{name} {action}");
            }
            assert!(team.seat(&lesser, "team:ListMembers").await.is_some(), "{name}");
        }
        let eve = person(&team.world, "eve").await;
        assert!(team.seat(&eve, "team:ListMembers").await.is_none());
    })
    .await;
}

/// T03: what was given by somebody who has lost it since is not given any more.
#[tokio::test]
async fn invitations_die_with_the_rights_of_whoever_made_them() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let admin = team.hire("adele", TeamRole::Admin).await;
        let (grace, hopper) = (
            person(&team.world, "grace").await,
            person(&team.world, "hopper").await,
        );
        team.invite_as(&admin, grace.email.as_str(), TeamRole::Admin)
            .await
            .unwrap();
        let first = token(&team.world.work_off().await);
        team.promote(&team.ada, &admin, TeamRole::Viewer).await.unwrap();
        assert!(matches!(
            team.accept(&grace, &first).await,
            Err(AcceptError::Gone)
        ));
        team.promote(&team.ada, &admin, TeamRole::Admin).await.unwrap();
        team.invite_as(&admin, hopper.email.as_str(), TeamRole::Member)
            .await
            .unwrap();
        let second = token(&team.world.work_off().await);
        team.remove(&team.ada, &admin).await.unwrap();
        assert!(matches!(
            team.accept(&hopper, &second).await,
            Err(AcceptError::Gone)
        ));
    })
    .await;
}

/// However owners go at each other, the account keeps its root user.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owners_who_remove_each_other_leave_the_root_user() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let olga = team.hire("olga", TeamRole::Admin).await;
        team.promote(&team.ada, &olga, TeamRole::Owner).await.unwrap();
        let (by_olga, by_ada) = tokio::join!(team.remove(&olga, &team.ada), team.remove(&team.ada, &olga));
        assert!(
            matches!(by_olga, Err(TeamError::LastOwner | TeamError::MembersOnly)),
            "{by_olga:?}"
        );
        by_ada.unwrap();
        let own = team.membership(&team.ada).await.id;
        let left = team
            .world
            .authority
            .leave(&team.world.ctx(), (&team.account, team.ada.id), own)
            .await;
        assert!(matches!(left, Err(TeamError::LastOwner)));
        let demoted = team.promote(&team.ada, &team.ada, TeamRole::Viewer).await;
        assert!(matches!(demoted, Err(TeamError::LastOwner)));
        assert_eq!(team.roles().await, [("ada@example.org".to_owned(), "owner")]);
    })
    .await;
}

#[tokio::test]
async fn a_member_leaves_by_themselves_and_may_come_back() {
    for_each_database(async |database| {
        let team = Team::open(database).await;
        let grace = team.hire("grace", TeamRole::Viewer).await;
        let (id, account) = (team.membership(&grace).await.id, team.account.clone());
        let leave = async |user: &User| {
            let ctx = team.world.ctx();
            team.world.authority.leave(&ctx, (&account, user.id), id).await
        };
        assert!(!leave(&team.ada).await.unwrap(), "somebody else's");
        assert!(leave(&grace).await.unwrap());
        assert!(!leave(&grace).await.unwrap());
        assert!(team.seat(&grace, "team:ListMembers").await.is_none());
        let token = team.invite(&grace, TeamRole::Member).await;
        assert_eq!(team.accept(&grace, &token).await.unwrap(), TeamRole::Member);
        let again = team
            .invite_as(&team.ada, grace.email.as_str(), TeamRole::Admin)
            .await;
        assert!(matches!(again, Err(InviteError::AlreadyMember)));
    })
    .await;
}

#[tokio::test]
async fn open_invitations_are_bounded_and_mails_to_one_address_too() {
    for_each_database(async |database| {
        let world = World::with(database, |settings| {
            settings.teams.most_invitations = 2;
            settings.mail.mailbox_throttle.free_attempts = 3;
        });
        let ada = person(&world, "ada").await;
        let account = world.authority.account_number(&world.ctx(), ada.id).await;
        let account = account.unwrap();
        let team = Team { world, ada, account };
        let invite = async |email: &str| team.invite_as(&team.ada, email, TeamRole::Viewer).await;
        assert!(!invite("a@example.org").await.unwrap().replaced);
        assert!(invite("A@example.org").await.unwrap().replaced);
        assert!(!invite("b@example.org").await.unwrap().replaced);
        assert!(matches!(
            invite("c@example.org").await,
            Err(InviteError::TooManyOpen)
        ));
        assert!(invite("a@example.org").await.unwrap().replaced);
        assert!(matches!(
            invite("a@example.org").await,
            Err(InviteError::TooManyMails { .. })
        ));
        assert!(matches!(invite("nobody").await, Err(InviteError::Malformed)));
    })
    .await;
}
