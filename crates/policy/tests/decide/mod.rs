//! What policies decide that stand beside each other.

use policy::{Context, Decision, Document, Request, Source, evaluate};

pub fn decide(documents: &[Document], action: &str, resource: &str, context: &Context) -> Decision {
    let sources: Vec<Source<'_>> = documents.iter().map(|one| Source::new("p", one)).collect();
    let request = Request {
        action,
        resource,
        context,
    };
    evaluate(&sources, request).decision
}
