//! Calls to another service: with a time-out, and the ids of the call that is being answered go along. Over http:// only:
//! for https:// add a connector such as hyper-rustls.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::{connect::HttpConnector, Client as Hyper};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::call::Call;
use super::problem::Problem;

const MOST_BYTES: usize = 8 << 20; // of an answer
const TIMEOUT: Duration = Duration::from_secs(2); // of a call as a whole

/// What fails is a Problem, 502 or 504, so a handler may let it pass to its own client with `?`.
#[derive(Clone)]
pub struct Client {
    base_url: String,
    http: Hyper<HttpConnector, Full<Bytes>>,
}

/// An answer, read whole.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    /// `base_url` as `config::service_url` gives it.
    pub fn new(base_url: &str) -> Client {
        Client { base_url: base_url.to_string(), http: Hyper::builder(TokioExecutor::new()).build_http() }
    }

    pub async fn get(&self, path: &str) -> Result<Reply, Problem> {
        self.call(Method::GET, path, None).await
    }

    /// `value` is sent as JSON.
    pub async fn call(&self, method: Method, path: &str, value: Option<&Value>) -> Result<Reply, Problem> {
        match tokio::time::timeout(TIMEOUT, self.exchange(method, path, value)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(reason)) => Err(Problem::new(502, format!("{} could not be called: {reason}", self.base_url))),
            Err(_) => Err(Problem::new(504, format!("{} did not answer in time", self.base_url))),
        }
    }

    async fn exchange(&self, method: Method, path: &str, value: Option<&Value>) -> Result<Reply, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base_url));
        for (name, text) in Call::current().unwrap_or_else(Call::fresh).headers() {
            request = request.header(name, text);
        }
        request = request.header("accept", "application/json");
        if value.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = Full::from(value.map(Value::to_string).unwrap_or_default());
        let request = request.body(body).map_err(|error| error.to_string())?;
        let reply = self.http.request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = reply.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|error| error.to_string())?;
        Ok(Reply { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    }
}
