//! The {{name}} service: settings and start. `cargo test` runs its tests.

use std::io;
use std::sync::Arc;

use service::runtime::app::Shared;
use service::runtime::config::{process_environment, Config, ConfigError};
use service::runtime::log::Log;
use service::runtime::server::{healthy, serve, stop_signal};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() {
    match run().await {
        Ok(status) => std::process::exit(status),
        Err(reason) => {
            eprintln!("{{name}}: {reason}");
            std::process::exit(2);
        }
    }
}

async fn run() -> Result<i32, ConfigError> {
    let config = Config::from(&process_environment)?;
    if std::env::args().nth(1).as_deref() == Some("healthcheck") {
        return Ok(i32::from(!healthy(config.port)));
    }
    let shared = Arc::new(Shared::new(Arc::new(Log::new(config.log_level, io::stdout()))));
{{#if calls}}
    let app = service::build(&config, shared.clone(), service::clients(&process_environment)?);
{{else}}
    let app = service::build(&config, shared.clone());
{{/if}}
    let stop = stop_signal().map_err(|error| error.to_string())?;
    let address = (config.host.as_str(), config.port);
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{}:{}: {error}", address.0, address.1))?;
    serve(app, shared, listener, &config, stop).await.map_err(|error| error.to_string())
}
