//! Tax profiles, invoices and their PDFs.

use std::process::Command;

use authz_server::listener::Peer;
use axum::body::{Body, to_bytes};
use domain::billing::Seller;
use http::{HeaderMap, Method, Request, StatusCode, header};
use model::billing::tax::{Prefix, SellerParty, TaxRate};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::app::App;
use crate::world::Owner;

const PROFILE: &str = "/auth/billing/tax-profile";
const INVOICES: &str = "/auth/billing/invoices";
const GSTIN: &str = "27AAPFU0939F1ZV";

async fn shop() -> App {
    App::with(|settings| {
        settings.billing.seller = Some(Seller {
            party: SellerParty {
                legal_name: "Lighthouse Services LLP".to_owned(),
                gstin: Some("29AAGCB7383J1Z4".parse().unwrap()),
                address: vec!["1 Church Street".to_owned()],
                state: "29".parse().unwrap(),
                email: None,
                website: None,
            },
            sac: "998315".to_owned(),
            rate: TaxRate::try_from(18).unwrap(),
            invoice_prefix: Prefix::of_invoices(),
            credit_prefix: Prefix::of_credit_notes(),
        });
    })
    .await
}

/// The id of the invoice.
async fn pay(app: &App, owner: &Owner, (payment, minor): (&str, i64)) -> String {
    owner.pays(app, payment, minor).await;
    let list = owner.program.get(INVOICES).await;
    list.text("/0/id").to_owned()
}

struct File {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl File {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("invoice.pdf");
        std::fs::write(&path, &self.bytes).unwrap();
        let output = Command::new("pdftotext")
            .arg("-layout")
            .arg(&path)
            .arg("-")
            .output();
        String::from_utf8(output.expect("pdftotext: scripts/setup installs it").stdout).unwrap()
    }
}

async fn fetch(app: &App, path: &str, headers: &[(header::HeaderName, &str)]) -> File {
    let peer = Peer {
        address: "192.0.2.7:4711".parse().unwrap(),
        secure: false,
    };
    let mut request = Request::builder().method(Method::GET).uri(path).extension(peer);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let response = app
        .router()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap().to_vec();
    File {
        status: parts.status,
        headers: parts.headers,
        bytes,
    }
}

