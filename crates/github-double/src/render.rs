//! GitHub's JSON for the things of the world.
//! Shows what exists here and leaves out what has no counterpart, such as issues.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::clock;
use crate::people::Person;
use crate::settings::GithubApp;
use crate::world::{Account, AccountKind, Base, Installed, Stored, World};

/// An account as it appears inside other objects.
pub(crate) fn account(base: &Base, account: &Account) -> Value {
    let Account { id, login, kind } = account;
    let (web, api) = (&base.web, &base.api);
    let kind = kind_name(*kind);
    let user = format!("{api}/users/{login}");
    json!({
        "login": login,
        "id": id,
        "node_id": node_id(kind, *id),
        "avatar_url": format!("{web}/avatars/u/{id}?v=4"),
        "gravatar_id": "",
        "url": user,
        "html_url": format!("{web}/{login}"),
        "followers_url": format!("{user}/followers"),
        "following_url": format!("{user}/following{{/other_user}}"),
        "gists_url": format!("{user}/gists{{/gist_id}}"),
        "starred_url": format!("{user}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{user}/subscriptions"),
        "organizations_url": format!("{user}/orgs"),
        "repos_url": format!("{user}/repos"),
        "events_url": format!("{user}/events{{/privacy}}"),
        "received_events_url": format!("{user}/received_events"),
        "type": kind,
        "user_view_type": "public",
        "site_admin": false,
    })
}

/// The profile of the person who asks; the private part needs a scope.
pub(crate) fn profile(world: &World, person: &Person, private: bool) -> Value {
    let own = Account {
        id: person.id,
        login: person.login.clone(),
        kind: AccountKind::User,
    };
    let since = clock::text(world.started_at);
    let owned = |private| {
        let mine = world
            .repositories
            .values()
            .filter(|repository| repository.owner == person.id);
        mine.filter(|repository| repository.private == private).count()
    };
    let mut profile = account(&world.base, &own);
    merge(
        &mut profile,
        json!({
            "name": person.name,
            "company": null,
            "blog": "",
            "location": null,
            "email": person.public_email(),
            "hireable": null,
            "bio": null,
            "twitter_username": null,
            "public_repos": owned(false),
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": since,
            "updated_at": since,
        }),
    );
    if private {
        merge(&mut profile, private_part(owned(true)));
    }
    profile
}

fn private_part(repositories: usize) -> Value {
    json!({
        "user_view_type": "private",
        "private_gists": 0,
        "total_private_repos": repositories,
        "owned_private_repos": repositories,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": true,
        "plan": {"name": "free", "space": 976_562_499, "private_repos": 10_000, "collaborators": 0},
    })
}

/// A repository as events name it.
pub(crate) fn brief_repository(world: &World, repository: &Stored) -> Value {
    json!({
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": world.full_name(repository),
        "private": repository.private,
    })
}

/// A repository in a list.
pub(crate) fn repository(world: &World, repository: &Stored) -> Value {
    let full_name = world.full_name(repository);
    let owner = world.account(repository.owner);
    let since = clock::text(world.started_at);
    let mut value = brief_repository(world, repository);
    merge(
        &mut value,
        json!({
            "owner": owner.map(|owner| account(&world.base, &owner)),
            "html_url": format!("{}/{full_name}", world.base.web),
            "description": null,
            "fork": false,
            "url": format!("{}/repos/{full_name}", world.base.api),
            "clone_url": format!("{}/{full_name}.git", world.base.web),
            "default_branch": "main",
            "language": null,
            "archived": false,
            "disabled": false,
            "visibility": if repository.private { "private" } else { "public" },
            "pushed_at": since,
            "created_at": since,
            "updated_at": since,
            "permissions": {"admin": false, "maintain": false, "push": false, "triage": false, "pull": true},
        }),
    );
    value
}

/// Whether an installation reaches all repositories or chosen ones.
pub(crate) const fn selection(installed: &Installed) -> &'static str {
    if installed.selected.is_some() {
        "selected"
    } else {
        "all"
    }
}

/// An installation.
pub(crate) fn installation(world: &World, installed: &Installed) -> Value {
    let Base { web, api } = &world.base;
    let id = installed.id;
    let owner = world.account(installed.account);
    let app = world.app(installed.app);
    let suspended_by = installed.suspended_at.and(owner.as_ref());
    json!({
        "id": id,
        "client_id": app.map(|app| &app.client_id),
        "account": owner.as_ref().map(|owner| account(&world.base, owner)),
        "repository_selection": selection(installed),
        "access_tokens_url": format!("{api}/app/installations/{id}/access_tokens"),
        "repositories_url": format!("{api}/installation/repositories"),
        "html_url": format!("{web}/settings/installations/{id}"),
        "app_id": installed.app,
        "app_slug": app.map(|app| &app.slug),
        "target_id": installed.account,
        "target_type": owner.as_ref().map(|owner| kind_name(owner.kind)),
        "permissions": app.map(|app| &app.permissions),
        "events": [],
        "created_at": clock::text(installed.created_at),
        "updated_at": clock::text(installed.updated_at),
        "single_file_name": null,
        "has_multiple_single_files": false,
        "single_file_paths": [],
        "suspended_by": suspended_by.map(|owner| account(&world.base, owner)),
        "suspended_at": installed.suspended_at.map(clock::text),
    })
}

/// A GitHub App as it sees itself.
pub(crate) fn app(world: &World, app: &GithubApp) -> Value {
    let since = clock::text(world.started_at);
    let installed = world
        .installations
        .values()
        .filter(|installed| installed.app == app.id);
    json!({
        "id": app.id,
        "client_id": app.client_id,
        "slug": app.slug,
        "node_id": node_id("Integration", app.id),
        "owner": world.accounts().next().map(|owner| account(&world.base, &owner)),
        "name": app.slug,
        "description": null,
        "external_url": world.base.web,
        "html_url": format!("{}/apps/{}", world.base.web, app.slug),
        "created_at": since,
        "updated_at": since,
        "permissions": app.permissions,
        "events": [],
        "installations_count": installed.count(),
    })
}

const fn kind_name(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::User => "User",
        AccountKind::Organization => "Organization",
    }
}

fn node_id(kind: &str, id: u64) -> String {
    STANDARD.encode(format!("{:03}:{kind}{id}", kind.len()))
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        let more: Map<String, Value> = more;
        into.extend(more);
    }
}
