//! The files a page loads from this server, compiled in and named after their content.
//! Serves these and nothing else; never touches the file system.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

/// The one stylesheet.
pub static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        ("app", "css"),
        "text/css; charset=utf-8",
        include_str!("../../assets/app.css"),
    )
});
/// The icon in the browser's tab.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        ("icon", "svg"),
        "image/svg+xml",
        include_str!("../../assets/icon.svg"),
    )
});

const PREFIX: &str = "/assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A compiled-in file.
#[derive(Debug)]
pub struct Asset {
    stem: &'static str,
    extension: &'static str,
    path: String,
    content_type: &'static str,
    body: &'static str,
}

impl Asset {
    fn new(
        (stem, extension): (&'static str, &'static str),
        content_type: &'static str,
        body: &'static str,
    ) -> Self {
        let digest: String = Sha256::digest(body.as_bytes())
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            stem,
            extension,
            path: format!("{PREFIX}{stem}.{digest}.{extension}"),
            content_type,
            body,
        }
    }

    /// Its absolute path, with a piece of the content's SHA-256 in it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its content.
    pub fn body(&self) -> &'static str {
        self.body
    }

    fn is_current(&self, file: &str) -> bool {
        self.path.strip_prefix(PREFIX) == Some(file)
    }

    /// Whether `file` is this asset as another release named it.
    fn is_other_release(&self, file: &str) -> bool {
        let mut parts = file.split('.');
        let (stem, digest, extension) = (parts.next(), parts.next(), parts.next());
        let hashed =
            digest.is_some_and(|text| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        hashed && stem == Some(self.stem) && extension == Some(self.extension) && parts.next().is_none()
    }

    fn respond(&self, cache: &'static str) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, cache),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // An icon opened by itself is a document; it may run nothing.
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        ];
        (headers, self.body).into_response()
    }
}

/// The route of all assets.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(
        "/assets/{file}",
        get(|Path(file): Path<String>| async move { serve(&file) }),
    )
}

/// Answers for one file name. While replicas of two releases run side by side, a page of one may ask the other for
/// its stylesheet: that gets ours, but must not be remembered under the foreign name.
fn serve(file: &str) -> Response {
    for asset in [&*STYLESHEET, &*ICON] {
        if asset.is_current(file) {
            return asset.respond(FOR_EVER);
        }
        if asset.is_other_release(file) {
            return asset.respond("no-store");
        }
    }
    StatusCode::NOT_FOUND.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_name_is_cached_for_ever() {
        let answer = serve(STYLESHEET.path().strip_prefix(PREFIX).unwrap());
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["cache-control"], FOR_EVER);
        assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
    }

    #[test]
    fn the_name_of_another_release_is_answered_but_not_cached() {
        let answer = serve("app.0123456789abcdef.css");
        assert_eq!(
            (answer.status(), &answer.headers()["cache-control"]),
            (StatusCode::OK, &"no-store".parse().unwrap())
        );
    }

    #[test]
    fn any_other_name_is_not_found() {
        for file in [
            "app.css",
            "app.0123.css",
            "app.0123456789abcdef.css.map",
            "..",
            "icon.css",
            "app..css",
        ] {
            assert_eq!(serve(file).status(), StatusCode::NOT_FOUND, "{file}");
        }
    }

    #[test]
    fn the_stylesheet_loads_nothing() {
        for word in ["@import", "url(", "http:", "https:", "expression("] {
            assert!(!STYLESHEET.body().contains(word), "{word}");
        }
    }
}
