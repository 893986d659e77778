//! News of subscriptions in every order.

use proptest::prelude::*;

use super::*;

const DAY: u64 = 86_400;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

fn subscription() -> Subscription {
    Subscription {
        id: "sub_1".to_owned(),
        account: "123456789012".parse().unwrap(),
        plan: "pro".to_owned(),
        quantity: 1,
        status: SubscriptionStatus::Created,
        current_start: None,
        current_end: None,
        charge_at: None,
        ended_at: None,
        paid_count: 0,
        paid_until: None,
        booked_count: 0,
        short_url: None,
        cancel_at_end: false,
        coming: None,
        told_at: at(0),
        created_at: at(0),
    }
}

fn news(status: SubscriptionStatus, paid: u32, second: i64) -> Snapshot {
    Snapshot {
        status,
        plan: "pro".to_owned(),
        quantity: 1,
        current_start: Some(at(i64::from(paid) * 1000)),
        current_end: Some(at(i64::from(paid) * 1000 + 1000)),
        charge_at: None,
        ended_at: None,
        paid_count: paid,
        ends: false,
        change_at: None,
        coming: None,
        at: at(second),
        asked: false,
    }
}

fn heard(all: &[Snapshot]) -> Subscription {
    let mut subscription = subscription();
    for one in all {
        subscription.hear(one);
    }
    subscription
}

/// What can become of a subscription that was authorised, with the seconds in which it happens; several things can happen in
/// one second.
fn stories() -> impl Strategy<Value = Vec<Snapshot>> {
    use SubscriptionStatus as S;
    let middle = proptest::collection::vec(
        (
            proptest::sample::select(vec![S::Active, S::Pending, S::Halted, S::Paused]),
            0..3_i64,
        ),
        0..8,
    );
    let end = proptest::option::of(proptest::sample::select(vec![S::Cancelled, S::Completed]));
    (middle, end).prop_map(|(middle, end)| {
        let (mut paid, mut second) = (0, 1);
        let mut story = vec![news(S::Authenticated, 0, second)];
        for (status, pause) in middle {
            second += pause;
            paid += u32::from(status == S::Active);
            story.push(news(status, paid, second));
        }
        story.extend(end.map(|status| news(status, paid, second + 1)));
        story
    })
}

proptest! {
    #[test]
    fn news_in_any_order_and_any_number_end_alike(
        (story, shuffled) in stories().prop_flat_map(|story| {
            let twice: Vec<_> = story.iter().chain(&story).cloned().collect();
            (Just(story), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(heard(&story), heard(&shuffled));
    }
}

#[test]
fn two_things_of_one_second_are_doubtful_unless_they_were_asked_for() {
    use SubscriptionStatus as S;
    let mut subscription = heard(&[news(S::Active, 1, 10), news(S::Paused, 1, 20)]);
    let told = subscription.hear(&news(S::Active, 1, 20));
    assert!(told.doubtful && !told.changed);
    let asked = Snapshot {
        asked: true,
        ..news(S::Active, 1, 20)
    };
    assert!(subscription.hear(&asked).changed);
    assert_eq!(subscription.status, S::Active);
}

#[test]
fn a_paid_period_counts_although_its_news_are_old() {
    use SubscriptionStatus as S;
    let late = heard(&[news(S::Pending, 1, 30), news(S::Active, 1, 10)]);
    assert_eq!((late.status, late.paid_until), (S::Pending, Some(at(2000))));
}

#[test]
fn what_it_gives_in_each_state() {
    use LicenceStatus as L;
    use SubscriptionStatus as S;
    let grace = Duration::from_secs(DAY);
    let gives = |status, now| {
        let paid = heard(&[news(S::Active, 1, 10), news(status, 1, 20)]);
        paid.gives(at(now), grace)
    };
    let (end, late) = (at(2000), at(2000).plus(grace));
    assert_eq!(subscription().gives(at(0), grace), None);
    assert_eq!(gives(S::Active, 50), Some((L::Active, late)));
    assert_eq!(gives(S::Pending, 50), Some((L::PastDue, late)));
    for status in [S::Halted, S::Paused, S::Cancelled, S::Completed] {
        assert_eq!(gives(status, 50), Some((L::Active, end)), "{status}");
    }
    assert_eq!(gives(S::Paused, 2000), Some((L::Paused, end)));
    assert_eq!(gives(S::Halted, 2000), Some((L::Cancelled, end)));
    let mut ending = heard(&[news(S::Active, 1, 10)]);
    ending.cancel_at_end = true;
    assert_eq!(ending.gives(at(50), grace), Some((L::Active, end)));
}
