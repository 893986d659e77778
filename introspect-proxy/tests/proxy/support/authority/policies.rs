//! Policies at the fake server: everybody may do everything, but for those who were forbidden it.
//! It refuses half a question.

use super::books::Question;
use super::{FakeAuthority, Inner};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Default)]
pub struct Policies {
    forbidden: Mutex<HashSet<String>>,
    asked: AtomicUsize,
    /// How long answers are said to hold.
    valid_for: Mutex<Option<u64>>,
}

impl FakeAuthority {
    /// These subjects may do nothing from now on, and nobody hears of it.
    pub fn forbid_silently(&self, subjects: &[&str]) {
        let mut forbidden = self.inner.policies.forbidden.lock().unwrap();
        forbidden.extend(subjects.iter().map(|&subject| subject.to_owned()));
    }

    /// These subjects may do nothing from now on, and everybody hears of it.
    pub fn forbid(&self, subjects: &[&str]) {
        self.forbid_silently(subjects);
        self.policies_changed(subjects);
    }

    /// Something is said of these subjects.
    pub fn policies_changed(&self, subjects: &[&str]) {
        let whom: Vec<_> = subjects.iter().map(|&subject| ("subject", subject)).collect();
        self.inner.tell(&whom);
    }

    /// Answers say from now on for how many seconds they hold.
    pub fn vouch_for(&self, seconds: u64) {
        *self.inner.policies.valid_for.lock().unwrap() = Some(seconds);
    }

    /// Questions about policies that came.
    pub fn asked_policies(&self) -> usize {
        self.inner.policies.asked.load(Ordering::SeqCst)
    }
}

pub(super) fn ruling(inner: &Inner, claims: &Value, asked: &Question) -> Value {
    assert!(asked.action.is_some() && asked.resource.is_some() && asked.context.is_some());
    inner.policies.asked.fetch_add(1, Ordering::SeqCst);
    let subject = claims["sub"].as_str().unwrap();
    let allowed = !inner.policies.forbidden.lock().unwrap().contains(subject);
    let reason = if allowed { "allowed" } else { "not_permitted" };
    let mut answer = json!({ "active": true, "allowed": allowed, "reason": reason });
    if let Some(seconds) = *inner.policies.valid_for.lock().unwrap() {
        answer["valid_for"] = seconds.into();
    }
    answer
}
