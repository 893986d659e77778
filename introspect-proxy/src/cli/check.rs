//! `check`: what is wrong with a configuration, and what it may not mean.
//! It refuses to touch the network unless told to.

use crate::config::Config;
use crate::explain::cautions;
use crate::gateway::try_out;
use crate::shared_store;
use clap::Args;
use std::io::Write;
use std::net::ToSocketAddrs;
use url::Url;

/// How to look at the configuration.
#[derive(Args)]
pub struct Check {
    /// Fail on warnings too.
    #[arg(long)]
    strict: bool,
    /// Also look up the names of the upstreams and of the authorization server, and ask the store of the shared limits.
    #[arg(long)]
    resolve: bool,
}

impl Check {
    /// Writes what was found.
    ///
    /// # Errors
    /// When certificates cannot be used or names do not resolve, and with `--strict` on warnings.
    pub fn run(&self, config: &Config, out: &mut impl Write) -> Result<(), String> {
        let cautions = cautions(config);
        let mut text: String = cautions
            .iter()
            .map(|caution| format!("warning: {caution}\n"))
            .collect();
        let mut missing = unusable_certificates(config);
        if self.resolve {
            missing.extend(unresolved(config));
            missing.extend(unusable_store(config));
        }
        if missing.is_empty() {
            text.push_str(if cautions.is_empty() {
                "the configuration is fine\n"
            } else {
                "the configuration can be used\n"
            });
        }
        out.write_all(text.as_bytes())
            .map_err(|error| error.to_string())?;
        if !missing.is_empty() {
            return Err(missing.join("\n"));
        }
        if self.strict && !cautions.is_empty() {
            return Err("there are warnings".to_owned());
        }
        Ok(())
    }
}

/// Not a part of the configuration's own check: a reload may come while a pair of files is being replaced, and keeps the old one.
fn unusable_certificates(config: &Config) -> Vec<String> {
    let tried = config.listeners.iter().filter_map(|listener| {
        let reason = try_out(listener.tls.as_ref()?).err()?;
        Some(format!("listeners.{}.tls: {reason}", listener.name))
    });
    tried.collect()
}

/// Why the store of the shared limits cannot be used, when there should be one.
fn unusable_store(config: &Config) -> Option<String> {
    let settings = config.shared_limits.as_ref()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string());
    let probed = runtime.and_then(|runtime| runtime.block_on(shared_store::probe(settings)));
    let why = probed.err()?;
    Some(format!("shared_limits: the store cannot be used: {why}"))
}

fn unresolved(config: &Config) -> Vec<String> {
    let upstreams = config.upstreams.iter().flat_map(|upstream| {
        let named = move |address: &crate::config::Address| {
            (
                format!("upstreams.{}", upstream.name),
                address.authority().to_owned(),
            )
        };
        upstream.addresses.iter().map(named)
    });
    let issuer = Url::parse(&config.authorization_server.issuer)
        .ok()
        .and_then(|url| {
            let (host, port) = (url.host_str()?.to_owned(), url.port_or_known_default()?);
            Some(("authorization_server.issuer".to_owned(), format!("{host}:{port}")))
        });
    let problem = |(key, address): (String, String)| match address.to_socket_addrs() {
        Ok(mut found) => found
            .next()
            .is_none()
            .then(|| format!("{key}: {address} has no address")),
        Err(reason) => Some(format!("{key}: {address}: {reason}")),
    };
    upstreams.chain(issuer).filter_map(problem).collect()
}
