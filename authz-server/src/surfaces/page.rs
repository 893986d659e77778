//! Parts of long lists: `page` from 1 and `limit`, at most 100.
//! Refuses pages beyond what can be counted; says of each list how long it is.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Uri, header};
use serde::Deserialize;

use super::{Failure, query};

const DEFAULT: u32 = 20;
const MOST: u32 = 100;
const LAST_PAGE: u32 = 1_000_000;

/// The part of a list that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Which part, from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// How many entries it has.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub limit: u32,
}

#[derive(Deserialize)]
struct Wish {
    page: Option<String>,
    limit: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let wish: Wish = query::parse(&parts.uri)?;
        Ok(Self {
            page: number("page", wish.page.as_deref(), 1, LAST_PAGE)?,
            limit: number("limit", wish.limit.as_deref(), DEFAULT, MOST)?,
        })
    }
}

fn number(name: &str, text: Option<&str>, default: u32, most: u32) -> Result<u32, Failure> {
    let Some(text) = text else { return Ok(default) };
    text.parse()
        .ok()
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| Failure::invalid_field(name, format!("must be a number from 1 to {most}")))
}

impl Page {
    /// How many entries come before this page.
    pub const fn offset(self) -> u64 {
        (self.page as u64 - 1) * self.limit as u64
    }

    /// The part of a list that is short enough to be had as a whole.
    pub fn cut<T>(self, all: &[T]) -> &[T] {
        let first = usize::try_from(self.offset())
            .unwrap_or(usize::MAX)
            .min(all.len());
        let last = first.saturating_add(self.limit as usize).min(all.len());
        all.get(first..last).unwrap_or_default()
    }

    /// How many pages a list of so many entries has.
    pub fn total_pages(self, total: u64) -> u64 {
        total.div_ceil(u64::from(self.limit))
    }

    /// `X-Total-Count` and `Link` (RFC 8288) for lists without an envelope. `uri`: of this request.
    pub fn describe(self, mut response: Response, uri: &Uri, total: u64) -> Response {
        let last = self.total_pages(total).max(1);
        let page = u64::from(self.page);
        let wanted = [
            ("first", Some(1)),
            ("prev", page.checked_sub(1).filter(|page| *page > 0)),
            ("next", Some(page + 1).filter(|page| *page <= last)),
            ("last", Some(last)),
        ];
        let links = wanted.into_iter().filter_map(|(name, page)| {
            let target = self.at(uri, page?);
            Some(format!("<{target}>; rel=\"{name}\""))
        });
        let links = links.collect::<Vec<_>>().join(", ");
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("x-total-count"), HeaderValue::from(total));
        if let Ok(links) = HeaderValue::from_str(&links) {
            headers.insert(header::LINK, links);
        }
        response
    }

    fn at(self, uri: &Uri, page: u64) -> String {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let others = pairs.filter(|(name, _)| name != "page" && name != "limit");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others)
            .append_pair("page", &page.to_string())
            .append_pair("limit", &self.limit.to_string())
            .finish();
        format!("{}?{query}", uri.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;

    #[test]
    fn links_lead_to_the_neighbours_and_keep_the_rest_of_the_query() {
        let page = Page { page: 2, limit: 10 };
        let uri: Uri = "/api/x?q=a%20b&page=2&limit=10".parse().unwrap();
        let response = page.describe(().into_response(), &uri, 35);
        assert_eq!(response.headers()["x-total-count"], "35");
        assert_eq!(
            response.headers()[header::LINK],
            "</api/x?q=a+b&page=1&limit=10>; rel=\"first\", </api/x?q=a+b&page=1&limit=10>; rel=\"prev\", \
             </api/x?q=a+b&page=3&limit=10>; rel=\"next\", </api/x?q=a+b&page=4&limit=10>; rel=\"last\""
        );
        assert_eq!(page.total_pages(35), 4);
        assert_eq!(page.offset(), 10);
    }
}
