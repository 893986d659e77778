//! The certificate of the public listener: usable, and for how long?
//! Judges dates and the key pair only, not who signed it.

use model::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::parse_x509_certificate;

use super::Finding;
use crate::{
    config::{Config, TlsConfig},
    listener::Certificates,
};

const SOON_SECONDS: i64 = 14 * 86_400;

pub(super) fn check(config: &Config, now: Timestamp) -> Vec<Finding> {
    let Some(tls) = &config.server.tls else {
        return vec![Finding::Fine(
            "none configured; the public listener speaks plain HTTP".to_owned(),
        )];
    };
    if let Err(error) = Certificates::load(tls.clone()) {
        return vec![Finding::wrong(
            error.to_string(),
            "Check server.tls: PEM files, and a key that fits the certificate.",
        )];
    }
    match expiry(tls) {
        Some(at) if at <= now => vec![Finding::wrong(
            format!("it expired at {at}"),
            "Renew it; a running server takes the new file by itself.",
        )],
        Some(at) if at.as_seconds() - now.as_seconds() < SOON_SECONDS => {
            vec![Finding::doubtful(
                format!("it expires soon, at {at}"),
                "Renew it; a running server takes the new file by itself.",
            )]
        }
        Some(at) => vec![Finding::Fine(format!("valid until {at}"))],
        None => vec![Finding::doubtful(
            "its dates cannot be read",
            "Check that the first certificate in the file is the server's own.",
        )],
    }
}

fn expiry(tls: &TlsConfig) -> Option<Timestamp> {
    let first = CertificateDer::pem_file_iter(&tls.certificate_file)
        .ok()?
        .next()?
        .ok()?;
    let (_, certificate) = parse_x509_certificate(&first).ok()?;
    Some(Timestamp::from_seconds(
        certificate.validity().not_after.timestamp(),
    ))
}
