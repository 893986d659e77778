//! Renders every page in every state and checks what all of them promise.
//! Opens no browser; `scripts/screenshots` does that with the files the last test leaves behind.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod account_sample;
mod admin_sample;
mod letters;
mod markup;
mod sample;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use authz_server::pages::{asset, respond};
use http::StatusCode;
use markup::{Tag, tags};

const NONCE: &str = "MDEyMzQ1Njc4OWFiY2RlZg";

fn every_page(check: impl Fn(&str, &sample::Sample, &[Tag])) {
    for sample in sample::all() {
        check(sample.name, &sample, &tags(&sample.html));
    }
}

fn ids(tags: &[Tag]) -> Vec<&str> {
    tags.iter().filter_map(|tag| tag.get("id")).collect()
}

#[test]
fn every_page_has_its_id_one_heading_and_a_language() {
    every_page(|name, sample, tags| {
        let mains: Vec<_> = tags.iter().filter(|tag| tag.name == "main").collect();
        assert_eq!(mains.len(), 1, "{name}");
        assert_eq!(mains[0].get("id"), Some(sample.page_id), "{name}");
        assert_eq!(tags.iter().filter(|tag| tag.name == "h1").count(), 1, "{name}");
        assert_eq!(tags[0].get("lang"), Some("en"), "{name}");
        assert!(sample.html.starts_with("<!DOCTYPE html>"), "{name}");
        assert!(!sample.html.contains("<title> ·"), "{name}");
    });
}

#[test]
fn the_ids_that_scripts_and_tests_rely_on_are_there() {
    let wanted: [(&str, &[&str]); 9] = [
        ("login", &["username", "password", "login-submit"]),
        (
            "login-client",
            &[
                "login-submit",
                "login-cancel",
                "client-logo",
                "client-policy",
                "client-tos",
            ],
        ),
        (
            "register",
            &["name", "username", "email", "password", "register-submit"],
        ),
        (
            "setup",
            &["name", "username", "email", "password", "setup-submit"],
        ),
        (
            "consent",
            &[
                "consent-approve",
                "consent-deny",
                "client-logo",
                "client-policy",
                "client-tos",
            ],
        ),
        ("logout", &["logout-confirm", "logout-cancel"]),
        ("home-signed-in", &["logout-confirm"]),
        ("error", &["error-code", "error-description", "request-id"]),
        ("form-post", &["form-post", "form-post-submit"]),
    ];
    let samples = sample::all();
    for (name, wanted) in wanted {
        let sample = samples.iter().find(|sample| sample.name == name).unwrap();
        let tags = tags(&sample.html);
        for id in wanted {
            assert!(ids(&tags).contains(id), "{name} lacks {id}");
        }
    }
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    every_page(|name, _, tags| {
        let ids = ids(tags);
        let unique: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len(), "{name}");
        for tag in tags {
            for attribute in ["for", "aria-describedby", "aria-labelledby", "aria-controls"] {
                if let Some(target) = tag.get(attribute) {
                    assert!(unique.contains(target), "{name}: {attribute}={target}");
                }
            }
            if let Some(target) = tag.get("href").and_then(|href| href.strip_prefix('#')) {
                assert!(unique.contains(target), "{name}: #{target}");
            }
        }
    });
}

#[test]
fn every_input_has_a_label_and_a_purpose() {
    every_page(|name, _, tags| {
        let labels: BTreeSet<_> = tags
            .iter()
            .filter(|tag| tag.name == "label")
            .filter_map(|tag| tag.get("for"))
            .collect();
        let visible = tags
            .iter()
            .filter(|tag| tag.name == "input" && tag.get("type") != Some("hidden"));
        for input in visible {
            let id = input.get("id").unwrap();
            assert!(labels.contains(id), "{name}: {id} has no label");
            assert!(
                input.get("autocomplete").is_some(),
                "{name}: {id} has no autocomplete"
            );
            assert!(
                id != "password" || input.get("value").is_none(),
                "{name}: the password is given back"
            );
        }
    });
}

#[test]
fn a_refused_input_says_so_and_points_at_the_reason() {
    for sample in sample::all()
        .iter()
        .filter(|sample| sample.name.ends_with("-refused"))
    {
        let tags = tags(&sample.html);
        let invalid: Vec<_> = tags
            .iter()
            .filter(|tag| tag.get("aria-invalid") == Some("true"))
            .collect();
        assert!(!invalid.is_empty(), "{}", sample.name);
        assert!(
            invalid.iter().all(|tag| tag.get("aria-describedby").is_some()),
            "{}",
            sample.name
        );
        let focused: Vec<_> = tags.iter().filter(|tag| tag.get("autofocus").is_some()).collect();
        assert_eq!(focused.len(), 1, "{}", sample.name);
        assert_eq!(focused[0].get("role"), Some("alert"), "{}", sample.name);
    }
}

