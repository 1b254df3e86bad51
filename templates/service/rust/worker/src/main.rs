//! The {{name}} worker: settings and start. `{{test}}` runs its tests.

use std::io;
use std::sync::Arc;

use service::job::Job;
use service::runtime::app::App;
{{#if calls}}
use service::runtime::client::Client;
use service::runtime::config::{process_environment, seconds, service_url, Config, ConfigError};
{{else}}
use service::runtime::config::{process_environment, seconds, Config, ConfigError};
{{/if}}
use service::runtime::log::Log;
use service::runtime::metrics::Metrics;
use service::runtime::server::{healthy, Server};
use service::runtime::signals::StopSignals;
use service::runtime::worker::Worker;

{{#if calls}}
/// The services that this one calls. Their addresses come from the environment.
#[allow(clippy::vec_init_then_push)]
fn clients() -> Result<Vec<(&'static str, Client)>, ConfigError> {
    let client = |variable| service_url(&process_environment, variable).map(|url| Client::new(&url));
    let mut clients = Vec::new();
{{#each calls}}
    clients.push(("{{name}}", client("{{variable}}")?));
{{/each}}
    Ok(clients)
}

{{/if}}
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
    let interval = seconds(&process_environment, "INTERVAL_SECONDS", 5.0)?;
    let stop = StopSignals::hold().map_err(|error| error.to_string())?;
    let log = Arc::new(Log::new(config.log_level, io::stdout()));
    let metrics = Arc::new(Metrics::new());
{{#if calls}}
    let mut job = Job { log: log.clone(), clients: clients()? };
{{else}}
    let mut job = Job { log: log.clone() };
{{/if}}
    let server = Server::start(Arc::new(App::new(metrics.clone(), log.clone())), &config)?;
    let worker = Worker::start(Box::new(move || job.run()), interval, &metrics, log.clone())
        .map_err(|error| error.to_string())?;
    stop.wait().map_err(|error| error.to_string())?;
    worker.stop();
    let status = server.drain();
    if !worker.wait(config.drain_timeout) {
        log.error("cut the job that still ran", &[]);
        return Ok(1);
    }
    Ok(status)
}
