//! Log lines name the request that they come from.
//! Refuses to make a span for each request: most have no line, so it is made with the first and for it alone.

use std::sync::{Arc, OnceLock};

use http::Method;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Span, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

tokio::task_local! {
    static CURRENT: Arc<NamedRequest>;
}

/// What lines say of a request.
pub struct NamedRequest {
    id: String,
    method: Method,
    route: Box<str>,
    trace_id: OnceLock<String>,
}

impl NamedRequest {
    /// The path is not logged but its template, and no query: both may carry secrets (A02).
    pub fn new(id: &str, method: &Method, route: &str) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            method: method.clone(),
            route: route.into(),
            trace_id: OnceLock::new(),
        })
    }

    /// From now on lines name its trace, too.
    pub fn is_traced_as(&self, trace_id: String) {
        _ = self.trace_id.set(trace_id);
    }

    /// Lines that are said by `work` name the request.
    pub async fn during<W: Future>(self: Arc<Self>, work: W) -> W::Output {
        CURRENT.scope(self, work).await
    }

    /// The same for what waits for nothing.
    pub fn while_doing<T>(self: Arc<Self>, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    fn span(&self) -> Span {
        let trace_id = self.trace_id.get().map(String::as_str);
        info_span!("request", id = %self.id, method = %self.method, route = &*self.route, trace_id)
    }
}

/// Puts what is said within a request into its span.
#[derive(Debug)]
pub struct InRequest<L>(pub L);

impl<S: Subscriber, L: Layer<S>> Layer<S> for InRequest<L> {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        match CURRENT.try_with(Arc::clone) {
            Ok(request) => request.span().in_scope(|| self.0.on_event(event, context)),
            Err(_) => self.0.on_event(event, context),
        }
    }

    fn on_register_dispatch(&self, dispatch: &tracing::Dispatch) {
        self.0.on_register_dispatch(dispatch);
    }

    fn on_layer(&mut self, subscriber: &mut S) {
        self.0.on_layer(subscriber);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.0.register_callsite(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        self.0.enabled(metadata, context)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.0.on_new_span(attributes, id, context);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.0.on_record(id, values, context);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.0.on_enter(id, context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.0.on_exit(id, context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.0.on_close(id, context);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Mutex;

    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // For the whole process: a dispatcher of one thread gives no span to whom it is handing an event. Other tests may
    // say something too.
    #[test]
    fn lines_of_a_request_name_it_and_others_do_not() {
        let written = Written::default();
        let writer = written.clone();
        let lines = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(InRequest(lines));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let request = NamedRequest::new("req_1", &Method::GET, "/things/{id}");
        tracing::info!("said before");
        request.clone().while_doing(|| tracing::info!("said within"));
        request.is_traced_as("0af7".to_owned());
        request.while_doing(|| tracing::info!("said at last"));
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let line = |end: &str| text.lines().find(|line| line.ends_with(end)).unwrap();
        assert!(!line("said before").contains("request{"), "{text}");
        let named = r#"request{id=req_1 method=GET route="/things/{id}"}: "#;
        assert!(line("said within").contains(named), "{text}");
        assert!(line("said at last").contains(r#" trace_id="0af7"}: "#), "{text}");
    }
}
