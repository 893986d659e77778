//! A page as a browser without scripts sees it: its ids, its text and its forms.
//! It judges nothing; a test asks for what ought to be there.

use anyhow::{Context, Result};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// An answer with HTML in it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address it came from.
    pub url: Url,
    /// The HTTP status.
    pub status: StatusCode,
    /// The response headers.
    pub headers: HeaderMap,
    /// The HTML.
    pub body: String,
}

/// What pressing a button sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// GET or POST.
    pub method: Method,
    /// Where it goes.
    pub action: Url,
    /// The fields of the form, the button's own included.
    pub fields: Vec<(String, String)>,
}

impl Page {
    /// Whether an element has this id.
    pub fn has(&self, id: &str) -> bool {
        Html::parse_document(&self.body)
            .select(&by_id(id))
            .next()
            .is_some()
    }

    /// The text of the element with this id, white space collapsed.
    pub fn text(&self, id: &str) -> Option<String> {
        let document = Html::parse_document(&self.body);
        let element = document.select(&by_id(id)).next()?;
        let words: Vec<&str> = element.text().flat_map(str::split_whitespace).collect();
        Some(words.join(" "))
    }

    /// An attribute of the element with this id.
    pub fn attribute(&self, id: &str, name: &str) -> Option<String> {
        let document = Html::parse_document(&self.body);
        let element = document.select(&by_id(id)).next()?;
        element.attr(name).map(str::to_owned)
    }

    /// What pressing the button with this id sends, with `filled` in place of the named fields.
    pub fn press(&self, button_id: &str, filled: &[(&str, &str)]) -> Result<Submission> {
        let document = Html::parse_document(&self.body);
        let button = document.select(&by_id(button_id)).next();
        let button =
            button.with_context(|| format!("no button '{button_id}' at {}:\n{}", self.url, self.body))?;
        let form = button
            .ancestors()
            .filter_map(ElementRef::wrap)
            .find(|element| element.value().name() == "form")
            .with_context(|| format!("button '{button_id}' stands in no form"))?;
        self.submission(form, Some(button), filled)
    }

    /// What the first form sends, however its button is called.
    pub fn submit(&self, filled: &[(&str, &str)]) -> Result<Submission> {
        let document = Html::parse_document(&self.body);
        let form = Selector::parse("form").unwrap_or_else(|_| unreachable!("a plain name"));
        let form = document.select(&form).next();
        let form = form.with_context(|| format!("no form at {}:\n{}", self.url, self.body))?;
        self.submission(form, None, filled)
    }

    fn submission(
        &self,
        form: ElementRef<'_>,
        button: Option<ElementRef<'_>>,
        filled: &[(&str, &str)],
    ) -> Result<Submission> {
        let attribute = |of_button, of_form| {
            let own = button.and_then(|button| button.attr(of_button));
            own.or_else(|| form.attr(of_form)).unwrap_or("")
        };
        let method = attribute("formmethod", "method");
        let mut fields = fields(form);
        fields.extend(button.and_then(pair));
        for (name, value) in filled {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        Ok(Submission {
            method: if method.eq_ignore_ascii_case("post") {
                Method::POST
            } else {
                Method::GET
            },
            action: self.url.join(attribute("formaction", "action"))?,
            fields,
        })
    }
}

fn by_id(id: &str) -> Selector {
    Selector::parse(&format!("[id=\"{id}\"]")).unwrap_or_else(|_| unreachable!("ids hold no quotes"))
}

/// The successful controls of a form, buttons left out.
fn fields(form: ElementRef<'_>) -> Vec<(String, String)> {
    form.descendants()
        .filter_map(ElementRef::wrap)
        .filter(|element| element.value().name() == "input" && element.attr("disabled").is_none())
        .filter(|element| match element.attr("type").unwrap_or("text") {
            "submit" | "button" | "image" | "reset" => false,
            "checkbox" | "radio" => element.attr("checked").is_some(),
            _ => true,
        })
        .filter_map(pair)
        .collect()
}

fn pair(element: ElementRef<'_>) -> Option<(String, String)> {
    Some((
        element.attr("name")?.to_owned(),
        element.attr("value").unwrap_or("").to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        Page {
            url: Url::parse("http://127.0.0.1:1/login?flow=1").unwrap(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: body.to_owned(),
        }
    }

    #[test]
    fn pressing_a_button_sends_its_form_with_the_filled_fields() {
        let page = page(
            r#"<form method="post" action="/login"><input type="hidden" name="csrf" value="a&amp;b">
               <input name="username" id="username" value="old"><input type="checkbox" name="stay">
               <button id="yes" name="decision" value="approve">Yes</button><button id="no">No</button></form>"#,
        );
        let sent = page.press("yes", &[("username", "ada")]).unwrap();
        let expected = [("csrf", "a&b"), ("decision", "approve"), ("username", "ada")];
        assert_eq!(sent.method, Method::POST);
        assert_eq!(sent.action.as_str(), "http://127.0.0.1:1/login");
        assert_eq!(
            sent.fields,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(page.press("absent", &[]).is_err());
    }

    #[test]
    fn a_form_without_action_goes_back_to_its_page() {
        let sent = page("<form><button id=go>Go</button></form>")
            .press("go", &[])
            .unwrap();
        assert_eq!((sent.method, sent.action.query()), (Method::GET, Some("flow=1")));
    }

    #[test]
    fn text_and_attributes_are_found_by_id() {
        let page = page("<main id='page-error' data-a='&quot;'>access <b>denied\n now</b></main>");
        assert_eq!(page.attribute("page-error", "data-a").as_deref(), Some("\""));
        assert_eq!(page.text("page-error").as_deref(), Some("access denied now"));
        assert!(page.has("page-error") && !page.has("page-login"));
    }
}
