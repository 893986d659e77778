//! Every operation × no credential, one that has ended, and one of another kind.

use super::{ABSENT, Callers, Cells, Operation};
use crate::app::App;

#[tokio::test]
async fn no_operation_answers_without_a_live_credential_of_the_right_kind() {
    let app = App::new().await;
    let callers = Callers::of(&app).await;
    let mut cells = Cells::default();
    for operation in Operation::all(&app).await {
        if operation.credentials().is_empty() {
            continue;
        }
        let nobody = operation.send(&app.program(), ABSENT, None).await;
        cells.check(&operation, "nobody", &nobody, 401);
        let dead = app.program().bearing(&callers.dead);
        let dead = operation.send(&dead, ABSENT, None).await;
        cells.check(&operation, "logged out", &dead, 401);
        if let Some(wrong) = callers.wrong(&app, &operation) {
            let wrong = operation.send(&wrong, ABSENT, None).await;
            cells.check(&operation, "another kind of credential", &wrong, 403);
        }
    }
    cells.conclude("credentials");
}
