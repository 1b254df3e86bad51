//! The whole service without a socket, as main starts it and the tests use it.

{{#if calls}}
pub mod dependencies;
{{/if}}
pub mod items;
pub mod runtime;

use std::sync::Arc;

use runtime::app::App;
{{#if calls}}
use runtime::client::Client;
use runtime::config::{service_url, ConfigError};
{{/if}}
use runtime::log::Log;
use runtime::metrics::Metrics;

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

pub fn build(log: Arc<Log>, clients: Clients) -> App {
{{else}}
pub fn build(log: Arc<Log>) -> App {
{{/if}}
    let mut app = App::new(Arc::new(Metrics::new()), log);
    items::add_items(&mut app.router, Arc::default());
{{#if calls}}
    dependencies::add_dependencies(&mut app.router, clients);
{{/if}}
    app
}
