//! The events that GitHub Apps are told of.
//! Sends nothing itself, and drops events when nobody listens or the queue is full.

use serde_json::{Value, json};

use super::World;
use crate::render;
use crate::webhook::Delivery;

impl World {
    pub(super) fn announce_installation(&mut self, id: u64, action: &str) {
        let Some(installed) = self.installations.get(&id) else {
            return;
        };
        let repositories = self.installation_repositories(id);
        let repositories: Vec<Value> = repositories
            .iter()
            .map(|repository| render::brief_repository(self, repository))
            .collect();
        let payload = json!({
            "action": action,
            "installation": render::installation(self, installed),
            "repositories": repositories,
            "requester": null,
            "sender": self.sender(installed.account),
        });
        self.emit(installed.app, "installation", &payload);
    }

    pub(super) fn announce_repositories(&mut self, id: u64, action: &str, changed: &[u64]) {
        let Some(installed) = self.installations.get(&id).filter(|_| !changed.is_empty()) else {
            return;
        };
        let found = changed.iter().filter_map(|id| self.repositories.get(id));
        let repositories: Vec<Value> = found
            .map(|repository| render::brief_repository(self, repository))
            .collect();
        let (added, removed) = if action == "added" {
            (repositories, Vec::new())
        } else {
            (Vec::new(), repositories)
        };
        let payload = json!({
            "action": action,
            "installation": render::installation(self, installed),
            "repository_selection": render::selection(installed),
            "repositories_added": added,
            "repositories_removed": removed,
            "requester": null,
            "sender": self.sender(installed.account),
        });
        self.emit(installed.app, "installation_repositories", &payload);
    }

    pub(super) fn announce_revocation(&mut self, app: u64, person: u64) {
        let payload = json!({"action": "revoked", "sender": self.sender(person)});
        self.emit(app, "github_app_authorization", &payload);
    }

    /// Sends an event of that id again, unchanged.
    pub(crate) fn redeliver(&mut self, id: &str) -> bool {
        let Some(delivery) = self.journal.delivery(id) else {
            return false;
        };
        let sent = self.outbox.try_send(delivery).is_ok();
        if sent {
            self.journal.count_handed_over();
        }
        sent
    }

    fn emit(&mut self, app: u64, event: &'static str, payload: &Value) {
        let delivery = self.app(app).and_then(|app| Delivery::new(app, event, payload));
        if let Some(delivery) = delivery
            && self.outbox.try_send(delivery.clone()).is_ok()
        {
            self.journal.sent(delivery);
            self.journal.count_handed_over();
        }
    }

    /// Who acted: the account, or a member of it.
    fn sender(&self, account: u64) -> Value {
        let member = self.teams.get(&account).and_then(|team| team.members.first());
        let acting = self.account(member.copied().unwrap_or(account));
        acting.map_or(Value::Null, |account| render::account(&self.base, &account))
    }
}
