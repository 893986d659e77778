//! Delivery by SMTP (RFC 5321) over a few pooled connections.
//! Refuses a server without TLS where TLS was configured, and to wait for ever.

use domain::mail::MailerError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::config::{SmtpConfig, SmtpTls};

const CONNECTIONS: u32 = 4;

pub(super) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, MailerError> {
        let (tls, usual_port) = match config.tls {
            SmtpTls::Implicit => (Tls::Wrapper(parameters(config)?), 465),
            SmtpTls::Starttls => (Tls::Required(parameters(config)?), 587),
            SmtpTls::None => (Tls::None, 25),
        };
        let builder: AsyncSmtpTransportBuilder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
                .port(config.port.unwrap_or(usual_port))
                .tls(tls)
                .timeout(Some(config.timeout.duration()))
                .pool_config(PoolConfig::new().max_size(CONNECTIONS));
        let builder = match (&config.username, &config.password) {
            (Some(name), Some(password)) => {
                builder.credentials(Credentials::new(name.clone(), password.expose().to_owned()))
            }
            _ => builder,
        };
        Ok(Self(builder.build()))
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), MailerError> {
        let sent = self.0.send(message).await;
        // The server's words may quote the address, not the content.
        sent.map(drop).map_err(|error| MailerError(error.to_string()))
    }
}

fn parameters(config: &SmtpConfig) -> Result<TlsParameters, MailerError> {
    TlsParameters::new(config.host.clone()).map_err(|error| MailerError(error.to_string()))
}