#[tokio::test]
async fn a_tax_profile_is_empty_at_first_and_merges() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    let empty = ada.program.get(PROFILE).await;
    let nulls =
        json!({"gstin": null, "legal_name": null, "address": null, "state_code": null, "state": null});
    assert_eq!((empty.status.as_u16(), &empty.body), (200, &nulls));
    let wish = json!({"gstin": GSTIN, "legal_name": " Umbrella\r\nTraders\u{202e} "});
    let changed = ada.program.patch(PROFILE, wish).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let address = ada
        .program
        .patch(PROFILE, json!({"address": "14 Marine Drive\nMumbai"}))
        .await;
    assert_eq!(
        address.body,
        json!({"gstin": GSTIN, "legal_name": "Umbrella Traders",
        "address": "14 Marine Drive\nMumbai", "state_code": "27", "state": "Maharashtra"})
    );
    let cleared = ada
        .program
        .patch(PROFILE, json!({"gstin": null, "address": ""}))
        .await;
    assert_eq!(
        (&cleared.body["gstin"], &cleared.body["address"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(ada.program.get(PROFILE).await.body, cleared.body);
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_member() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    for (wish, member) in [
        (json!({"gstin": "27AAPFU0939F1ZW"}), "gstin"),
        (json!({"gstin": "x"}), "gstin"),
        (json!({"gstin": 27}), "gstin"),
        (json!({"gstin": GSTIN, "state_code": "29"}), "state_code"),
        (json!({"state_code": "28"}), "state_code"),
        (json!({"legal_name": "x".repeat(201)}), "legal_name"),
        (json!({"address": "x\n".repeat(7)}), "address"),
    ] {
        let refused = ada.program.patch(PROFILE, wish.clone()).await;
        assert_eq!(refused.refusal(), (400, "invalid_request"), "{wish}");
        assert!(
            !refused.body["error"]["details"]["fields"][member].is_null(),
            "{wish}: {}",
            refused.body
        );
    }
    assert_eq!(ada.program.get(PROFILE).await.body["gstin"], Value::Null);
}

#[tokio::test]
async fn a_payment_brings_an_invoice() {
    let app = shop().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    ada.program
        .patch(PROFILE, json!({"gstin": GSTIN, "legal_name": "Umbrella Traders"}))
        .await;
    let id = pay(&app, &ada, ("pay_1", 50_000)).await;
    let invoice = ada.program.get(&format!("{INVOICES}/{id}")).await;
    assert_eq!(invoice.status, 200, "{}", invoice.body);
    for (member, value) in [
        ("/type", json!("tax_invoice")),
        ("/number", json!("INV/25-26/000001")),
        ("/financial_year", json!("2025-26")),
        ("/amount", json!(50_000)),
        ("/taxable_amount", json!(42_373)),
        ("/cgst", json!(0)),
        ("/igst", json!(7_627)),
        ("/seller/gstin", json!("29AAGCB7383J1Z4")),
        ("/buyer/gstin", json!(GSTIN)),
        ("/place_of_supply/state", json!("Maharashtra")),
        ("/lines/0/sac", json!("998315")),
        ("/payment_id", json!("pay_1")),
        ("/amount_in_words", json!("Rupees Five Hundred Only")),
        ("/corrects", Value::Null),
    ] {
        assert_eq!(invoice.body.pointer(member), Some(&value), "{member}");
    }
}

#[tokio::test]
async fn the_list_has_pages_and_filters() {
    let app = shop().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    for number in 0..3 {
        pay(&app, &ada, (&format!("pay_{number}"), 11_800)).await;
    }
    let list = async |query: &str| ada.program.get(&format!("{INVOICES}{query}")).await;
    let page = list("?limit=2").await;
    assert_eq!(
        (page.header("x-total-count"), page.body.as_array().unwrap().len()),
        ("3", 2)
    );
    let next = "</auth/billing/invoices?page=2&limit=2>; rel=\"next\"";
    assert!(page.header("link").contains(next), "{}", page.header("link"));
    assert_eq!(page.text("/0/number"), "INV/25-26/000003");
    assert_eq!(list("?type=credit_note").await.header("x-total-count"), "0");
    assert_eq!(list("?financial_year=2024-25").await.header("x-total-count"), "0");
    assert_eq!(
        list("?type=tax_invoice&financial_year=2025-26")
            .await
            .header("x-total-count"),
        "3"
    );
    assert_eq!(list("?type=receipt").await.refusal().0, 400);
    assert_eq!(list("?financial_year=2026").await.refusal().0, 400);
}

#[tokio::test]
async fn whoever_asks_for_a_pdf_gets_a_file() {
    let app = shop().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    let id = pay(&app, &ada, ("pay_1", 50_000)).await;
    let bearer = format!("Bearer {}", ada.token);
    let wish = [
        (header::AUTHORIZATION, bearer.as_str()),
        (header::ACCEPT, "application/pdf"),
    ];
    let file = fetch(&app, &format!("{INVOICES}/{id}"), &wish).await;
    assert_eq!(
        (file.status.as_u16(), file.header("content-type")),
        (200, "application/pdf")
    );
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"INV-25-26-000001.pdf\""
    );
    assert_eq!(
        (
            file.header("x-content-type-options"),
            file.header("cache-control")
        ),
        ("nosniff", "no-store")
    );
    assert!(file.bytes.starts_with(b"%PDF") && file.bytes.len() < 100_000);
    let text = file.text();
    assert!(
        text.contains("INV/25-26/000001") && text.contains("₹ 500.00"),
        "{text}"
    );
}

/// Setting pages costs; beyond the room for it callers are told to come back, and lose nothing by it.
#[tokio::test]
async fn more_pdfs_than_there_is_room_for_are_answered_503() {
    let app = shop().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    let id = pay(&app, &ada, ("pay_1", 50_000)).await;
    let path = format!("{INVOICES}/{id}");
    let bearer = format!("Bearer {}", ada.token);
    let wish = [
        (header::AUTHORIZATION, bearer.as_str()),
        (header::ACCEPT, "application/pdf"),
    ];
    let by_token = format!("{path}?token={}", download_token(&ada, &path).await);

    let room: Vec<_> = std::iter::from_fn(|| app.printer.place().ok()).collect();
    for refused in [fetch(&app, &path, &wish).await, fetch(&app, &by_token, &[]).await] {
        assert_eq!(
            (refused.status.as_u16(), refused.header("retry-after")),
            (503, "1")
        );
        let body: Value = serde_json::from_slice(&refused.bytes).unwrap();
        assert_eq!(body["error"]["code"], "overloaded");
    }
    assert_eq!(ada.program.get(&path).await.status, 200, "JSON needs no pages");

    drop(room);
    assert_eq!(fetch(&app, &path, &wish).await.status, 200);
    assert_eq!(fetch(&app, &by_token, &[]).await.status, 200);
}

/// B08
#[tokio::test]
async fn hostile_names_are_printed_as_they_are() {
    let app = shop().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    let name = "=HYPERLINK(\"http://evil.example\")\r\nX-Evil: 1<script>";
    ada.program.patch(PROFILE, json!({"legal_name": name})).await;
    let id = pay(&app, &ada, ("pay_1", 50_000)).await;
    let bearer = format!("Bearer {}", ada.token);
    let wish = [
        (header::AUTHORIZATION, bearer.as_str()),
        (header::ACCEPT, "application/pdf"),
    ];
    let file = fetch(&app, &format!("{INVOICES}/{id}"), &wish).await;
    assert!(file.headers.get("x-evil").is_none());
    assert!(
        file.text().contains("=HYPERLINK(\"http://evil.example\")"),
        "{}",
        file.text()
    );
}

/// B08
#[tokio::test]
async fn an_invoice_of_another_account_is_not_there() {
    let app = shop().await;
    let (ada, eve) = (
        Owner::registered(&app, "ada@example.org").await,
        Owner::registered(&app, "eve@example.org").await,
    );
    let id = pay(&app, &ada, ("pay_1", 50_000)).await;
    assert_eq!(eve.program.get(INVOICES).await.body, json!([]));
    let path = format!("{INVOICES}/{id}");
    assert_eq!(eve.program.get(&path).await.refusal(), (404, "not_found"));
    assert_eq!(
        eve.program
            .get(&format!("{INVOICES}/no-such-invoice"))
            .await
            .refusal(),
        (404, "not_found")
    );
    let named = eve.program.with("x-account-id", ada.account.as_str());
    assert_eq!(named.get(&path).await.refusal(), (403, "not_a_member"));
    let token = download_token(&eve, &path).await;
    let file = fetch(&app, &format!("{path}?token={token}"), &[]).await;
    assert_eq!(file.status, 404);
}

async fn download_token(owner: &Owner, path: &str) -> String {
    let made = owner
        .program
        .post("/api/auth/download-token", json!({"path": path}))
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.text("/token").to_owned()
}

#[tokio::test]
async fn a_download_token_is_good_for_one_pdf() {
    let app = shop().await;
    let ada = Owner::registered(&app, "ada@example.org").await;
    let path = format!("{INVOICES}/{}", pay(&app, &ada, ("pay_1", 50_000)).await);
    let address = format!("{path}?token={}", download_token(&ada, &path).await);
    let file = fetch(&app, &address, &[(header::ACCEPT, "text/html,*/*")]).await;
    assert_eq!(
        (file.status.as_u16(), file.header("content-type")),
        (200, "application/pdf")
    );
    assert_eq!(fetch(&app, &address, &[]).await.status, 410);
    let elsewhere = download_token(&ada, "/api/auth/export").await;
    assert_eq!(
        fetch(&app, &format!("{path}?token={elsewhere}"), &[])
            .await
            .status,
        410
    );
    let two = format!("{path}?token={}", download_token(&ada, &path).await);
    assert_eq!(ada.program.get(&two).await.refusal().0, 400);
    assert_eq!(fetch(&app, &path, &[]).await.status, 401);
}
