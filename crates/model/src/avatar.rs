//! Pictures of people, in the form this server keeps them.
//! Refuses formats that can hold anything but pixels.

use crate::clock::Timestamp;
use crate::id::{AvatarId, UserId};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Avatar {
    pub id: AvatarId,
    pub user_id: UserId,
    pub format: PictureFormat,
    pub bytes: Vec<u8>,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PictureFormat {
    Jpeg,
    Png,
    Webp,
}

impl PictureFormat {
    /// How it is stored, and the end of a file's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::Webp]
            .into_iter()
            .find(|format| format.as_str() == text)
    }
}