/// O28
#[test]
fn every_form_of_ours_is_posted_with_its_anti_forgery_token_and_flow() {
    every_page(|name, sample, tags| {
        // A search changes nothing and is sent with GET, so that it can be kept as a link.
        let forms = tags
            .iter()
            .filter(|tag| tag.name == "form" && tag.get("role") != Some("search"));
        assert!(
            forms.clone().all(|form| form.get("method") == Some("post")),
            "{name}"
        );
        let ours = forms
            .clone()
            .filter(|form| form.get("action").unwrap().starts_with('/'))
            .count();
        for (field, value) in [("csrf", "c5rf-token"), ("flow", "flow-handle")] {
            let hidden = tags.iter().filter(|tag| tag.get("name") == Some(field));
            assert_eq!(
                hidden.filter(|tag| tag.get("value") == Some(value)).count(),
                ours,
                "{name}: {field}"
            );
        }
        assert_eq!(
            ours == 0,
            sample.page_id == "page-form-post" || forms.clone().count() == 0,
            "{name}"
        );
    });
}

/// S04
#[test]
fn nothing_a_stranger_named_becomes_markup() {
    every_page(|name, sample, tags| {
        for tag in tags {
            let inline = tag
                .attributes
                .keys()
                .any(|key| key.starts_with("on") || key == "style");
            assert!(!inline, "{name}: {tag:?}");
            if matches!(tag.name.as_str(), "script" | "style") {
                assert_eq!(tag.get("nonce"), Some(NONCE), "{name}: {tag:?}");
            }
            assert_ne!(tag.get("src"), Some("x"), "{name}: {tag:?}");
        }
        assert!(!sample.html.contains("alert(1)</script>"), "{name}");
        assert!(
            !name.ends_with("-hostile") || sample.html.contains("{{7*7}}"),
            "{name}"
        );
        assert!(
            sample.policy.contains(&format!("script-src 'nonce-{NONCE}'")),
            "{name}"
        );
    });
}

/// O38
#[test]
fn pages_that_carry_secrets_load_nothing_from_others() {
    for sample in sample::all() {
        if matches!(sample.page_id, "page-form-post" | "page-setup") {
            assert!(sample.policy.contains("; img-src 'self'; "), "{}", sample.name);
            assert!(
                tags(&sample.html).iter().all(|tag| tag.name != "img"),
                "{}",
                sample.name
            );
        }
    }
}

#[test]
fn a_form_may_end_where_its_flow_leads() {
    let targets = [
        ("login", "form-action 'self';"),
        ("login-client", "form-action 'self' https:;"),
        ("consent", "form-action 'self' https:;"),
        ("consent-bare", "form-action 'self' com.example.pocket:;"),
        ("logout-client", "form-action 'self' https:;"),
        ("form-post", "form-action 'self' https:;"),
    ];
    let samples = sample::all();
    for (name, expected) in targets {
        let sample = samples.iter().find(|sample| sample.name == name).unwrap();
        assert!(sample.policy.contains(expected), "{name}: {}", sample.policy);
    }
}

#[test]
fn only_client_pictures_come_from_elsewhere_and_links_keep_their_distance() {
    every_page(|name, _, tags| {
        for tag in tags {
            if let Some(href) = tag.get("href").filter(|href| href.starts_with("http")) {
                assert_eq!(
                    (tag.name.as_str(), tag.get("rel")),
                    ("a", Some("noopener noreferrer")),
                    "{name} {href}"
                );
            }
            if tag.name == "img" {
                assert_eq!(tag.get("referrerpolicy"), Some("no-referrer"), "{name}");
                assert!(tag.get("alt").is_some(), "{name}");
            }
        }
    });
}

#[test]
fn a_response_carries_the_page_its_status_and_its_fence() {
    let page = sample::error();
    let answer = respond(StatusCode::BAD_REQUEST, &page);
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert!(answer.headers().contains_key("content-security-policy"));
    assert_eq!(
        answer.headers()["strict-transport-security"],
        "max-age=63072000; includeSubDomains"
    );
}

#[test]
fn the_gallery_can_be_opened_without_a_server() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("app.css"), asset::STYLESHEET.body()).unwrap();
    for sample in sample::all() {
        let html = sample.html.replace(asset::STYLESHEET.path(), "app.css");
        // The picture of a page that leaves at once would be of nothing.
        let html = html.replace("document.getElementById(\"form-post\").submit();", "");
        assert!(html.contains("href=\"app.css\""), "{}", sample.name);
        fs::write(folder.join(sample.name).with_extension("html"), html).unwrap();
    }
}
