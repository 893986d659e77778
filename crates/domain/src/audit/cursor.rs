//! Where a part of the log goes on: a number with a seal of this server over it.
//! Refuses numbers of anybody's own making, and those of another account (T06).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::authority::Authority;

const PURPOSE: &str = "audit-cursor";
const NUMBER: usize = 8;

/// Entries before this number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Before(pub(super) i64);

impl Authority {
    /// The text that leads on.
    pub fn audit_cursor(&self, account: &str, before: Before) -> String {
        let mut bytes = before.0.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.audit_cursor_tag(account, before.0).as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// None for whatever this server has not given out about this account.
    pub fn read_audit_cursor(&self, account: &str, text: &str) -> Option<Before> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (number, tag) = bytes.split_at_checked(NUMBER)?;
        let number = i64::from_be_bytes(number.try_into().ok()?);
        let due = self.audit_cursor_tag(account, number);
        aws_lc_rs::constant_time::verify_slices_are_equal(due.as_ref(), tag).ok()?;
        Some(Before(number))
    }

    fn audit_cursor_tag(&self, account: &str, number: i64) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.sealer.derive(PURPOSE).as_slice());
        hmac::sign(&key, format!("{account}:{number}").as_bytes())
    }
}
