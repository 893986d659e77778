//! The harness of the whole-system tests: it starts the real programs and talks to them as strangers do.
//! It never reaches into their code or their database, and it fails when a program it needs is not there.

pub mod agent;
pub mod browser;
pub mod chromedriver;
pub mod collector;
pub mod database;
pub mod demo;
pub mod doorway;
pub mod ground;
pub mod http_client;
pub mod mcp_server;
pub mod money;
pub mod nginx;
pub mod openid_provider;
pub mod page;
pub mod port_file;
pub mod process;
pub mod program;
pub mod proxy;
pub mod relay;
pub mod sample_service;
pub mod server;
pub mod site;
pub mod smtp_server;
pub mod till;
