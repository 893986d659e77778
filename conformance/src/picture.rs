//! A picture to upload, and the form it travels in.
//! Made by hand, since any server must take it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BOUNDARY: &str = "conformance-boundary-7d1f";
/// A red square of one pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

/// The picture.
pub fn png() -> Vec<u8> {
    STANDARD.decode(PNG).unwrap_or_default()
}

/// Content type and body of a form with one file in the field `avatar`.
pub fn form(kind: &str, file: &[u8]) -> (String, Vec<u8>) {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"avatar\"\r\nContent-Type: {kind}\r\n\r\n"
    );
    let mut body = head.into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}
