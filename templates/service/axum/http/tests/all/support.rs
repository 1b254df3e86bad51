//! The service in this process, with a socket where a test needs one.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use axum::Router;
use http_body_util::BodyExt;
use serde_json::Value;
use service::runtime::app::{around, Shared};
use service::runtime::config::Config;
use service::runtime::log::{Level, Log};
use service::runtime::server::serve;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt;

pub fn config(drain_delay: &'static str) -> Config {
    Config::from(&|variable| if variable == "DRAIN_DELAY_SECONDS" { drain_delay } else { "" }.to_string()).unwrap()
}

pub fn shared() -> Arc<Shared> {
    Arc::new(Shared::new(Arc::new(Log::new(Level::Error, io::sink()))))
}

pub fn service() -> Router {
{{#if calls}}
    service::build(&config("0"), shared(), Vec::new())
{{else}}
    service::build(&config("0"), shared())
{{/if}}
}

/// Routes of a test's own, with everything around them.
pub fn of(routes: Router, shared: Arc<Shared>) -> Router {
    around(routes, shared, &config("0"))
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub async fn send(app: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// A body is sent as JSON.
pub async fn call(app: &Router, method: &str, path: &str, body: &str) -> Answer {
    send(app, method, path, &[("content-type", "application/json")], body.to_string()).await
}

pub async fn get(app: &Router, path: &str) -> Answer {
    call(app, "GET", path, "").await
}

/// On a free port until `stop`; `status` is what the process would end with.
pub struct Running {
    pub url: String,
    pub stop: oneshot::Sender<()>,
    pub status: JoinHandle<i32>,
}

pub async fn start(app: Router, shared: Arc<Shared>, drain_delay: &'static str) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let status = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap_or(()) };
        serve(app, shared, listener, &config(drain_delay), stopped).await.unwrap()
    });
    Running { url, stop, status }
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
