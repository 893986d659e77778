//! The configurations of nginx that token checks are usually built from, with the settings that make them fast.
//! They refuse nothing that our proxy lets pass in these measurements, and the other way round.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;

use super::find;
use crate::cores::threads;
use crate::server::basic;

/// As long as our proxy keeps an answer here.
const CACHED_FOR: &str = "1h";

/// What njs 0.7 of Debian 12 can do: it has no memory shared between workers (`js_shared_dict` came with 0.8.0), so
/// the introspection is a subrequest that `proxy_cache` keeps by token.
pub const SCRIPT: &str = r#"
const SHAPE = /^Bearer ([A-Za-z0-9._~+\/-]+=*)$/;

function ask(r) {
    const found = SHAPE.exec(r.headersIn.Authorization || '');
    if (!found) {
        r.return(401);
        return;
    }
    r.subrequest('/introspect', { args: 'token=' + found[1], method: 'POST' }, function (reply) {
        if (reply.status !== 200) {
            r.return(500);
            return;
        }
        const facts = JSON.parse(reply.responseText);
        if (!facts.active) {
            r.return(401);
            return;
        }
        const granted = facts.scope ? facts.scope.split(' ') : [];
        r.return(granted.indexOf('orders:read') < 0 ? 403 : 204);
    });
}

export default { ask };
"#;

/// One way to set nginx up.
pub struct Recipe {
    upstream: SocketAddr,
    /// The server that knows tokens.
    authority: Option<SocketAddr>,
    modules: String,
    scripts: &'static str,
    locations: String,
}

/// Proxies, and checks nothing.
pub fn bare(upstream: SocketAddr) -> Recipe {
    Recipe {
        upstream,
        authority: None,
        modules: String::new(),
        scripts: "",
        locations: "location / { proxy_pass http://service; }".to_owned(),
    }
}

/// `auth_request` to `GET /check`; the answer is kept by the `Authorization` header, against its `Cache-Control`.
pub fn auth_request(upstream: SocketAddr, authority: SocketAddr) -> Recipe {
    Recipe {
        upstream,
        authority: Some(authority),
        modules: String::new(),
        scripts: "",
        locations: format!(
            "location / {{ auth_request /gate; proxy_pass http://service; }}
        location = /gate {{
            internal;
            proxy_pass http://authority/check?scope=orders%3Aread;
            proxy_pass_request_body off;
            proxy_set_header Content-Length \"\";
            proxy_set_header Host 127.0.0.1;
            proxy_set_header Connection \"\";
            proxy_cache answers;
            proxy_cache_key $http_authorization;
            {}
        }}",
            kept()
        ),
    }
}

/// `auth_request` to a script that introspects; the answer is kept by token.
pub fn njs(upstream: SocketAddr, authority: SocketAddr) -> Result<Recipe> {
    let module = find("ngx_http_js_module.so", &["/usr/lib/nginx/modules"])?;
    let login = basic("edge");
    let login = login.trim_start_matches("Authorization: ").trim_end();
    Ok(Recipe {
        upstream,
        authority: Some(authority),
        modules: format!("load_module {};", module.display()),
        scripts: "js_path $folder; js_import gate from gate.js;",
        locations: format!(
            "location / {{ auth_request /gate; proxy_pass http://service; }}
        location = /gate {{ internal; js_content gate.ask; }}
        location = /introspect {{
            internal;
            set $token $arg_token;
            set $args \"\";
            proxy_pass http://authority/oauth2/introspect;
            proxy_pass_request_headers off;
            proxy_set_header Authorization \"{login}\";
            proxy_set_header Content-Type application/x-www-form-urlencoded;
            proxy_set_header Host 127.0.0.1;
            proxy_set_header Connection \"\";
            proxy_set_body token=$token;
            proxy_cache answers;
            proxy_cache_methods POST;
            proxy_cache_key $token;
            {}
        }}",
            kept()
        ),
    })
}

fn kept() -> String {
    format!(
        "proxy_cache_valid 200 {CACHED_FOR};
            proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;"
    )
}

impl Recipe {
    /// The whole file for a folder, listening on `address`.
    pub fn configuration(&self, folder: &Path, address: SocketAddr) -> String {
        let authority = self.authority.map_or_else(String::new, |authority| {
            format!(
                "upstream authority {{ server {authority}; keepalive 512; keepalive_requests 100000000; }}
    proxy_cache_path {}/answers levels=1:2 keys_zone=answers:128m inactive=1h;",
                folder.display()
            )
        });
        let (folder, workers) = (folder.display().to_string(), threads());
        let scripts = self.scripts.replace("$folder", &folder);
        let Self {
            modules,
            upstream,
            locations,
            ..
        } = self;
        format!(
            "{modules}
daemon off;
user root root;
worker_processes {workers};
worker_rlimit_nofile 65536;
pid {folder}/pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 100000000;
    proxy_http_version 1.1;
    proxy_set_header Connection \"\";
    upstream service {{ server {upstream}; keepalive 512; keepalive_requests 100000000; }}
    {authority}
    {scripts}
    server {{
        listen {address} reuseport;
        {locations}
    }}
}}
"
        )
    }
}
