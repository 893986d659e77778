//! `/account/profile/picture`: the picture of somebody, uploaded and removed.
//! Refuses to read a file before the form around it has proven to be ours.

use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use domain::people::{AVATARS, AvatarError, ProfileForm, ProfileProblems};
use http::StatusCode;

use super::{owner, profile};
use crate::http::{Upload, UploadError, fault};
use crate::pages::account_form::sentence;
use crate::pages::posted::Posted;
use crate::pages::refusal::{forged, see_other};
use crate::pages::view::account::{Part, PicturePart};
use crate::pages::visitor::Visitor;

pub(super) const UPLOAD: &str = "/account/profile/picture";
pub(super) const REMOVAL: &str = "/account/profile/picture/remove";

pub async fn upload(visitor: Visitor, upload: Upload) -> Response {
    let who = match owner(&visitor, profile::ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let is_ours = |texts: &[(String, String)]| {
        let csrf = texts.iter().find(|(name, _)| name == "csrf");
        visitor.gave_form(UPLOAD, csrf.map(|(_, value)| value.as_str()))
    };
    let words = match upload.picture("picture", is_ours).await {
        Ok(Some(bytes)) if !bytes.is_empty() => return keep(&visitor, who, bytes).await,
        Ok(_) => "Choose a picture first.",
        Err(UploadError::TooLarge) => "A picture has at most 5 MiB.",
        Err(UploadError::Malformed) => "The form could not be read. Please try again.",
        Err(UploadError::Refused) => return forged(&visitor),
    };
    refused(&visitor, who, (StatusCode::BAD_REQUEST, words.to_owned())).await
}

async fn keep(visitor: &Visitor, who: &SignedIn, bytes: Vec<u8>) -> Response {
    let authority = &visitor.state.authority;
    let status = match authority.set_avatar(&visitor.ctx, who.user.id, bytes).await {
        Ok(_) => return see_other("/account/profile?done=picture"),
        Err(AvatarError::NoAccount) => return see_other(profile::ACTION),
        Err(AvatarError::Fault(error)) => return fault(&error),
        Err(error) => (status(&error), sentence(&error.to_string())),
    };
    refused(visitor, who, status).await
}

fn status(error: &AvatarError) -> StatusCode {
    match error {
        AvatarError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        AvatarError::UnknownFormat => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        AvatarError::TooManyPixels
        | AvatarError::Damaged
        | AvatarError::NoAccount
        | AvatarError::Fault(_) => StatusCode::BAD_REQUEST,
    }
}

async fn refused(visitor: &Visitor, who: &SignedIn, (status, words): (StatusCode, String)) -> Response {
    let form = ProfileForm::of(&who.user);
    profile::draft(visitor, &form, &ProfileProblems::default())
        .part(part(visitor, who, Some(words)))
        .respond(visitor, who, status)
        .await
}

pub async fn remove(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, profile::ACTION) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(REMOVAL, posted.csrf()) {
        return forged(&visitor);
    }
    let authority = &visitor.state.authority;
    match authority.remove_avatar(&visitor.ctx, who.user.id).await {
        Ok(_) => see_other("/account/profile?done=no-picture"),
        Err(error) => fault(&error),
    }
}

/// Shows only pictures that are kept here: a page of ours loads nothing from elsewhere.
pub(super) fn part(visitor: &Visitor, who: &SignedIn, error: Option<String>) -> Part {
    let issuer = &visitor.state.authority.settings.issuer;
    let picture = who.user.profile.picture.as_deref().unwrap_or_default();
    let path = picture.strip_prefix(issuer.as_str());
    Part::Picture(Box::new(PicturePart {
        shown: path.filter(|path| path.starts_with(AVATARS)).map(str::to_owned),
        error,
        upload: visitor.form(UPLOAD, ""),
        removal: visitor.form(REMOVAL, ""),
    }))
}
