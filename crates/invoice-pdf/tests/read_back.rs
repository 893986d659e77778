//! Documents read back by a PDF tool that is not ours (poppler; `scripts/setup` installs it).
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

use std::path::Path;
use std::process::Command;

use model::Timestamp;
use model::billing::Currency;
use model::billing::tax::{
    Corrected, DocumentKind, DocumentLine, FinancialYear, Party, SellerParty, TaxDocument, TaxDocumentId,
    TaxRate, split,
};
use proptest::prelude::*;

fn strings(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn sample() -> TaxDocument {
    let (rate, issued_at) = (
        TaxRate::try_from(18).unwrap(),
        Timestamp::from_seconds(1_795_221_529),
    );
    let parts = split(12_345_678, rate, false);
    TaxDocument {
        id: TaxDocumentId::from_bytes([7; 16]),
        account: "123456789012".parse().unwrap(),
        kind: DocumentKind::TaxInvoice,
        number: "INV/26-27/000001".to_owned(),
        financial_year: FinancialYear::of(issued_at),
        issued_at,
        currency: Currency::INR,
        seller: SellerParty {
            legal_name: "Lighthouse Services LLP".to_owned(),
            gstin: Some("29AAGCB7383J1Z4".parse().unwrap()),
            address: strings(&["1 Church Street", "Bengaluru 560001, Karnataka"]),
            state: "29".parse().unwrap(),
            email: Some("billing@example.com".to_owned()),
            website: Some("https://example.com".to_owned()),
        },
        buyer: Party {
            legal_name: "Umbrella Traders (अम्ब्रेला ट्रेडर्स)".to_owned(),
            gstin: Some("27AAPFU0939F1ZV".parse().unwrap()),
            address: strings(&["14 Marine Drive", "Mumbai 400020"]),
            state: Some("27".parse().unwrap()),
        },
        place_of_supply: "27".parse().unwrap(),
        rate,
        lines: vec![DocumentLine {
            description: "Pro, 1 to 31 December 2026, 3 seats".to_owned(),
            sac: "998315".to_owned(),
            quantity: 1,
            parts,
        }],
        parts,
        reference: "payment:pay_29QQoUBi66xm2f".to_owned(),
        payment: "pay_29QQoUBi66xm2f".to_owned(),
        corrects: None,
    }
}

fn within_a_state() -> TaxDocument {
    let mut document = sample();
    document.place_of_supply = document.seller.state;
    document.buyer.state = None;
    document.buyer.gstin = None;
    document.parts = split(50_000, document.rate, true);
    document.lines[0].parts = document.parts;
    document
}

fn run(tool: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(tool).args(arguments).arg(file).arg("-").output();
    let output = output.unwrap_or_else(|error| panic!("{tool}: {error}: scripts/setup installs it"));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn read(document: &TaxDocument) -> String {
    let bytes = invoice_pdf::render(document).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.pdf");
    std::fs::write(&file, bytes).unwrap();
    run("pdftotext", &["-layout"], &file)
}

/// The rows as they are read, blanks as single ones.
fn rows(text: &str) -> Vec<String> {
    let rows = text
        .lines()
        .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "));
    rows.filter(|row| !row.is_empty()).collect()
}

#[test]
fn an_invoice_says_all_that_the_law_asks_for() {
    let text = rows(&read(&sample())).join("\n");
    for said in [
        "Lighthouse Services LLP Tax invoice",
        "INV/26-27/000001",
        "21 November 2026",
        "GSTIN 29AAGCB7383J1Z4",
        "State: Karnataka (29)",
        "GSTIN 27AAPFU0939F1ZV",
        "14 Marine Drive",
        "Place of supply Maharashtra (27)",
        "Reverse charge No",
        "Description SAC Qty Taxable value IGST 18% Total",
        "Pro, 1 to 31 December 2026, 3 seats 998315 1 1,04,624.39 18,832.39 1,23,456.78",
        "IGST at 18% 18,832.39",
        "Total paid ₹ 1,23,456.78",
        "Rupees One Lakh Twenty-Three Thousand Four Hundred",
        "pay_29QQoUBi66xm2f",
        "The amount includes tax.",
        "computer generated",
        "Original for recipient",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn within_a_state_there_are_two_taxes() {
    let text = rows(&read(&within_a_state())).join("\n");
    assert!(text.contains("Taxable value CGST 9% SGST 9% Total"), "{text}");
    assert!(text.contains("423.73 38.14 38.13 500.00"), "{text}");
    assert!(
        text.contains("GSTIN: not registered") && !text.contains("IGST"),
        "{text}"
    );
    let mut chandigarh = within_a_state();
    chandigarh.seller.state = "04".parse().unwrap();
    chandigarh.place_of_supply = chandigarh.seller.state;
    assert!(read(&chandigarh).contains("UTGST at 9%"));
}

#[test]
fn credit_notes_and_bills_have_words_of_their_own() {
    let mut note = sample();
    note.kind = DocumentKind::CreditNote;
    note.number = "CRN/26-27/000001".to_owned();
    note.reference = "refund:rfnd_FP8QHiV938haTz".to_owned();
    note.corrects = Some(Corrected {
        id: note.id,
        number: "INV/26-27/000001".to_owned(),
        issued_at: note.issued_at,
    });
    let text = rows(&read(&note)).join("\n");
    for said in [
        "Credit note",
        "Against invoice INV/26-27/000001 of 21",
        "rfnd_FP8QHiV938haTz",
        "Total credited",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let mut bill = within_a_state();
    (bill.kind, bill.rate) = (DocumentKind::BillOfSupply, TaxRate::ZERO);
    bill.seller.gstin = None;
    let text = read(&bill);
    assert!(
        text.contains("Bill of supply") && text.contains("charges no tax") && !text.contains("CGST"),
        "{text}"
    );
}

#[test]
fn the_file_is_a4_small_inactive_and_the_same_each_time() {
    let (one, other) = (
        invoice_pdf::render(&sample()).unwrap(),
        invoice_pdf::render(&sample()).unwrap(),
    );
    assert_eq!(one, other);
    assert!(one.len() < 100_000, "{} bytes", one.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.pdf");
    std::fs::write(&file, &one).unwrap();
    let output = Command::new("pdfinfo").arg(&file).output().unwrap();
    let info = String::from_utf8(output.stdout).unwrap();
    for said in [
        "Pages:           1",
        "(A4)",
        "JavaScript:      no",
        "Form:            none",
        "Encrypted:       no",
        "Tax invoice INV/26-27/000001",
    ] {
        assert!(info.contains(said), "{said}\n{info}");
    }
    let output = Command::new("pdffonts").arg(&file).output().unwrap();
    let fonts = String::from_utf8(output.stdout).unwrap();
    let listed: Vec<&str> = fonts.lines().skip(2).collect();
    // Embedded, a subset, and with the letters that the glyphs stand for.
    assert!(
        listed.iter().all(|font| font.contains("yes yes yes")) && (2..=4).contains(&listed.len()),
        "{fonts}"
    );
}

/// B08
#[test]
fn hostile_text_is_text() {
    let mut document = sample();
    document.buyer.legal_name =
        "=HYPERLINK(\"http://evil.example\") <script>alert(1)</script> ) Tj ET \\".to_owned();
    document.buyer.address = strings(&[
        "(unbalanced \\( %%EOF",
        "endobj <</S/JavaScript/JS(app.alert(1))>>",
        "שלום 😀 \u{202e}x",
    ]);
    document.lines[0].description = "x".repeat(5_000);
    let bytes = invoice_pdf::render(&document).unwrap();
    let raw = String::from_utf8_lossy(&bytes);
    assert!(!raw.contains("/JavaScript") && !raw.contains("/URI") && !raw.contains("evil.example"));
    let text = rows(&read(&document)).join("\n");
    assert!(text.contains("=HYPERLINK(\"http://evil.example\")"), "{text}");
    assert!(text.contains("<script>alert(1)</script>"), "{text}");
    assert!(text.contains("(unbalanced \\( %%EOF"), "{text}");
    assert!(text.contains("Total paid ₹ 1,23,456.78"), "{text}");
}

#[test]
fn long_names_wrap_and_nothing_is_lost() {
    let mut document = sample();
    document.buyer.legal_name = "Very Long Company Name ".repeat(8).trim().to_owned();
    document.buyer.address = (1..=6)
        .map(|line| format!("line {line} {}", "of a long address ".repeat(4)))
        .collect();
    document.seller.legal_name = "W".repeat(200);
    let text = rows(&read(&document)).join(" ");
    assert_eq!(text.matches("Very").count(), 8, "{text}");
    assert!(
        (1..=6).all(|line| text.contains(&format!("line {line} of"))),
        "{text}"
    );
    assert!(text.contains("page 1 of 1"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_text_can_be_printed(name in "(?s).{0,200}", line in "\\PC{0,100}", description in "[\\p{Devanagari} \u{200d}a-z]{0,200}") {
        let mut document = sample();
        document.buyer.legal_name = name;
        document.buyer.address = vec![line];
        document.lines[0].description = description;
        let bytes = invoice_pdf::render(&document).unwrap();
        prop_assert!(bytes.starts_with(b"%PDF") && bytes.len() < 150_000);
    }
}

/// The picture in the documentation: `cargo test -p invoice-pdf --test read_back the_sample` and then `pdftoppm` over it.
#[test]
fn the_sample_is_written_for_whoever_wants_to_look_at_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, document) in [
        ("invoice", sample()),
        ("invoice-within-a-state", within_a_state()),
    ] {
        let bytes = invoice_pdf::render(&document).unwrap();
        std::fs::write(folder.join(format!("{name}.pdf")), bytes).unwrap();
    }
}
