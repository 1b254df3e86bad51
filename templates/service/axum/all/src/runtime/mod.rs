//! What every service needs and nobody wants to write twice: health, metrics, logs, problems, bodies, shutdown, and
//! calls to other services.
//!
//! Written by `apigw new service`, which brings it up to date as long as nobody edits it.

pub mod app;
pub mod body;
pub mod call;
pub mod client;
pub mod config;
pub mod log;
pub mod metrics;
pub mod problem;
pub mod server;
pub mod time;
