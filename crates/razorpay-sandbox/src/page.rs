//! Collections: a window over things, newest first.
//! Shows at most a hundred at once.

use serde_json::{Value, json};

use crate::fields::Fields;
use crate::problem::Problem;

const DEFAULT_COUNT: i64 = 10;
const MOST_COUNT: i64 = 100;

/// The members that every list takes.
pub(crate) const MEMBERS: [&str; 5] = ["from", "to", "count", "skip", "expand"];

/// A thing that has an answer of its own.
pub(crate) trait Entity {
    fn created_at(&self) -> i64;
    fn show(&self) -> Value;
}

/// Which part of a list is asked for.
pub(crate) struct Window {
    from: i64,
    to: i64,
    count: usize,
    skip: usize,
}

impl Window {
    pub(crate) fn read(asked: &Fields) -> Result<Self, Problem> {
        let count = asked.number_within("count", 1, MOST_COUNT)?;
        let skip = asked.number_within("skip", 0, i64::from(i32::MAX))?;
        Ok(Self {
            from: asked.number("from")?.unwrap_or(i64::MIN),
            to: asked.number("to")?.unwrap_or(i64::MAX),
            count: usize::try_from(count.unwrap_or(DEFAULT_COUNT)).unwrap_or(0),
            skip: usize::try_from(skip.unwrap_or(0)).unwrap_or(0),
        })
    }

    /// The window over things that come oldest first.
    pub(crate) fn over<'a, T: Entity + 'a>(&self, things: impl DoubleEndedIterator<Item = &'a T>) -> Value {
        let within = things
            .rev()
            .filter(|thing| (self.from..=self.to).contains(&thing.created_at()));
        collection(within.skip(self.skip).take(self.count).map(Entity::show))
    }
}

/// All of them.
pub(crate) fn collection(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.collect();
    json!({"entity": "collection", "count": items.len(), "items": items})
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(i64);
    impl Entity for Thing {
        fn created_at(&self) -> i64 {
            self.0
        }
        fn show(&self) -> Value {
            json!(self.0)
        }
    }

    fn window(query: &Value) -> Result<Window, Problem> {
        Window::read(&Fields::new(query.as_object().unwrap().clone()))
    }

    #[test]
    fn the_newest_come_first_and_the_window_moves() {
        let things: Vec<Thing> = (0..30).map(Thing).collect();
        let seen = |query: Value| window(&query).unwrap().over(things.iter())["items"].clone();
        assert_eq!(seen(json!({"count": "2"})), json!([29, 28]));
        assert_eq!(seen(json!({"count": 2, "skip": 3})), json!([26, 25]));
        assert_eq!(seen(json!({"from": 4, "to": 5})), json!([5, 4]));
        assert_eq!(seen(json!({})).as_array().unwrap().len(), 10);
    }

    #[test]
    fn a_hundred_are_the_most() {
        assert!(window(&json!({"count": 101})).is_err());
        assert!(window(&json!({"count": 0})).is_err());
        assert!(window(&json!({"skip": -1})).is_err());
    }
}
