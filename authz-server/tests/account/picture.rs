//! The picture of somebody: uploaded, shown, replaced, removed, erased.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};
use serde_json::Value;

use crate::app::{Answer, App, Browser};

const PATH: &str = "/account/profile";
const UPLOAD: &str = "/account/profile/picture";
/// One grey pixel.
const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

fn pixel() -> Vec<u8> {
    STANDARD.decode(PIXEL).unwrap()
}

async fn upload(browser: &mut Browser, file: &[u8]) -> Answer {
    let page = browser.get(PATH).await.body;
    let form = page.split("enctype").nth(1).expect("the form of the picture");
    let csrf = form.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let csrf = csrf.split('"').next().unwrap().to_owned();
    browser
        .upload(UPLOAD, &[("csrf", &csrf), ("flow", "")], ("picture", file))
        .await
}

async fn remove(browser: &mut Browser) -> Answer {
    let page = browser.get(PATH).await.body;
    let form = page.split("picture/remove").nth(1).expect("a form that removes");
    let csrf = form.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let csrf = csrf.split('"').next().unwrap().to_owned();
    browser
        .post("/account/profile/picture/remove", &[("csrf", &csrf)])
        .await
}

/// Where the page shows the picture.
fn shown(page: &Answer) -> Option<String> {
    let (_, rest) = page.body.split_once("class=\"portrait\" src=\"")?;
    rest.split('"').next().map(str::to_owned)
}

/// U01, U05: what is shown is a picture of ours, whatever name and type it came with, and a new one has a new address.
#[tokio::test]
async fn a_picture_is_shown_as_nothing_but_a_picture() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    assert_eq!(shown(&ada.get(PATH).await), None);
    let saved = upload(&mut ada, &pixel()).await;
    assert_eq!(
        saved.header(header::LOCATION),
        "/account/profile?done=picture",
        "{}",
        saved.body
    );
    let first = shown(&ada.get(PATH).await).unwrap();
    let answer = app.browser().get(&first).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert!(answer.header("content-disposition").starts_with("attachment"));
    assert!(answer.header("cache-control").contains("immutable"));
    assert!(answer.bytes.starts_with(b"\x89PNG") && answer.bytes != pixel());
    let user = app.authority.find_user("ada").await.unwrap().unwrap();
    let told = format!("{}{first}", app.authority.settings.issuer);
    assert_eq!(user.profile.picture, Some(told));
    upload(&mut ada, &pixel()).await;
    let second = shown(&ada.get(PATH).await).unwrap();
    assert_ne!(first, second);
    assert_eq!(ada.get(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ada.get(&second).await.status, StatusCode::OK);
}

/// U01, U02, A04
#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused_in_words() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_slice();
    let mut cut_off = pixel();
    cut_off.truncate(40);
    let large = vec![0; 5 * 1024 * 1024 + 1];
    for (file, status, words) in [
        (svg, StatusCode::UNSUPPORTED_MEDIA_TYPE, "A picture is a PNG"),
        (&[], StatusCode::BAD_REQUEST, "Choose a picture first."),
        (&cut_off, StatusCode::BAD_REQUEST, "The file is damaged."),
        (&large, StatusCode::BAD_REQUEST, "A picture has at most 5 MiB."),
    ] {
        let answer = upload(&mut ada, file).await;
        assert_eq!(answer.status, status, "{words}");
        assert!(answer.body.contains(words), "{}", answer.body);
    }
    let huge = vec![0; 6 * 1024 * 1024];
    let answer = upload(&mut ada, &huge).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(shown(&ada.get(PATH).await), None);
}

/// S03
#[tokio::test]
async fn strangers_and_foreign_forms_upload_nothing() {
    let app = App::new().await;
    let mut ada = app.browser();
    let answer = ada.upload(UPLOAD, &[], ("picture", &pixel())).await;
    assert!(answer.header(header::LOCATION).starts_with("/login"));
    ada.register("ada").await;
    for csrf in [&[("csrf", "forged")] as &[_], &[]] {
        let answer = ada.upload(UPLOAD, csrf, ("picture", &pixel())).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let answer = ada.post(UPLOAD, &[("picture", "x")]).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(shown(&ada.get(PATH).await), None);
}

#[tokio::test]
async fn a_removed_picture_is_gone_everywhere() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    upload(&mut ada, &pixel()).await;
    let address = shown(&ada.get(PATH).await).unwrap();
    let export = ada.fill_form("/account/data", "/account/data/export", &[]).await;
    let export: Value = serde_json::from_str(&export.body).unwrap();
    assert_eq!(export["picture"]["media_type"], "image/png");
    let answer = remove(&mut ada).await;
    assert_eq!(
        answer.header(header::LOCATION),
        "/account/profile?done=no-picture"
    );
    assert_eq!(ada.get(&address).await.status, StatusCode::NOT_FOUND);
    let user = app.authority.find_user("ada").await.unwrap().unwrap();
    assert_eq!(user.profile.picture, None);
    let history = ada.get("/account/history").await.body;
    assert!(history.contains("You chose another picture") && history.contains("You removed your picture"));
}
