//! Calls to other services: the ids go along, and one that is away is told.

use std::sync::{mpsc, Arc, Mutex};
use std::time::Duration;

use service::runtime::app::App;
use service::runtime::client::Client;
use service::runtime::http::Response;
use service::runtime::metrics::Metrics;

use crate::support::{call_with, get, quiet, start};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn the_ids_go_along() {
    let (sender, seen) = mpsc::channel();
    let sender = Mutex::new(sender);
    let mut other = App::new(Arc::new(Metrics::new()), quiet());
    other.router.add("GET", "/healthz", move |request| {
        sender.lock().unwrap().send(request.headers.clone()).unwrap();
        Ok(Response::empty(200))
    });
    let called = start(other, "0");
    let client = Client::new(&format!("http://127.0.0.1:{}", called.port()));
    let server = start(service::build(quiet(), vec![("other", client)]), "0");
    let headers = format!("x-request-id: abc-1\r\ntraceparent: {TRACE}\r\n");
    let answer = call_with(server.port(), "GET", "/dependencies", &headers, b"").unwrap();
    assert_eq!(answer.body, "{\"other\":\"up\"}\n");
    let headers = seen.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(headers["x-request-id"], "abc-1");
    assert_eq!(headers["traceparent"][..36], TRACE[..36]);
    assert_ne!(headers["traceparent"][36..52], TRACE[36..52]);
}

#[test]
fn one_that_is_away_is_down() {
    let away = Client::new("http://127.0.0.1:1");
    assert_eq!(away.get("/").map(|reply| reply.status).unwrap_err().status, 502);
    let server = start(service::build(quiet(), vec![("other", away)]), "0");
    assert_eq!(get(&server, "/dependencies").body, "{\"other\":\"down\"}\n");
}
