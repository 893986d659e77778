//! Every operation × one request more than its limit.

use authz_server::config::{LimitsConfig, Rate};

use super::{ABSENT, Cells, Operation};
use crate::app::App;

#[tokio::test]
async fn every_operation_is_limited_and_says_until_when() {
    let once = Rate::per_minute(1);
    let app = App::limited(&LimitsConfig {
        v1: once,
        v1_authentication: once,
        v1_admin: once,
        console_authentication: once,
        authentication: once,
        standard: once,
    })
    .await;
    let mut cells = Cells::default();
    for (number, operation) in Operation::all(&app).await.into_iter().enumerate() {
        if operation.is_event() {
            continue;
        }
        let program = app.program_at(&format!("198.51.{}.{}", number / 200, number % 200 + 1));
        let first = operation.send(&program, ABSENT, None).await;
        assert_ne!(first.status, 429, "{}", operation.name());
        let second = operation.send(&program, ABSENT, None).await;
        cells.check(&operation, "limit exceeded", &second, 429);
        for field in ["retry-after", "x-ratelimit-limit", "x-ratelimit-reset"] {
            let number = second.header(field).parse::<u64>();
            assert!(
                number.is_ok_and(|number| number > 0),
                "{} {field}",
                operation.name()
            );
        }
        assert_eq!(
            second.header("x-ratelimit-remaining"),
            "0",
            "{}",
            operation.name()
        );
        for field in ["ratelimit", "ratelimit-policy"] {
            assert!(!second.header(field).is_empty(), "{} {field}", operation.name());
        }
    }
    cells.conclude("limits");
}
