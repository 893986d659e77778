//! What becomes of an answer and of the messages about the same thing.

use http::Method;
use razorpay_sandbox::{Failure, When};

use super::scene::Scene;
use crate::counter::Counter;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weather {
    Quiet,
    /// What was asked for is done and told before it is answered.
    Overtaken,
    /// It is done and told, and the connection is cut without an answer.
    Unanswered,
    /// It is done, and then nothing is answered or told for a time; what was told is never told again.
    Silent,
}

impl Weather {
    /// What the scene does, and what others do meanwhile.
    pub async fn play(self, counter: &Counter, (scene, subject): (Scene, &str)) {
        let (bank, route) = (&counter.bank, scene.route());
        match self {
            Self::Quiet => {}
            Self::Overtaken => {
                bank.fail(route, Failure::Held, When::After, 1);
                return overtake(counter, (scene, subject)).await;
            }
            Self::Unanswered => bank.fail(route, Failure::Timeout { millis: 50 }, When::After, 1),
            Self::Silent => {
                bank.set_webhook(None, "nobody-listens-to-this-one");
                bank.fail(route, Failure::Cut, When::After, 1);
                bank.fail("GET *", Failure::Cut, When::Before, 4);
            }
        }
        let is_left = scene.act(counter, subject).await;
        bank.clear_failures();
        // Whoever is answered all the same has been told the truth; whoever needs the answer presses once more.
        let may_be_left = match self {
            Self::Quiet | Self::Overtaken => false,
            Self::Unanswered => scene.repeats(self) > 0,
            Self::Silent => true,
        };
        assert!(may_be_left || !is_left, "{scene:?} is not answered in {self:?}");
        if is_left && scene.is_needed() {
            assert!(!scene.act(counter, subject).await);
        }
        scene.meanwhile(counter).await;
    }
}

async fn overtake(counter: &Counter, (scene, subject): (Scene, &str)) {
    let others = async {
        counter.bank.hanging().await;
        scene.meanwhile(counter).await;
        counter.bank.settled().await;
        counter.bank.clear_failures();
    };
    let (is_left, ()) = tokio::join!(scene.act(counter, subject), others);
    assert!(!is_left);
}

/// The latest thing of a kind at the gateway.
pub async fn latest(counter: &Counter, kind: &str) -> String {
    let path = format!("/v1/{kind}?count=1");
    let found = counter.at_gateway(Method::GET, &path, None).await;
    found["items"][0]["id"].as_str().unwrap().to_owned()
}
