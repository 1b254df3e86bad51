//! The service on a free port in this process, and a client for it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use service::runtime::app::App;
use service::runtime::config::Config;
use service::runtime::json::Json;
use service::runtime::log::{Level, Log};
use service::runtime::server::Server;

pub fn quiet() -> Arc<Log> {
    Arc::new(Log::new(Level::Error, io::sink()))
}

pub fn service() -> App {
    service_with(quiet())
}

pub fn service_with(log: Arc<Log>) -> App {
{{#if calls}}
    service::build(log, Vec::new())
{{else}}
    service::build(log)
{{/if}}
}

/// Where a log's lines are kept.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub fn start(app: App, drain_delay: &str) -> Server {
    let drain_delay = drain_delay.to_string();
    let environment = move |variable: &str| match variable {
        "PORT" => "0".to_string(),
        "DRAIN_DELAY_SECONDS" => drain_delay.clone(),
        _ => String::new(),
    };
    Server::start(Arc::new(app), &Config::from(&environment).unwrap()).unwrap()
}

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        let start = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap_or("")
    }

    pub fn json(&self) -> Json {
        Json::parse(&self.body).unwrap()
    }
}

/// What comes back on a connection of its own until it is closed.
pub fn send(port: u16, bytes: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(bytes)?;
    let mut out = Vec::new();
    stream.read_to_end(&mut out)?;
    String::from_utf8(out).map_err(|error| io::Error::new(io::ErrorKind::Other, error))
}

pub fn call_with(port: u16, method: &str, path: &str, headers: &str, body: &[u8]) -> io::Result<Answer> {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    let out = send(port, &[head.as_bytes(), body].concat())?;
    let (head, body) = out.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head[9..12].parse().map_err(|error| io::Error::new(io::ErrorKind::Other, error))?;
    Ok(Answer { status, head: head.to_string(), body: body.to_string() })
}

/// A body is sent as JSON.
pub fn call(server: &Server, method: &str, path: &str, body: &str) -> Answer {
    call_with(server.port(), method, path, "content-type: application/json\r\n", body.as_bytes()).unwrap()
}

pub fn get(server: &Server, path: &str) -> Answer {
    call(server, "GET", path, "")
}
