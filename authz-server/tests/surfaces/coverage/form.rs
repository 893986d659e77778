//! Every body × malformed, of another media type, and oversized.

use super::{ABSENT, Callers, Cells, Operation};
use crate::app::App;

#[tokio::test]
async fn every_body_is_read_within_its_form_type_and_size() {
    let app = App::new().await;
    let callers = Callers::of(&app).await;
    let mut cells = Cells::default();
    let (large, larger) = ("[".repeat(70_000), "[".repeat((6 << 20) + 1));
    for operation in Operation::all(&app).await {
        let Some(kind) = operation.media_type().filter(|_| !operation.is_event()) else {
            continue;
        };
        let program = callers.right(&app, &operation);
        let malformed = operation.send(&program, ABSENT, Some("{\"a\": ")).await;
        cells.check(&operation, "malformed", &malformed, 400);
        let other = program.with("content-type", "text/plain");
        let path = operation.path(ABSENT);
        let body = Some("{}".to_owned());
        let other = other.send(operation.method.clone(), &path, body).await;
        cells.check(&operation, "another media type", &other, 415);
        let large = if kind == "application/json" {
            &large
        } else {
            &larger
        };
        let oversized = operation.send(&program, ABSENT, Some(large)).await;
        cells.check(&operation, "oversized", &oversized, 413);
    }
    cells.conclude("bodies");
}
