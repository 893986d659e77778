//! AWS Signature Version 4 in a header, as the clients of IAM sign.
//! Signs requests with one fixed set of headers and without a query, which is all that is needed here.

use aws_lc_rs::{digest, hmac};

use crate::clock;

/// What signs.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// Its name.
    pub id: &'a str,
    /// Its secret.
    pub secret: &'a str,
    /// Where it is good.
    pub region: &'a str,
}

/// `X-Amz-Date` and `Authorization` of a POST without a query.
pub fn sign(key: &Key<'_>, host: &str, path: &str, body: &[u8], at: i64) -> (String, String) {
    let time = clock::basic_time(at);
    let date = time.get(..8).unwrap_or_default();
    let names = "host;x-amz-date";
    let canonical = format!(
        "POST\n{path}\n\nhost:{host}\nx-amz-date:{time}\n\n{names}\n{}",
        sha256(body)
    );
    let scope = format!("{date}/{}/iam/aws4_request", key.region);
    let text = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        sha256(canonical.as_bytes())
    );
    let signature = hex::encode(mac(&signing_key(key, date), &text));
    let header = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        key.id
    );
    (time, header)
}

fn signing_key(key: &Key<'_>, date: &str) -> Vec<u8> {
    let first = format!("AWS4{}", key.secret).into_bytes();
    let parts = [date, key.region, "iam", "aws4_request"];
    parts.iter().fold(first, |key, part| mac(&key, part))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The signing key that Amazon's documentation shows for these inputs.
    #[test]
    fn the_signing_key_is_the_published_one() {
        let key = Key {
            id: "AKIDEXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
        };
        assert_eq!(
            hex::encode(signing_key(&key, "20150830")),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        );
    }
}
