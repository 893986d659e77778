//! The authorities that vouch for the names in client certificates (RFC 8705 §2.1).
//! Refuses a certificate that is not in force, or not meant for clients; self-signed ones have no names here.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::Timestamp;
use oauth::client_cert::{DistinguishedName, VouchedNames};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime, pem::PemObject as _};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::TlsError;

/// Authorities whose word counts.
pub struct CertificateAuthorities(Arc<dyn ClientCertVerifier>);

impl CertificateAuthorities {
    /// Reads the authorities of a PEM file.
    ///
    /// # Errors
    /// When it cannot be read, or holds none.
    pub fn read(file: &Path) -> Result<Self, TlsError> {
        let unreadable = |source| TlsError::File {
            path: file.to_owned(),
            source,
        };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
            roots.add(certificate.map_err(unreadable)?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = verifier.build().map_err(|error| TlsError::Authorities {
            path: file.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self(verifier))
    }

    /// The names in a certificate, if its chain leads to one of the authorities now.
    pub fn vouched(&self, chain: &[Vec<u8>], now: Timestamp) -> Option<VouchedNames> {
        let (own, above) = chain.split_first()?;
        let certificate = CertificateDer::from(own.as_slice());
        let above: Vec<_> = above
            .iter()
            .map(|der| CertificateDer::from(der.as_slice()))
            .collect();
        let seconds = u64::try_from(now.as_seconds()).ok()?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        self.0.verify_client_cert(&certificate, &above, now).ok()?;
        names(own)
    }
}

fn names(der: &[u8]) -> Option<VouchedNames> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    let alternatives = certificate.subject_alternative_name().ok()?;
    if !rest.is_empty() {
        return None;
    }
    let mut names = VouchedNames {
        subject: subject(&certificate),
        ..VouchedNames::default()
    };
    let alternatives = alternatives.map(|extension| extension.value.general_names.as_slice());
    for name in alternatives.unwrap_or_default() {
        match name {
            GeneralName::DNSName(name) => names.dns.push((*name).to_owned()),
            GeneralName::URI(uri) => names.uris.push((*uri).to_owned()),
            GeneralName::RFC822Name(mailbox) => names.emails.push((*mailbox).to_owned()),
            GeneralName::IPAddress(bytes) => names.addresses.extend(address(bytes)),
            _ => {}
        }
    }
    Some(names)
}

/// None when a part of it is no text.
fn subject(certificate: &X509Certificate<'_>) -> Option<DistinguishedName> {
    let part = |part: &x509_parser::x509::RelativeDistinguishedName<'_>| {
        let pairs = part.iter().map(|pair| {
            let value = pair.as_str().ok()?;
            Some((pair.attr_type().to_id_string(), value.to_owned()))
        });
        pairs.collect::<Option<Vec<_>>>()
    };
    let parts: Option<Vec<_>> = certificate.subject().iter_rdn().map(part).collect();
    parts.map(DistinguishedName::of)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::client_cert::ExpectedName;
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
    };

    struct House {
        folder: tempfile::TempDir,
        issuer: Issuer<'static, KeyPair>,
    }

    impl House {
        fn new() -> Self {
            let mut parameters = CertificateParams::new([]).unwrap();
            parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let key = KeyPair::generate().unwrap();
            let folder = tempfile::tempdir().unwrap();
            let root = parameters.self_signed(&key).unwrap();
            std::fs::write(folder.path().join("ca.pem"), root.pem()).unwrap();
            Self {
                folder,
                issuer: Issuer::new(parameters, key),
            }
        }

        fn authorities(&self) -> CertificateAuthorities {
            CertificateAuthorities::read(&self.folder.path().join("ca.pem")).unwrap()
        }

        fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
            let mut parameters = CertificateParams::new([]).unwrap();
            change(&mut parameters);
            let key = KeyPair::generate().unwrap();
            parameters.signed_by(&key, &self.issuer).unwrap().der().to_vec()
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }

    #[test]
    fn every_kind_of_name_is_read() {
        let house = House::new();
        let own = house.issue(|parameters| {
            parameters
                .distinguished_name
                .push(DnType::OrganizationName, "Shop");
            parameters.distinguished_name.push(DnType::CommonName, "till");
            parameters.subject_alt_names = vec![
                SanType::DnsName("till.example".try_into().unwrap()),
                SanType::URI("spiffe://shop/till".try_into().unwrap()),
                SanType::IpAddress("192.0.2.7".parse().unwrap()),
                SanType::IpAddress("2001:db8::7".parse().unwrap()),
                SanType::Rfc822Name("till@shop.example".try_into().unwrap()),
            ];
        });
        let names = house.authorities().vouched(&[own], now()).unwrap();
        for (member, value) in [
            ("tls_client_auth_san_dns", "till.example"),
            ("tls_client_auth_san_uri", "spiffe://shop/till"),
            ("tls_client_auth_san_ip", "192.0.2.7"),
            ("tls_client_auth_san_ip", "2001:db8::7"),
            ("tls_client_auth_san_email", "till@shop.example"),
        ] {
            assert!(
                ExpectedName::parse(member, value).unwrap().is_among(&names),
                "{value}"
            );
        }
        assert!(names.subject.is_some());
    }

    /// O18
    #[test]
    fn nobody_vouches_for_other_authorities_old_certificates_and_servers() {
        let (house, other) = (House::new(), House::new());
        let authorities = house.authorities();
        let plain = house.issue(|_| ());
        assert!(authorities.vouched(std::slice::from_ref(&plain), now()).is_some());
        assert!(authorities.vouched(&[other.issue(|_| ())], now()).is_none());
        let old = house.issue(|parameters| parameters.not_after = rcgen::date_time_ymd(2020, 1, 1));
        let server = house.issue(|parameters| {
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        });
        assert!(authorities.vouched(&[old], now()).is_none());
        assert!(authorities.vouched(&[server], now()).is_none());
        assert!(authorities.vouched(&[], now()).is_none());
        let mut longer = plain;
        longer.push(0);
        assert!(authorities.vouched(&[longer], now()).is_none());
    }
}
