//! The service over HTTP: resource, problems, probes, ids, and the graceful end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use axum::routing::get as on_get;
use axum::Router;
use service::runtime::app::Shared;
use service::runtime::client::Client;
use service::runtime::log::{Level, Log};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::support::{call, get, of, send, service, shared, start, Answer, Lines};

fn is_problem(status: u16, answer: &Answer) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["status"], status);
}

#[tokio::test]
async fn life_of_an_item() {
    let app = service();
    let created = call(&app, "POST", "/items", r#"{"name": "cup", "quantity": 2}"#).await;
    assert_eq!((created.status, created.header("location")), (201, "/items/1"));
    assert_eq!(created.body, "{\"id\":1,\"name\":\"cup\",\"quantity\":2}\n");
    assert_eq!(get(&app, "/items/1").await.body, created.body);
    assert_eq!(get(&app, "/items").await.body, "[{\"id\":1,\"name\":\"cup\",\"quantity\":2}]\n");
    assert_eq!(call(&app, "HEAD", "/items/1", "").await.body, "");
    assert_eq!(call(&app, "DELETE", "/items/1", "").await.status, 204);
    assert_eq!(get(&app, "/items/1").await.status, 404);
}

#[tokio::test]
async fn problems() {
    let app = service();
    is_problem(400, &call(&app, "POST", "/items", "{").await);
    is_problem(400, &call(&app, "POST", "/items", "{} {}").await);
    is_problem(400, &send(&app, "POST", "/items", &[("content-type", "application/json")], &b"\"\xff\""[..]).await);
    is_problem(404, &get(&app, "/nothing").await);
    is_problem(404, &get(&app, "/items/x").await);
    let refused = call(&app, "PUT", "/items", "{}").await;
    is_problem(405, &refused);
    assert_eq!(refused.header("allow"), "GET,HEAD,POST");
    is_problem(413, &call(&app, "POST", "/items", &"x".repeat((1 << 20) + 1)).await);
    is_problem(415, &send(&app, "POST", "/items", &[("content-type", "text/plain")], "{}").await);
    let invalid = call(&app, "POST", "/items", r#"{"name": ""}"#).await;
    is_problem(422, &invalid);
    assert_eq!(invalid.json()["errors"][0]["pointer"], "/name");
}

#[tokio::test]
async fn a_failing_handler_is_a_problem() {
    let app = of(Router::new().route("/panic", on_get(|| async { panic!("planted") as StatusCode })), shared());
    let answer = get(&app, "/panic").await;
    is_problem(500, &answer);
    assert!(!answer.body.contains("planted"));
}

#[tokio::test]
async fn health_readiness_metrics() {
    let app = service();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(&app, path).await.status, 200, "{path}");
    }
    get(&app, "/items/7").await;
    let metrics = get(&app, "/metrics").await.body;
    let line = "http_requests_total{method=\"GET\",route=\"/items/{id}\",status=\"404\"} 1\n";
    assert!(metrics.contains(line), "{metrics}");
    assert!(metrics.contains("# HELP http_request_duration_seconds "), "{metrics}");
}

#[tokio::test]
async fn the_request_id_is_kept_or_made_and_logged() {
    let lines = Lines::default();
    let shared = Arc::new(Shared::new(Arc::new(Log::new(Level::Info, lines.clone()))));
    let app = of(Router::new().route("/here", on_get(|| async { "" })), shared);
    let kept = send(&app, "GET", "/here", &[("x-request-id", "abc-1")], "").await;
    assert_eq!(kept.header("x-request-id"), "abc-1");
    assert!(lines.text().contains("\"request_id\":\"abc-1\""), "{}", lines.text());
    let made = send(&app, "GET", "/here", &[("x-request-id", "not one")], "").await;
    let id = made.header("x-request-id");
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
}

#[tokio::test]
async fn the_graceful_end() {
    let ((begin, begun), (go_on, release)) = (oneshot::channel::<()>(), oneshot::channel::<()>());
    let slow = Arc::new(Mutex::new(Some((begin, release))));
    let handler = move || async move {
        let (begin, release) = slow.lock().unwrap().take().unwrap();
        begin.send(()).unwrap();
        release.await.unwrap();
        "done"
    };
    let shared = shared();
    let app = of(Router::new().route("/slow", on_get(handler)), shared.clone());
    let running = start(app, shared, "0.5").await;
    let client = Client::new(&running.url);
    let asking = client.clone();
    let busy = tokio::spawn(async move { asking.get("/slow").await.unwrap().body });
    begun.await.unwrap();
    running.stop.send(()).unwrap();
    while client.get("/readyz").await.unwrap().status == 200 {}
    let alive = client.get("/healthz").await.unwrap();
    assert_eq!((alive.status, &alive.headers["connection"]), (200, &"close".parse().unwrap()));
    sleep(Duration::from_millis(800)).await;
    assert!(client.get("/readyz").await.is_err(), "a connection was taken behind the delay");
    assert!(!running.status.is_finished(), "ended before the request that runs");
    go_on.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), "done");
    assert_eq!(running.status.await.unwrap(), 0);
}
