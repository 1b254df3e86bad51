//! What every service needs and nobody wants to write twice: health, metrics, logs, problems, HTTP, shutdown, and calls
//! to other services.
//!
//! Written by `apigw new service`, which brings it up to date as long as nobody edits it. Standard library only.

pub mod app;
pub mod call;
pub mod client;
pub mod config;
mod connection;
pub mod http;
pub mod json;
pub mod log;
pub mod metrics;
pub mod problem;
pub mod server;
pub mod signals;
mod time;
pub mod worker;
