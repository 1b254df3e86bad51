//! Settings from the environment, read once at the start; a wrong one ends the program with a sentence.

use std::time::Duration;

use super::log::Level;

/// A variable that is missing or says something impossible, as a sentence.
pub type ConfigError = String;

#[derive(Clone)]
pub struct Config {
    pub host: String,
    pub port: u16,
    pub log_level: Level,
    pub max_connections: usize, // each has a thread of its own
    pub max_body_bytes: usize,
    pub read_timeout: Duration,  // for a request, from its first byte to the end of its body
    pub write_timeout: Duration, // for an answer
    pub keep_alive: Duration,    // that a connection may be idle
    pub drain_delay: Duration,   // from SIGTERM, /readyz 503 all along, until no new connection is taken
    pub drain_timeout: Duration, // for what still runs then
}

impl Config {
    /// `environment` gives the text of a variable, empty where it is not set.
    pub fn from(environment: &dyn Fn(&str) -> String) -> Result<Config, ConfigError> {
        let word = or(environment("LOG_LEVEL"), "info");
        let log_level =
            Level::from_word(&word).ok_or(format!("LOG_LEVEL is {word:?}: give one of debug, info, warning, error"))?;
        Ok(Config {
            host: or(environment("HOST"), "127.0.0.1"),
            port: whole(environment, "PORT", 8080, 0, 65535)? as u16,
            log_level,
            max_connections: whole(environment, "MAX_CONNECTIONS", 256, 1, 10_000)? as usize,
            max_body_bytes: 1 << 20,
            read_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            drain_delay: number(environment, "DRAIN_DELAY_SECONDS", 1.0, 600.0)?,
            drain_timeout: number(environment, "DRAIN_TIMEOUT_SECONDS", 20.0, 3600.0)?,
        })
    }
}

/// The environment of this process.
pub fn process_environment(variable: &str) -> String {
    std::env::var(variable).unwrap_or_default()
}

/// A variable such as INTERVAL_SECONDS=0.5.
pub fn seconds(environment: &dyn Fn(&str) -> String, variable: &str, usual: f64) -> Result<Duration, ConfigError> {
    number(environment, variable, usual, 86400.0)
}

/// The address of another service, as `apigw run` and the deployment set it: STOCK_URL=http://127.0.0.1:9001.
pub fn service_url(environment: &dyn Fn(&str) -> String, variable: &str) -> Result<String, ConfigError> {
    let text = environment(variable);
    let url = text.trim_end_matches('/');
    if url.is_empty() {
        return Err(format!("{variable} is not set: `apigw run` sets it for each of the service's `calls:`"));
    }
    if url.starts_with("https://") {
        return Err(format!("{variable} is {url:?}: no TLS is built in; give an http:// address"));
    }
    let usable = url.strip_prefix("http://").map_or(false, |rest| {
        !rest.starts_with(['/', ':']) && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@".contains(&byte))
    });
    if !usable {
        return Err(format!("{variable} is {url:?}: give an address such as http://127.0.0.1:9001"));
    }
    Ok(url.to_string())
}

fn or(text: String, usual: &str) -> String {
    if text.is_empty() {
        usual.to_string()
    } else {
        text
    }
}

fn whole(
    environment: &dyn Fn(&str) -> String,
    variable: &str,
    usual: u32,
    least: u32,
    most: u32,
) -> Result<u32, ConfigError> {
    let text = or(environment(variable), &usual.to_string());
    match text.parse::<u32>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("{variable} is {text:?}: give a whole number from {least} to {most}")),
    }
}

fn number(
    environment: &dyn Fn(&str) -> String,
    variable: &str,
    usual: f64,
    most: f64,
) -> Result<Duration, ConfigError> {
    let text = or(environment(variable), &usual.to_string());
    match text.parse::<f64>() {
        Ok(number) if (0.0..=most).contains(&number) => Ok(Duration::from_secs_f64(number)),
        _ => Err(format!("{variable} is {text:?}: give a number from 0 to {most}")),
    }
}
