//! Installing the app, what it reaches, and ending it.

use std::time::Duration;

use domain::github_app::GithubAppError;
use github_double::{Endpoint, Fault, Repository};
use model::github_app::LinkedInstallation;

use crate::world::{CONSOLE, World, location, query};

const CALLBACK: &str = "/api/auth/github-app/callback";

#[tokio::test]
async fn an_installation_is_linked_once_github_confirms_it() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    let (authority, ctx) = (&world.app.authority, world.app.ctx());
    let url = authority.github_app_install_url(&ctx, Some(octo)).unwrap();
    assert!(url.path().ends_with("/apps/lighthouse/installations/new"));
    let state = &query(&url)["state"];
    let id = world.install("octo");
    let path = format!("{CALLBACK}?installation_id={id}&setup_action=install&state={state}");
    let back = location(&world.app.browser().get(&path).await);
    assert!(back.as_str().starts_with(CONSOLE));
    assert_eq!(query(&back)["installation_id"], id.to_string());
    let linked = world.installations(octo).await.remove(0);
    assert!(linked.is_active());
    assert_eq!(
        (linked.installation.id, linked.installation.account.as_str()),
        (id, "octo")
    );
    let names: Vec<_> = linked
        .repositories
        .iter()
        .map(|one| one.full_name.as_str())
        .collect();
    assert_eq!(names, ["octo/one", "octo/three", "octo/two"]);
}

/// The number in the address is a claim.
#[tokio::test]
async fn an_installation_of_somebody_else_is_not_linked() {
    let world = World::new().await;
    let (octo, hubot) = (world.user("octo").await, world.user("hubot").await);
    let (authority, ctx) = (&world.app.authority, world.app.ctx());
    let url = authority.github_app_install_url(&ctx, Some(hubot)).unwrap();
    let (id, state) = (world.install("octo"), query(&url)["state"].clone());
    let nobody = authority.github_app_install_url(&ctx, None).unwrap();
    for (given, error) in [
        (
            format!("installation_id={id}&state={state}"),
            "installation_not_found",
        ),
        (
            format!("installation_id=4711&state={state}"),
            "installation_not_found",
        ),
        (
            format!("installation_id={id}&state={}", &state[..40]),
            "invalid_state",
        ),
        (
            format!("installation_id={id}&state={}", query(&nobody)["state"]),
            "unauthorized",
        ),
        (format!("installation_id={id}"), "unauthorized"),
        (format!("installation_id=-1&state={state}"), "invalid_request"),
        (
            format!("installation_id={id}&installation_id=1&state={state}"),
            "invalid_request",
        ),
        (format!("state={state}"), "invalid_request"),
    ] {
        let back = location(&world.app.browser().get(&format!("{CALLBACK}?{given}")).await);
        assert_eq!(query(&back)["error"], error, "{given}");
    }
    world.app.clock.advance(Duration::from_secs(3600));
    let late = format!("{CALLBACK}?installation_id={id}&state={state}");
    let back = location(&world.app.browser().get(&late).await);
    assert_eq!(query(&back)["error"], "invalid_state");
    for user in [octo, hubot] {
        assert!(world.installations(user).await.is_empty());
    }
}

#[tokio::test]
async fn whoever_has_no_account_at_github_proves_nothing() {
    let world = World::new().await;
    let mut ada = world.app.browser();
    ada.register("ada").await;
    let id = world.install("octo");
    let back = location(&ada.get(&format!("{CALLBACK}?installation_id={id}")).await);
    assert_eq!(query(&back)["error"], "no_github_account");
    let asked = location(&ada.get(&format!("{CALLBACK}?setup_action=request")).await);
    assert_eq!(query(&asked)["setup_action"], "request");
}

#[tokio::test]
async fn all_pages_are_read_with_one_token_until_it_ends() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    for number in 0..240 {
        world
            .github
            .add_repository(Repository::new("octo", &format!("r{number}")))
            .unwrap();
    }
    world.link(octo, world.install("octo")).await.unwrap();
    assert_eq!(world.sync(octo).await.unwrap(), 243);
    assert_eq!(world.installations(octo).await[0].repositories.len(), 243);
    assert_eq!(world.count(Endpoint::InstallationRepositories), 6);
    assert_eq!(world.count(Endpoint::CreateInstallationToken), 1);
    let nearly_an_hour = Duration::from_secs(3600 - 30);
    world.github.advance(nearly_an_hour);
    world.app.clock.advance(nearly_an_hour);
    assert_eq!(world.sync(octo).await.unwrap(), 243);
    assert_eq!(world.count(Endpoint::CreateInstallationToken), 2);
}

#[tokio::test]
async fn one_of_several_is_active() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    let (own, team) = (world.install("octo"), world.install("acme"));
    assert!(matches!(world.sync(octo).await, Err(GithubAppError::NoneActive)));
    world.link(octo, own).await.unwrap();
    assert!(!world.link(octo, team).await.unwrap().is_active());
    let (authority, ctx) = (&world.app.authority, world.app.ctx());
    let chosen = authority.activate_github_installation(&ctx, octo, team).await;
    assert!(chosen.unwrap().is_active());
    let active: Vec<_> = world
        .installations(octo)
        .await
        .iter()
        .map(LinkedInstallation::is_active)
        .collect();
    assert_eq!(active, [false, true]);
    assert_eq!(world.sync(octo).await.unwrap(), 0);
    let unknown = authority.activate_github_installation(&ctx, octo, 4711).await;
    assert!(matches!(unknown, Err(GithubAppError::NotFound)));
}

#[tokio::test]
async fn an_installation_ends_at_github_then_here() {
    let world = World::new().await;
    let octo = world.user("octo").await;
    let id = world.install("octo");
    world.link(octo, id).await.unwrap();
    let (authority, ctx) = (&world.app.authority, world.app.ctx());
    world.github.fault(
        Endpoint::DeleteInstallation,
        Fault::Status { status: 502 },
        Some(1),
    );
    let failed = authority.uninstall_github_app(&ctx, octo, id).await;
    assert!(matches!(failed, Err(GithubAppError::Unavailable(_))));
    assert_eq!(world.installations(octo).await.len(), 1);
    authority.uninstall_github_app(&ctx, octo, id).await.unwrap();
    assert_eq!(world.count(Endpoint::DeleteInstallation), 2);
    assert!(world.installations(octo).await.is_empty());
    let again = authority.uninstall_github_app(&ctx, octo, id).await;
    assert!(matches!(again, Err(GithubAppError::NotFound)));
}

/// GitHub lets only owners of an organization do that.
#[tokio::test]
async fn a_member_does_not_end_an_installation_of_the_organization() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let id = world.install("acme");
    world.link(mona, id).await.unwrap();
    let (authority, ctx) = (&world.app.authority, world.app.ctx());
    let refused = authority.uninstall_github_app(&ctx, mona, id).await;
    assert!(matches!(refused, Err(GithubAppError::NotAllowed)));
    assert_eq!(world.count(Endpoint::DeleteInstallation), 0);
}
