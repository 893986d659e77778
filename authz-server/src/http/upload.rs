//! A form that brings a file: read piece by piece, so that what comes first is judged before the file is read.
//! Refuses what is longer than it may be, and never looks at the name or the type that a file claims to have.

use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::response::{IntoResponse, Response};
use domain::people::LONGEST_UPLOAD;
use http::StatusCode;

const LONGEST_TEXT: usize = 4 * 1024;
const MOST_TEXTS: usize = 8;

/// The fields of a `multipart/form-data` body (RFC 7578), for routes with the allowance of pictures.
pub struct Upload(Multipart);

/// Why the form can't be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UploadError {
    #[error("the file is too large")]
    TooLarge,
    #[error("the form is malformed")]
    Malformed,
    /// What came before the file did not do.
    #[error("the form is not from here")]
    Refused,
}

impl UploadError {
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Refused => StatusCode::FORBIDDEN,
        }
    }
}

impl From<MultipartError> for UploadError {
    fn from(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::Malformed,
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Response;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Response> {
        // The frame has bounded the body already.
        DefaultBodyLimit::disable().apply(&mut request);
        let taken = Multipart::from_request(request, state).await;
        taken.map(Self).map_err(|rejection| match rejection {
            MultipartRejection::InvalidBoundary(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
            _ => StatusCode::BAD_REQUEST.into_response(),
        })
    }
}

impl Upload {
    /// The file called `file`, or none when the form has no such. It is read only if `may` agrees with the texts before it.
    ///
    /// # Errors
    /// See [`UploadError`].
    pub async fn picture(
        mut self,
        file: &str,
        may: impl FnOnce(&[(String, String)]) -> bool,
    ) -> Result<Option<Vec<u8>>, UploadError> {
        let mut texts = Vec::new();
        while let Some(field) = self.0.next_field().await? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == file {
                if !may(&texts) {
                    return Err(UploadError::Refused);
                }
                return read(field, LONGEST_UPLOAD).await.map(Some);
            }
            if texts.len() == MOST_TEXTS {
                return Err(UploadError::Malformed);
            }
            let value = String::from_utf8(read(field, LONGEST_TEXT).await?);
            texts.push((name, value.map_err(|_| UploadError::Malformed)?));
        }
        Ok(None)
    }
}

async fn read(mut field: Field<'_>, most: usize) -> Result<Vec<u8>, UploadError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        if bytes.len() + chunk.len() > most {
            return Err(UploadError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
