use super::*;

fn quick() -> Webhooks {
    Webhooks::default()
}

fn told(post: &mut Post, rules: &Webhooks, names: &[&str]) {
    for name in names {
        post.accept(name, format!("{{\"event\":\"{name}\"}}"), "secret", Some(rules));
    }
}

/// Takes all deliveries that are due, and answers each with this status.
fn sent(post: &mut Post, rules: &Webhooks, status: u16) -> Vec<String> {
    let mut names = Vec::new();
    while let Next::Send(event, attempt) = post.next(rules.hold) {
        post.answered(&event.id, attempt, Some(status), rules);
        names.push(event.name);
    }
    names
}

#[test]
fn events_go_in_their_order_with_their_signature() {
    let mut post = Post::new(Some(1));
    told(&mut post, &quick(), &["a", "b", "c"]);
    assert_eq!(sent(&mut post, &quick(), 200), ["a", "b", "c"]);
    let event = post.events().next().unwrap();
    assert_eq!(event.signature, signature::hex("secret", &event.body));
    assert!(post.is_quiet(false, false));
}

#[test]
fn duplicates_have_the_same_id() {
    let rules = Webhooks {
        duplicates: 2,
        ..quick()
    };
    let mut post = Post::new(Some(1));
    told(&mut post, &rules, &["a"]);
    assert_eq!(sent(&mut post, &rules, 200), ["a", "a", "a"]);
    assert_eq!(post.events().next().unwrap().answers, [Some(200); 3]);
}

#[test]
fn a_shuffle_is_another_order_and_the_same_for_the_same_seed() {
    let rules = Webhooks {
        shuffle: 4,
        ..quick()
    };
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let order = |seed: u64| {
        let mut post = Post::new(Some(seed));
        told(&mut post, &rules, &names);
        sent(&mut post, &rules, 200)
    };
    assert_eq!(order(3), order(3));
    let mut found = order(3);
    assert_ne!(found, names);
    found.sort();
    assert_eq!(found, names);
}

#[test]
fn what_is_not_taken_is_tried_again_later_and_at_last_given_up() {
    let rules = Webhooks {
        retries: 2,
        ..quick()
    };
    let mut post = Post::new(Some(1));
    told(&mut post, &rules, &["a"]);
    assert_eq!(sent(&mut post, &rules, 500).len(), 1);
    for wait in [999, 1] {
        post.at(post.now + wait);
        assert_eq!(sent(&mut post, &rules, 500).len(), usize::from(wait == 1));
    }
    post.at(post.now + 2_000);
    assert_eq!(sent(&mut post, &rules, 500).len(), 1);
    post.at(post.now + 1_000_000);
    assert!(sent(&mut post, &rules, 500).is_empty());
}

#[test]
fn late_events_wait_and_lost_ones_never_come() {
    let late = Webhooks {
        delay_min: 500,
        delay_max: 600,
        ..quick()
    };
    let lost = Webhooks {
        lost_percent: 100,
        ..quick()
    };
    let mut post = Post::new(Some(1));
    told(&mut post, &late, &["late"]);
    told(&mut post, &lost, &["lost"]);
    assert!(sent(&mut post, &quick(), 200).is_empty());
    post.at(600);
    assert_eq!(sent(&mut post, &quick(), 200), ["late"]);
}

#[test]
fn held_events_go_when_they_are_released() {
    let mut post = Post::new(Some(1));
    told(&mut post, &quick(), &["a"]);
    assert!(matches!(post.next(true), Next::Wait(None)));
    assert!(matches!(post.next(false), Next::Send(_, 0)));
}
