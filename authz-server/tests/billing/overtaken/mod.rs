//! Every call that changes something at the gateway, when its answer is late, lost, or lost with its messages: what comes of it
//! is what comes of it in quiet weather.

mod ending;
mod scene;
mod stale;
mod weather;

use ending::Ending;
use scene::Scene;
use weather::Weather;

/// Longer than whatever is looked at again once a day.
const NEXT_DAY: u32 = 26 * 3_600;
/// A declined collection that nobody tells of is seen, tried again, and seen again.
const DAYS: u32 = 4;
const HALF_A_MONTH: u32 = 15 * 24 * 3_600;

async fn ending_of(scene: Scene, weather: Weather) -> Vec<Ending> {
    let (counter, subject) = scene.stage().await;
    weather.play(&counter, (scene, &subject)).await;
    counter.settle().await;
    scene.follow_up(&counter).await;
    for _ in 0..DAYS {
        counter.advance(NEXT_DAY);
        counter.look_after().await;
    }
    let mut endings = vec![Ending::of(&counter).await];
    if scene.waits_for_its_period() {
        for _ in 0..2 {
            counter.advance(HALF_A_MONTH);
            counter.look_after().await;
        }
        endings.push(Ending::of(&counter).await);
    }
    endings
}

/// Plays it in every weather; a route is called again only when nobody could know that the first call was heard.
async fn ends_alike_in_every_weather(scene: Scene) {
    let (quiet, overtaken, unanswered, silent) = tokio::join!(
        ending_of(scene, Weather::Quiet),
        ending_of(scene, Weather::Overtaken),
        ending_of(scene, Weather::Unanswered),
        ending_of(scene, Weather::Silent),
    );
    let bad = [
        (Weather::Overtaken, overtaken),
        (Weather::Unanswered, unanswered),
        (Weather::Silent, silent),
    ];
    for (weather, found) in bad {
        let mut expected = quiet.clone();
        for ending in &mut expected {
            ending.add_calls(scene.route(), scene.repeats(weather));
        }
        assert_eq!(found, expected, "{scene:?} in {weather:?}");
    }
}

macro_rules! scenes {
    ($($name:ident: $scene:ident,)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            ends_alike_in_every_weather(Scene::$scene).await;
        }
    )*};
}

scenes! {
    an_order: Order,
    a_customer: Customer,
    the_order_of_a_mandate: Mandate,
    a_collection: Collection,
    a_declined_collection: Decline,
    a_capture: Capture,
    a_refund: Refund,
    a_refund_that_fails: FailedRefund,
    a_plan: Plan,
    a_subscription: Subscribe,
    a_change_at_once: Change,
    a_change_that_waits: ChangeLater,
    a_change_that_is_taken_back: TakeBack,
    a_pause: Pause,
    going_on: Resume,
    an_end_at_once: Cancel,
    an_end_with_the_period: CancelLater,
    the_end_of_a_paused_one: CancelPaused,
    the_end_of_a_token: EndToken,
}
