//! Other providers' word: used by many at once, and what is left when it was taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use domain::federation::{
    Answer, Attempt, Callback, FederationError, Finished, Identity, IdentityProvider, ProviderInfo,
    Providers, Purpose, Start, Unfinished, UnlinkError, UpstreamEmail, UpstreamError, UpstreamTokens,
};
use domain::oauth::authorize::SignedIn as Present;
use domain::people::SignedIn;
use domain::sealing::MasterKeys;
use futures::future::join_all;
use model::{PlainSecret, SecretDigest, SystemRandom};
use testkit::database::for_each_database;
use url::Url;

use crate::world::World;

const CALLBACK: &str = "/back";

/// Takes everybody for who the code says, and counts the tokens it ends.
pub struct Corner(ProviderInfo, Arc<AtomicUsize>);

impl Corner {
    fn new(ended: Arc<AtomicUsize>) -> Self {
        Self::called("corner", ended)
    }

    pub fn called(id: &str, ended: Arc<AtomicUsize>) -> Self {
        let info = ProviderInfo {
            id: id.to_owned(),
            name: "Corner".to_owned(),
            web: "https://corner.test".parse().unwrap(),
            allowed_domains: Vec::new(),
        };
        Self(info, ended)
    }
}

#[async_trait]
impl IdentityProvider for Corner {
    fn info(&self) -> &ProviderInfo {
        &self.0
    }

    async fn authorization_url(&self, attempt: &Attempt) -> Result<Url, UpstreamError> {
        let mut url = self.0.web.clone();
        url.query_pairs_mut().append_pair("state", attempt.state.expose());
        Ok(url)
    }

    async fn introduce(
        &self,
        _: &Attempt,
        answer: &Answer,
    ) -> Result<(Identity, UpstreamTokens), UpstreamError> {
        let subject = answer.code.expose().to_owned();
        let email = UpstreamEmail {
            address: format!("{subject}@corner.test"),
            verified: true,
        };
        let identity = Identity {
            login: Some(subject.clone()),
            subject,
            name: None,
            avatar: None,
            email: Some(email),
        };
        let tokens = UpstreamTokens {
            access: PlainSecret::new("canary-upstream"),
            refresh: None,
            expires_at: None,
        };
        Ok((identity, tokens))
    }

    async fn refresh(&self, _: &PlainSecret) -> Result<UpstreamTokens, UpstreamError> {
        Err(UpstreamError::Refused("never given".to_owned()))
    }

    async fn revoke(&self, _: &UpstreamTokens) -> Result<(), UpstreamError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn world(database: storage::Database) -> World {
    counting(database).0
}

/// Where browsers use passkeys, and how many tokens the corner has ended.
pub fn counting(database: storage::Database) -> (World, Arc<AtomicUsize>) {
    let keys = MasterKeys::generate(&SystemRandom);
    let ended = Arc::new(AtomicUsize::new(0));
    let providers = Providers::new(vec![Arc::new(Corner::new(ended.clone()))]);
    let world = World::knowing(providers, (database, &keys), |settings| {
        settings.issuer = "http://localhost:8080".to_owned();
    });
    (world, ended)
}

fn browser(mark: &str) -> SecretDigest {
    SecretDigest::of(mark)
}

impl World {
    async fn leave(&self, purpose: Purpose, mark: &str) -> String {
        let start = Start {
            provider: "corner",
            callback: CALLBACK,
            page: None,
            purpose,
            choose_account: false,
            browser: browser(mark),
        };
        let url = self.authority.start_federation(&self.ctx(), start).await;
        let url = url.ok().unwrap();
        url.query_pairs().next().unwrap().1.into_owned()
    }

    async fn back(
        &self,
        (state, code, mark): (&str, &str, &str),
        present: Option<Present>,
    ) -> Result<Finished, Unfinished> {
        let back = Callback {
            provider: "corner",
            callback: CALLBACK,
            state,
            code: Some(code),
            error: None,
            issuer: None,
            browser: browser(mark),
            present,
        };
        self.authority.finish_federation(&self.ctx(), back).await
    }

    pub async fn come(&self, code: &str) -> Result<Finished, Unfinished> {
        let state = self.leave(Purpose::SignIn { flow: None }, code).await;
        self.back((&state, code, code), None).await
    }

