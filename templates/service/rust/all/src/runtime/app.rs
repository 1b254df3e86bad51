//! One request in, one response out: routing, measuring, logging, probes, and no error or panic gets through.
//!
//! Knows no socket, so tests need none. Safe for many threads.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::call::Call;
use super::http::{Answer, Request, Response, Router};
use super::json::Json;
use super::log::{Level, Log};
use super::metrics::{Histogram, Metrics, Value, CONTENT_TYPE};
use super::problem::Problem;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"]; // they come every few seconds

pub struct App {
    pub router: Router,
    pub log: Arc<Log>,
    draining: Arc<AtomicBool>,
    requests: Arc<Value>,
    running: Arc<Value>,
    duration: Arc<Histogram>,
}

impl App {
    pub fn new(metrics: Arc<Metrics>, log: Arc<Log>) -> App {
        let mut app = App {
            router: Router::default(),
            log,
            draining: Arc::default(),
            requests: metrics.counter("http_requests_total", "Requests answered.", &["method", "route", "status"]),
            running: metrics.gauge("http_requests_in_flight", "Requests that are being answered.", &[]),
            duration: metrics.histogram(
                "http_request_duration_seconds",
                "Time from the request read to its answer made.",
                &["method", "route"],
            ),
        };
        let draining = app.draining.clone();
        app.router.add("GET", "/healthz", |_| Ok(status(200, "ok")));
        app.router.add("GET", "/readyz", move |_| {
            Ok(if draining.load(Ordering::SeqCst) { status(503, "draining") } else { status(200, "ok") })
        });
        app.router.add("GET", "/metrics", move |_| {
            let mut response = Response::empty(200).with("content-type", CONTENT_TYPE);
            response.body = metrics.render().into_bytes();
            Ok(response)
        });
        app
    }

    /// Turns /readyz to 503; the server closes each connection behind its next answer.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    pub fn draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    pub fn answer(&self, request: Request) -> Response {
        self.answer_or_refuse(request, None)
    }

    /// `refused`: what was wrong with the request before a handler could see it.
    pub(crate) fn answer_or_refuse(&self, mut request: Request, refused: Option<Problem>) -> Response {
        let call = Call::from(&request.headers);
        let request_id = call.request_id.clone();
        let response = call.within(|| {
            let began = Instant::now();
            let (route, handler) = self.router.find(&mut request);
            self.running.add(1.0, &[]);
            let response = match (refused, handler) {
                (Some(problem), _) | (None, Err(problem)) => problem.response(),
                (None, Ok(handler)) => self.handle(|| handler(&request)),
            };
            self.running.add(-1.0, &[]);
            self.measure(&request, route, response.status, began.elapsed());
            response
        });
        response.with("x-request-id", request_id)
    }

    fn handle(&self, handler: impl FnOnce() -> Answer) -> Response {
        let reason = match catch_unwind(AssertUnwindSafe(handler)) {
            Ok(Ok(response)) => return response,
            Ok(Err(error)) => match error.downcast::<Problem>() {
                Ok(problem) => return problem.response(),
                Err(error) => error.to_string(),
            },
            Err(_) => "panic: its message is on stderr".to_string(),
        };
        self.log.error("a handler failed", &[("error", reason.into())]);
        Problem::new(500, "the service failed; its log has the request id").response()
    }

    fn measure(&self, request: &Request, route: &str, status: u16, took: Duration) {
        let method = METHODS.into_iter().find(|method| *method == request.method).unwrap_or("other");
        self.requests.add(1.0, &[method, route, &status.to_string()]);
        self.duration.observe(took, &[method, route]);
        let level = if PROBES.contains(&route) { Level::Debug } else { Level::Info };
        let fields = [
            ("method", request.method.as_str().into()),
            ("path", request.path().into()),
            ("route", route.into()),
            ("status", status.into()),
            ("duration_seconds", took.as_secs_f64().into()),
        ];
        self.log.write(level, "request", &fields);
    }
}

fn status(status: u16, word: &str) -> Response {
    Response::json(status, &Json::object([("status", word.into())]))
}
