//! Pages: escaped text in one plain frame, for light and dark and for phones.
//! Carries no script; its policy lets none run.

use std::fmt::Write as _;

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use url::Url;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b2130;--soft:#5b6475;--paper:#f4f5f8;--card:#fff;--line:#d9dde6;--go:#1f5fd6;--note:#fff4d6;--note-ink:#5c4300}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebf2;--soft:#a2abbd;--paper:#12151c;--card:#1b202b;--line:#323a4a;--go:#2f6be0;--note:#3a3012;--note-ink:#f5dfa0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:0 auto;padding:1.5rem 1rem 3rem}
.note{background:var(--note);color:var(--note-ink);border-radius:.5rem;padding:.6rem .9rem;margin:0 0 1rem}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;overflow-wrap:anywhere}
h1{font-size:1.15rem;margin:0}
.amount{font-size:2rem;font-weight:600;margin:.25rem 0;font-variant-numeric:tabular-nums}
p{margin:.35rem 0}
.soft{color:var(--soft);font-size:.9rem}
form{display:grid;gap:.6rem;margin-top:1.25rem}
button,a.button{font:inherit;min-height:2.9rem;border-radius:.5rem;border:1px solid var(--line);background:transparent;color:var(--ink);cursor:pointer;display:grid;place-items:center;text-decoration:none}
button.go{background:var(--go);border-color:var(--go);color:#fff;font-weight:600}
button:focus-visible,a:focus-visible{outline:3px solid var(--go);outline-offset:2px}
";

/// A page that is being written.
pub(super) struct Page {
    status: StatusCode,
    title: &'static str,
    body: String,
    /// Where its form leads besides here.
    leads_to: Option<Url>,
}

impl Page {
    pub(super) fn new(status: StatusCode, title: &'static str) -> Self {
        Self {
            status,
            title,
            body: String::new(),
            leads_to: None,
        }
    }

    pub(super) fn leads_to(mut self, url: Option<&Url>) -> Self {
        self.leads_to = url.cloned();
        self
    }

    pub(super) fn heading(self, text: &str) -> Self {
        self.raw(&format!("<h1>{}</h1>\n", escape(text)))
    }

    /// A paragraph of this class; none when there is no text.
    pub(super) fn paragraph(self, class: &str, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        self.raw(&format!("<p class=\"{class}\">{}</p>\n", escape(text)))
    }

    /// A form with hidden members and buttons.
    pub(super) fn form(
        self,
        action: &str,
        hidden: &[(String, String)],
        buttons: &[(&str, &str, &str)],
    ) -> Self {
        let mut form = format!("<form method=\"post\" action=\"{}\">\n", escape(action));
        for (name, value) in hidden {
            let (name, value) = (escape(name), escape(value));
            let _ = writeln!(form, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        }
        for (class, choice, label) in buttons {
            let name = if choice.is_empty() {
                String::new()
            } else {
                format!(" name=\"choice\" value=\"{}\"", escape(choice))
            };
            let _ = writeln!(
                form,
                "<button class=\"{class}\" type=\"submit\"{name}>{}</button>",
                escape(label)
            );
        }
        self.raw(&form).raw("</form>\n")
    }

    pub(super) fn link(self, url: &Url, label: &str) -> Self {
        let (url, label) = (escape(url.as_str()), escape(label));
        self.raw(&format!(
            "<p><a class=\"button\" href=\"{url}\">{label}</a></p>\n"
        ))
    }

    fn raw(mut self, html: &str) -> Self {
        self.body.push_str(html);
        self
    }

    pub(super) fn answer(self) -> Response {
        // A browser holds this against the redirects that follow, so it cannot name the merchant's host.
        let scheme = self
            .leads_to
            .map_or_else(String::new, |url| format!(" {}:", url.scheme()));
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'{scheme}; base-uri 'none'; frame-ancestors 'none'"
        );
        let headers = [
            ("content-security-policy", policy),
            ("cache-control", "no-store".to_owned()),
            ("referrer-policy", "no-referrer".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ];
        let (title, body) = (self.title, self.body);
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
             <title>{title} – payment sandbox</title>\n<style>\n{STYLE}</style></head>\n<body><main>\n\
             <p class=\"note\" role=\"note\"><strong>Sandbox.</strong> No money moves, and no card is asked for.</p>\n\
             <section>\n{body}</section>\n</main></body></html>\n"
        );
        (self.status, headers, Html(page)).into_response()
    }
}

pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_breaks_out_of_its_place() {
        assert_eq!(escape("<b a=\"'&\">"), "&lt;b a=&quot;&#39;&amp;&quot;&gt;");
    }
}
