//! What answers at the public listener: the frame, and within it every route.
//! Adds no behaviour; it knows which endpoints are found without the router.

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;

use crate::app::AppState;
use crate::endpoints::Straight;
use crate::http::Frame;
use crate::listener::{Answers, CertificateAuthorities};

#[derive(Clone)]
pub(super) struct Doors(Arc<Inner>);

struct Inner {
    frame: Frame,
    state: AppState,
    /// Those that vouch for the names in client certificates.
    authorities: Option<Arc<CertificateAuthorities>>,
    /// Has the frame around each of its routes.
    router: Router,
}

impl Doors {
    pub(super) fn new(
        frame: Frame,
        (state, authorities): (AppState, Option<Arc<CertificateAuthorities>>),
        router: Router,
    ) -> Self {
        let router = frame.around(router);
        Self(Arc::new(Inner {
            frame,
            state,
            authorities,
            router,
        }))
    }
}

impl Answers for Doors {
    fn answer(self, mut request: Request<Incoming>) -> impl Future<Output = Response> + Send + 'static {
        // Boxed, because a connection moves what it is given, whatever its size.
        Box::pin(async move {
            let Inner {
                frame,
                state,
                authorities,
                router,
            } = &*self.0;
            if let Some(authorities) = authorities {
                request.extensions_mut().insert(authorities.clone());
            }
            match Straight::of(&request) {
                Some(endpoint) => {
                    let handler = |request| endpoint.answer(state.clone(), request);
                    frame.run(endpoint.route(), request, handler).await
                }
                None => router.clone().answer(request).await,
            }
        })
    }
}
