//! Lists in pages, with the `Link` header to walk them (RFC 8288 §3).
//! Gives at most a hundred items, whatever is asked.

use axum::response::Response;
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::call::{Call, first};
use crate::problem::json_answer;

const DEFAULT_SIZE: usize = 30;
const MAX_SIZE: usize = 100;

/// The part of a list that was asked for.
pub(super) struct Page {
    number: usize,
    size: usize,
    last: usize,
    address: String,
    others: Vec<(String, String)>,
}

impl Page {
    pub(super) fn of(call: &Call<'_>, total: usize) -> Self {
        let mut query = call.raw.query_pairs();
        let whole = |name| first(&query, name).and_then(|text| text.parse::<usize>().ok());
        let size = whole("per_page").filter(|size| *size > 0).unwrap_or(DEFAULT_SIZE);
        let size = size.min(MAX_SIZE);
        let number = whole("page").unwrap_or(1).max(1);
        query.retain(|(name, _)| name != "page");
        Self {
            number,
            size,
            last: total.div_ceil(size).max(1),
            address: format!("{}{}", call.shared.world().base.web, call.raw.path),
            others: query,
        }
    }

    pub(super) fn cut(&self, items: Vec<Value>) -> Vec<Value> {
        let before = (self.number - 1).saturating_mul(self.size);
        items.into_iter().skip(before).take(self.size).collect()
    }

    /// Answers 200 with the body, and with `Link` when there is more than this page.
    pub(super) fn answer(&self, body: &Value) -> Response {
        let mut response = json_answer(StatusCode::OK, body);
        let links = self.links().join(", ");
        if !links.is_empty()
            && let Ok(value) = HeaderValue::from_str(&links)
        {
            response.headers_mut().insert("link", value);
        }
        response
    }

    fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        if self.number > 1 {
            links.push(self.link(self.number - 1, "prev"));
        }
        if self.number < self.last {
            links.push(self.link(self.number + 1, "next"));
            links.push(self.link(self.last, "last"));
        }
        if self.number > 1 {
            links.push(self.link(1, "first"));
        }
        links
    }

    fn link(&self, number: usize, relation: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.others)
            .append_pair("page", &number.to_string())
            .finish();
        format!("<{}?{query}>; rel=\"{relation}\"", self.address)
    }
}
