//! The store in which replicas count requests together: can it be used?
//! Counts nothing there, and says nothing where none is configured.

use super::Finding;
use crate::config::Config;
use crate::serve::probe_shared_limits;

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let Some(shared) = &config.shared_limits else {
        return Vec::new();
    };
    vec![match probe_shared_limits(shared).await {
        Ok(()) => Finding::Fine(format!(
            "the store answers; {} server(s) count there together",
            shared.replicas
        )),
        Err(why) => Finding::doubtful(
            format!("the store cannot be used: {why}"),
            "Until it can, each server lets through its share of every limit. Check shared_limits.url, and that the store runs.",
        ),
    }]
}