    pub async fn link(&self, who: &SignedIn, code: &str) {
        let purpose = Purpose::Link {
            user: who.user.id,
            session: who.session.id,
        };
        let state = self.leave(purpose, code).await;
        let present = Present {
            user: who.user.clone(),
            session: who.session.clone(),
        };
        let linked = self.back((&state, code, code), Some(present)).await;
        assert!(matches!(linked, Ok(Finished::Linked(_))));
    }
}

pub fn signed_in(finished: Finished) -> SignedIn {
    match finished {
        Finished::SignedIn { sign_in, .. } => sign_in.done().unwrap(),
        Finished::Linked(_) => panic!("linked"),
    }
}

#[tokio::test]
async fn a_stranger_who_comes_many_times_at_once_gets_one_account() {
    for_each_database(async |database| {
        let world = world(database);
        let tries = join_all((0..8).map(|_| world.come("grace"))).await;
        assert!(tries.iter().any(Result::is_ok));
        for lost in tries.into_iter().filter_map(Result::err) {
            // Somebody with this address was there first: themselves.
            let why = lost.why;
            assert!(
                matches!(why, FederationError::Stale | FederationError::EmailTaken),
                "{why}"
            );
        }
        assert_eq!(world.count_audit("user.created").await, 1);
        assert_eq!(world.count_audit("account.linked").await, 1);
        let grace = signed_in(world.come("grace").await.ok().unwrap());
        assert_eq!(grace.session.authentication.amr, ["fed"]);
    })
    .await;
}

#[tokio::test]
async fn one_answer_that_comes_back_many_times_at_once_is_taken_once() {
    for_each_database(async |database| {
        let world = world(database);
        let state = world.leave(Purpose::SignIn { flow: None }, "mark").await;
        let tries = join_all((0..8).map(|_| world.back((&state, "grace", "mark"), None))).await;
        assert_eq!(tries.iter().filter(|tried| tried.is_ok()).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn of_two_ways_in_that_are_let_go_of_at_once_one_stays() {
    for_each_database(async |database| {
        let world = world(database);
        let grace = signed_in(world.come("grace").await.ok().unwrap());
        world.link(&grace, "hopper").await;
        let (authority, user, ctx) = (&world.authority, grace.user.id, world.ctx());
        let (first, second) = futures::join!(
            authority.unlink_account(&ctx, user, ("corner", "grace")),
            authority.unlink_account(&ctx, user, ("corner", "hopper")),
        );
        let refused = [first, second].into_iter().filter_map(Result::err);
        let refused: Vec<UnlinkError> = refused.collect();
        assert!(matches!(refused[..], [UnlinkError::OnlyWayIn]));
        let left = authority.linked_accounts(user).await.unwrap();
        assert_eq!((left.len(), left[0].is_active()), (1, true));
    })
    .await;
}

#[tokio::test]
async fn tokens_of_a_provider_are_not_in_the_database_in_the_clear() {
    for_each_database(async |database| {
        let world = world(database);
        let grace = signed_in(world.come("grace").await.ok().unwrap());
        let stored = world.authority.linked_accounts(grace.user.id).await.unwrap();
        let sealed = stored[0].tokens.clone().unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("canary-upstream"));
        let (ctx, whose) = (world.ctx(), ("corner", "grace"));
        let token = world.authority.upstream_access_token(&ctx, grace.user.id, whose);
        assert_eq!(token.await.ok().unwrap().expose(), "canary-upstream");
    })
    .await;
}

#[tokio::test]
async fn an_answer_comes_back_to_the_door_it_left_by() {
    for_each_database(async |database| {
        let world = world(database);
        let state = world.leave(Purpose::SignIn { flow: None }, "mark").await;
        let elsewhere = Callback {
            provider: "corner",
            callback: "/another/back",
            state: &state,
            code: Some("grace"),
            error: None,
            issuer: None,
            browser: browser("mark"),
            present: None,
        };
        let refused = world.authority.finish_federation(&world.ctx(), elsewhere).await;
        let why = refused.err().unwrap().why;
        assert!(matches!(why, FederationError::StateInvalid));
        assert_eq!(world.count_audit("user.created").await, 0);
    })
    .await;
}

/// Whoever has a passkey gets in without any provider.
#[tokio::test]
async fn the_last_account_is_let_go_of_where_a_passkey_is_left() {
    for_each_database(async |database| {
        let (world, ended) = counting(database);
        let grace = signed_in(world.come("grace").await.ok().unwrap());
        let unlink = async || {
            let (ctx, whose) = (world.ctx(), ("corner", "grace"));
            world.authority.unlink_account(&ctx, grace.user.id, whose).await
        };
        assert!(matches!(unlink().await, Err(UnlinkError::OnlyWayIn)));
        world.plant_passkey(grace.user.id, b"laptop").await;
        unlink().await.unwrap();
        while world.authority.run_due_jobs().await.unwrap() > 0 {}
        assert_eq!(ended.load(Ordering::SeqCst), 1);
    })
    .await;
}
