//! An administrator at the console, and somebody whom they look after.

use http::{StatusCode, header};
use model::user::{Role, User};

use crate::app::{Answer, App, Browser, PASSWORD};

pub struct World {
    pub app: App,
    pub root: Browser,
    /// An ordinary user, and their browser.
    pub ada: Browser,
    pub user: User,
}

impl World {
    pub async fn new() -> Self {
        let app = App::new().await;
        app.admin("root@example.org", Role::Admin).await;
        let mut root = app.browser();
        root.log_in("root@example.org", PASSWORD).await;
        let mut ada = app.browser_at("192.0.2.77");
        ada.register("ada").await;
        let user = app.authority.find_user("ada").await.unwrap().unwrap();
        Self { app, root, ada, user }
    }

    /// Where something is done to the user.
    pub fn deed(&self, word: &str) -> String {
        format!("/admin/users/{}/{word}", self.user.id)
    }

    /// Looks at the page that asks and answers it.
    pub async fn confirm(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.root.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.has_page("confirm-submit"), "{path}");
        let csrf = page.csrf();
        let mut all = vec![("csrf", csrf.as_str()), ("decision", "go")];
        all.extend(fields);
        self.root.post(path, &all).await
    }

    /// The same, and it is done.
    pub async fn confirmed(&mut self, path: &str, word: &str) {
        let answer = self.confirm(path, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
        let location = answer.header(header::LOCATION);
        assert!(location.ends_with(&format!("done={word}")), "{path}: {location}");
    }

    pub async fn audited(&self, action: &str) -> usize {
        let events = self
            .app
            .authority
            .account_history(&self.user, None, 200)
            .await
            .unwrap()
            .0;
        events.iter().filter(|event| event.action == action).count()
    }
}
