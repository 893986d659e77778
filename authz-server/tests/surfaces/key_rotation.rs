//! Keys that take the place of others, and names that are taken, at each surface that has keys.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::json::{Program, Reply};
use crate::people::{register_as, signed};

/// One surface's keys: where, what is asked for, where the text is, and what the end of a key is called.
struct Door {
    path: &'static str,
    wish: Value,
    text: &'static str,
    ends: &'static str,
}

fn doors(user: &str) -> [Door; 3] {
    let door = |path, scopes: Value, text, ends| Door {
        path,
        wish: json!({"name": "CI Pipeline", "scopes": scopes}),
        text,
        ends,
    };
    let map = json!({ format!("compute.{user}"): ["read"] });
    let list = json!(["databases:read"]);
    [
        door("/api/tokens", map, "/token", "expires_at"),
        door("/v1/auth/api-keys", list.clone(), "/api_key", "expires_at"),
        door("/api/auth/cli-tokens", list, "/token", "expiresAt"),
    ]
}

async fn ada(app: &App) -> (Program, [Door; 3]) {
    let ada = signed(app).await;
    let user = ada.get("/v1/auth/me").await.text("/id").to_owned();
    (ada, doors(&user))
}

/// Codes are spelt in capitals on `/v1`.
fn refusal(reply: &Reply) -> (u16, String) {
    let (status, code) = reply.refusal();
    (status, code.to_lowercase())
}

async fn works(app: &App, text: &str) -> bool {
    app.program().bearing(text).get("/check").await.status == 200
}

#[tokio::test]
async fn a_key_is_replaced_and_goes_on_for_as_long_as_was_asked() {
    let app = App::new().await;
    let (ada, doors) = ada(&app).await;
    for door in doors {
        let old = ada.post(door.path, door.wish).await;
        let path = format!("{}/{}/rotate", door.path, old.text("/id"));
        let new = ada.post(&path, json!({"overlap": "1h"})).await;
        assert_eq!(new.status, 201, "{}", new.body);
        for member in ["name", "scopes"] {
            assert_eq!(new.body[member], old.body[member], "{member}");
        }
        assert_eq!(new.text("/replaces/id"), old.text("/id"));
        assert!(!new.body["replaces"][door.ends].is_null(), "{}", new.body);
        assert!(works(&app, old.text(door.text)).await && works(&app, new.text(door.text)).await);
        assert_eq!(
            refusal(&ada.post(&path, json!({})).await),
            (409, "key_replaced".to_owned())
        );
        app.clock.advance(Duration::from_secs(60 * 60));
        assert!(!works(&app, old.text(door.text)).await && works(&app, new.text(door.text)).await);
        let path = format!("{}/{}/rotate", door.path, new.text("/id"));
        let last = ada.post(&path, json!({"overlap": "0h"})).await;
        assert!(!works(&app, new.text(door.text)).await && works(&app, last.text(door.text)).await);
    }
}

/// Without a body: a day. Nobody else's key, none of another surface, no nonsense.
#[tokio::test]
async fn only_the_owner_replaces_a_key_and_where_it_was_made() {
    let app = App::new().await;
    let (ada, doors) = ada(&app).await;
    let bob = register_as(&app, "bob@example.org").await;
    let bob = app.program().bearing(bob.text("/token"));
    let elsewhere = ["/api/auth/cli-tokens", "/api/tokens", "/v1/auth/api-keys"];
    for (door, elsewhere) in doors.into_iter().zip(elsewhere) {
        let made = ada.post(door.path, door.wish).await;
        let id = made.text("/id");
        let path = format!("{}/{id}/rotate", door.path);
        assert_eq!(
            refusal(&bob.post(&path, json!({})).await),
            (404, "not_found".to_owned())
        );
        let other = format!("{elsewhere}/{id}/rotate");
        assert_eq!(ada.post(&other, json!({})).await.status, 404, "{other}");
        let with_key = app.program().bearing(made.text(door.text));
        let refused = with_key.post(&path, json!({})).await;
        assert_eq!(refusal(&refused), (403, "session_required".to_owned()));
        for overlap in ["8d", "", "1w", "-1h"] {
            let reply = ada.post(&path, json!({ "overlap": overlap })).await;
            assert_eq!(reply.status, 400, "{overlap}");
            assert!(reply.body["error"]["details"]["fields"]["overlap"].is_string());
        }
        assert_eq!(ada.send(Method::POST, &path, None).await.status, 201);
        let list = ada.get(door.path).await.body;
        let listed = list.as_array().or_else(|| list["api_keys"].as_array()).unwrap();
        assert_eq!(listed.len(), 2, "both, as long as both work: {list}");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict_until_the_key_ends() {
    let app = App::new().await;
    let (ada, doors) = ada(&app).await;
    for door in doors {
        let made = ada.post(door.path, door.wish.clone()).await;
        assert_eq!(
            made.status, 201,
            "the same name at another surface: {}",
            made.body
        );
        let taken = ada.post(door.path, door.wish.clone()).await;
        assert_eq!(refusal(&taken), (409, "duplicate_name".to_owned()));
        let once = ada.with("idempotency-key", door.path);
        let again = async |name: &str| {
            let mut wish = door.wish.clone();
            wish["name"] = json!(name);
            once.post(door.path, wish).await
        };
        let (first, second) = (again("Other").await, again("Other").await);
        assert_eq!(
            (second.status.as_u16(), first.body),
            (201, second.body),
            "sent again, not made again"
        );
        let end = format!("{}/{}", door.path, made.text("/id"));
        assert_eq!(ada.delete(&end).await.status, 200);
        assert_eq!(ada.post(door.path, door.wish.clone()).await.status, 201);
    }
}
