//! The whole service without a socket, as main starts it and the tests use it.

{{#if calls}}
pub mod dependencies;
{{/if}}
pub mod items;
pub mod runtime;

use std::sync::Arc;

use axum::Router;
use runtime::app::{around, Shared};
{{#if calls}}
use runtime::client::Client;
use runtime::config::{service_url, Config, ConfigError};
{{else}}
use runtime::config::Config;
{{/if}}

{{#if calls}}
pub type Clients = Vec<(&'static str, Client)>;

/// The services that this one calls. Their addresses come from the environment.
#[allow(clippy::vec_init_then_push)]
pub fn clients(environment: &dyn Fn(&str) -> String) -> Result<Clients, ConfigError> {
    let client = |variable| service_url(environment, variable).map(|url| Client::new(&url));
    let mut clients = Clients::new();
{{#each calls}}
    clients.push(("{{name}}", client("{{variable}}")?));
{{/each}}
    Ok(clients)
}

pub fn routes(clients: Clients) -> Router {
    items::routes().merge(dependencies::routes(clients))
}

pub fn build(config: &Config, shared: Arc<Shared>, clients: Clients) -> Router {
    around(routes(clients), shared, config)
}
{{else}}
pub fn routes() -> Router {
    items::routes()
}

pub fn build(config: &Config, shared: Arc<Shared>) -> Router {
    around(routes(), shared, config)
}
{{/if}}
