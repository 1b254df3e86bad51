//! Calls to other services: the ids go along, and one that is away is told.

use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use axum::routing::get as on_get;
use axum::Router;
use service::runtime::client::Client;

use crate::support::{config, get, send, shared, start};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test]
async fn the_ids_go_along() {
    let seen = Arc::new(Mutex::new(HeaderMap::new()));
    let kept = seen.clone();
    let other = Router::new().route(
        "/healthz",
        on_get(|headers: HeaderMap| async move {
            *kept.lock().unwrap() = headers;
        }),
    );
    let called = start(other, shared(), "0").await;
    let app = service::build(&config("0"), shared(), vec![("other", Client::new(&called.url))]);
    let answer = send(&app, "GET", "/dependencies", &[("x-request-id", "abc-1"), ("traceparent", TRACE)], "").await;
    assert_eq!(answer.body, "{\"other\":\"up\"}\n");
    let headers = seen.lock().unwrap().clone();
    assert_eq!(headers["x-request-id"], "abc-1");
    let trace = headers["traceparent"].to_str().unwrap();
    assert_eq!(trace[..36], TRACE[..36]);
    assert_ne!(trace[36..52], TRACE[36..52]);
}

#[tokio::test]
async fn one_that_is_away_is_down() {
    let away = Client::new("http://127.0.0.1:1");
    assert_eq!(away.get("/").await.map(|reply| reply.status).unwrap_err().status, 502);
    let app = service::build(&config("0"), shared(), vec![("other", away)]);
    assert_eq!(get(&app, "/dependencies").await.body, "{\"other\":\"down\"}\n");
}
