//! Routes with what every service has around them: probes, ids, logs, metrics, problems, and no panic gets through.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{header, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{from_fn_with_state, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::FutureExt;
use serde_json::json;

use super::body::{self, BodyLimit};
use super::call::Call;
use super::config::Config;
use super::log::{Level, Log};
use super::metrics::{Histogram, Metrics, Value, CONTENT_TYPE};
use super::problem::Problem;

const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"]; // they come every few seconds
const UNMATCHED: &str = "unmatched"; // the route of a request that fits no template

/// What requests share.
pub struct Shared {
    pub log: Arc<Log>,
    pub metrics: Metrics,
    draining: AtomicBool, // from SIGTERM on, before anything is closed
    requests: Arc<Value>,
    running: Arc<Value>,
    duration: Arc<Histogram>,
}

impl Shared {
    pub fn new(log: Arc<Log>) -> Shared {
        let metrics = Metrics::new();
        Shared {
            log,
            draining: AtomicBool::new(false),
            requests: metrics.counter("http_requests_total", "Requests answered.", &["method", "route", "status"]),
            running: metrics.gauge("http_requests_in_flight", "Requests that are being answered.", &[]),
            duration: metrics.histogram(
                "http_request_duration_seconds",
                "Time from a request's head to its answer.",
                &["method", "route"],
            ),
            metrics,
        }
    }

    /// Turns /readyz to 503, and closes each connection behind its next answer.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }
}

/// The service's own `routes`, with everything around them.
pub fn around(routes: Router, shared: Arc<Shared>, config: &Config) -> Router {
    let ready = shared.clone();
    let counted = shared.clone();
    routes
        .route("/healthz", get(|| async { body::json(StatusCode::OK, &json!({"status": "ok"})) }))
        .route("/readyz", get(move || async move { readiness(&ready) }))
        .route(
            "/metrics",
            get(move || async move { ([(header::CONTENT_TYPE, CONTENT_TYPE)], counted.metrics.render()) }),
        )
        .fallback(|uri: Uri| async move { Problem::new(404, format!("there is no {}", uri.path())) })
        .layer(Extension(BodyLimit(config.max_body_bytes)))
        .layer(from_fn_with_state(shared, answer))
}

fn readiness(shared: &Shared) -> Response {
    match shared.is_draining() {
        true => body::json(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "draining"})),
        false => body::json(StatusCode::OK, &json!({"status": "ok"})),
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let call = Call::from(request.headers());
    let request_id = HeaderValue::from_str(&call.request_id);
    let draining = shared.clone();
    let work = async move {
        let began = Instant::now();
        let (method, path) = (request.method().clone(), request.uri().path().to_string());
        let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_string());
        let route = route.unwrap_or_else(|| UNMATCHED.to_string());
        shared.running.add(1.0, &[]);
        let response = AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
            shared.log.error("a handler failed", &[("error", "panic: its message is on stderr".into())]);
            Problem::new(500, "the service failed; its log has the request id").into_response()
        });
        shared.running.add(-1.0, &[]);
        let response = refuse_method(response, &method, &path);
        measure(&shared, &method, &path, &route, response.status(), began.elapsed());
        response
    };
    let mut response = call.within(work).await;
    if let Ok(id) = request_id {
        response.headers_mut().insert("x-request-id", id);
    }
    if draining.is_draining() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Routes refuse a method with a bare 405, to which axum adds what they take.
fn refuse_method(response: Response, method: &Method, path: &str) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED || response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    Problem::new(405, format!("{path} does not take {method}")).into_response()
}

fn measure(shared: &Shared, method: &Method, path: &str, route: &str, status: StatusCode, took: Duration) {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let name = if known.contains(method) { method.as_str() } else { "other" };
    shared.requests.add(1.0, &[name, route, status.as_str()]);
    shared.duration.observe(took, &[name, route]);
    let level = if PROBES.contains(&route) { Level::Debug } else { Level::Info };
    let fields = [
        ("method", method.as_str().into()),
        ("path", path.into()),
        ("route", route.into()),
        ("status", status.as_u16().into()),
        ("duration_seconds", took.as_secs_f64().into()),
    ];
    shared.log.write(level, "request", &fields);
}
