//! The {{name}} service: settings and start. `{{test}}` runs its tests.

use std::io;
use std::sync::Arc;

use service::runtime::config::{process_environment, Config, ConfigError};
use service::runtime::log::Log;
use service::runtime::server::{healthy, Server};
use service::runtime::signals::StopSignals;

fn main() {
    match run() {
        Ok(status) => std::process::exit(status),
        Err(reason) => {
            eprintln!("{{name}}: {reason}");
            std::process::exit(2);
        }
    }
}

fn run() -> Result<i32, ConfigError> {
    let config = Config::from(&process_environment)?;
    if std::env::args().nth(1).as_deref() == Some("healthcheck") {
        return Ok(i32::from(!healthy(config.port)));
    }
    let stop = StopSignals::hold().map_err(|error| error.to_string())?;
    let log = Arc::new(Log::new(config.log_level, io::stdout()));
{{#if calls}}
    let app = service::build(log, service::clients(&process_environment)?);
{{else}}
    let app = service::build(log);
{{/if}}
    let server = Server::start(Arc::new(app), &config)?;
    stop.wait().map_err(|error| error.to_string())?;
    Ok(server.drain())
}
