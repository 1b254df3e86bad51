//! The service over HTTP: resource, problems, framing, probes, ids, and the graceful end.

use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use service::runtime::http::Response;
use service::runtime::json::Json;
use service::runtime::log::{Level, Log};

use crate::support::{call, call_with, get, quiet, send, service, service_with, start, Answer, Lines};

fn is_problem(status: u16, answer: &Answer) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json().get("status"), Some(&Json::Whole(i64::from(status))));
}

#[test]
fn life_of_an_item() {
    let server = start(service(), "0");
    let created = call(&server, "POST", "/items", r#"{"name": "cup", "quantity": 2}"#);
    assert_eq!((created.status, created.header("location")), (201, "/items/1"));
    assert_eq!(created.body, "{\"id\":1,\"name\":\"cup\",\"quantity\":2}\n");
    assert_eq!(get(&server, "/items/1").body, created.body);
    assert_eq!(get(&server, "/items").body, "[{\"id\":1,\"name\":\"cup\",\"quantity\":2}]\n");
    let head = call(&server, "HEAD", "/items/1", "");
    assert_eq!((head.body.as_str(), head.header("content-length")), ("", created.body.len().to_string().as_str()));
    assert_eq!(call(&server, "DELETE", "/items/1", "").status, 204);
    assert_eq!(get(&server, "/items/1").status, 404);
    assert_eq!(server.drain(), 0);
}

#[test]
fn problems() {
    let server = start(service(), "0");
    let json = "content-type: application/json\r\n";
    is_problem(400, &call(&server, "POST", "/items", "{"));
    is_problem(400, &call(&server, "POST", "/items", "{} {}"));
    is_problem(400, &call_with(server.port(), "POST", "/items", json, b"\"\xff\"").unwrap());
    is_problem(404, &get(&server, "/nothing"));
    is_problem(404, &get(&server, "/items/x"));
    let refused = call(&server, "PUT", "/items", "{}");
    is_problem(405, &refused);
    assert_eq!(refused.header("allow"), "GET, HEAD, POST");
    is_problem(413, &call(&server, "POST", "/items", &"x".repeat((1 << 20) + 1)));
    is_problem(415, &call_with(server.port(), "POST", "/items", "content-type: text/plain\r\n", b"{}").unwrap());
    let invalid = call(&server, "POST", "/items", r#"{"name": ""}"#);
    is_problem(422, &invalid);
    assert!(invalid.body.contains("\"errors\":[{\"pointer\":\"/name\","), "{}", invalid.body);
}

#[test]
fn bodies_in_chunks_and_framing_that_is_refused() {
    let server = start(service(), "0");
    let head = "POST /items HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let long = format!("a: {}\r\n\r\n", "x".repeat(70_000));
    let many = "a: b\r\n".repeat(101) + "\r\n";
    for (wanted, rest) in [
        ("201", "transfer-encoding: chunked\r\n\r\n8\r\n{\"name\":\r\n6;x=y\r\n\"cup\"}\r\n0\r\na: b\r\n\r\n"),
        ("400", "transfer-encoding: chunked\r\n\r\nx\r\n"),
        ("400", "transfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n"),
        ("400", "transfer-encoding: chunked\r\n\r\n2\r\n{}x\r\n"),
        ("413", "transfer-encoding: chunked\r\n\r\n100001\r\n"),
        ("501", "transfer-encoding: gzip\r\n\r\n"),
        ("400", "transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n"),
        ("400", "content-length: 2\r\ncontent-length: 2\r\n\r\n{}"),
        ("400", "content-length: +2\r\n\r\n"),
        ("413", "content-length: 99999999999999999999\r\n\r\n"),
        ("400", "host: y\r\n\r\n"),
        ("400", "a b: c\r\n\r\n"),
        ("400", "a : c\r\n\r\n"),
        ("400", "a: b\r\n c\r\n\r\n"),
        ("400", "a: b\nc: d\r\n\r\n"),
        ("400", "a: \0\r\n\r\n"),
        ("431", &long),
        ("431", &many),
    ] {
        let out = send(server.port(), format!("{head}{rest}").as_bytes()).unwrap();
        assert_eq!(&out[9..12], wanted, "{rest:.80}");
    }
    for (wanted, request) in [
        ("200", "\r\nGET /items HTTP/1.0\r\n\r\n"),
        ("200", "GET http://x/items HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
        ("400", "GET /items HTTP/1.1\r\n\r\n"),
        ("400", "GET  /items HTTP/1.1\r\nhost: x\r\n\r\n"),
        ("400", "GET /items\r\n\r\n"),
        ("400", "G(T /items HTTP/1.1\r\nhost: x\r\n\r\n"),
        ("505", "GET /items HTTP/2.0\r\nhost: x\r\n\r\n"),
    ] {
        let out = send(server.port(), request.as_bytes()).unwrap();
        assert_eq!(&out[9..12], wanted, "{request}");
    }
}

#[test]
fn one_connection_serves_many_requests_and_a_body_is_not_the_next_one() {
    let server = start(service(), "0");
    let out = send(
        server.port(),
        b"GET /items HTTP/1.1\r\nhost: x\r\ncontent-length: 36\r\n\r\n\
          GET /readyz HTTP/1.1\r\nhost: hidden\r\n\
          POST /items HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n{}\
          GET /items HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    )
    .unwrap();
    assert_eq!(out.matches("\r\n\r\n[]\n").count(), 2, "{out}");
    assert_eq!(out.matches("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 415 ").count(), 1, "{out}");
    assert!(!out.contains("\"ok\""), "{out}");
}

#[test]
fn a_failing_handler_is_a_problem() {
    let mut app = service();
    app.router.add("GET", "/panic", |_| panic!("planted"));
    app.router.add("GET", "/error", |_| Err("planted".into()));
    let server = start(app, "0");
    for path in ["/panic", "/error"] {
        let answer = get(&server, path);
        is_problem(500, &answer);
        assert!(!answer.body.contains("planted"));
    }
}

#[test]
fn health_readiness_metrics() {
    let server = start(service(), "0");
    for path in ["/healthz", "/readyz", "/items"] {
        assert_eq!(get(&server, path).status, 200, "{path}");
    }
    let metrics = get(&server, "/metrics").body;
    assert!(metrics.contains("http_requests_total{method=\"GET\",route=\"/items\",status=\"200\"} 1\n"), "{metrics}");
    assert!(metrics.contains("# HELP http_request_duration_seconds "), "{metrics}");
}

#[test]
fn the_request_id_is_kept_or_made_and_logged() {
    let lines = Lines::default();
    let server = start(service_with(Arc::new(Log::new(Level::Info, lines.clone()))), "0");
    let id = |sent: &str| {
        let answer = call_with(server.port(), "GET", "/items", &format!("x-request-id: {sent}\r\n"), b"").unwrap();
        answer.header("x-request-id").to_string()
    };
    assert_eq!(id("abc-1"), "abc-1");
    assert!(lines.text().contains("\"request_id\":\"abc-1\""), "{}", lines.text());
    let made = id("not one");
    assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
}

#[test]
fn idle_connections_make_room_for_others() {
    let environment = |variable: &str| match variable {
        "PORT" => "0".to_string(),
        "MAX_CONNECTIONS" => "2".to_string(),
        _ => String::new(),
    };
    let config = service::runtime::config::Config::from(&environment).unwrap();
    let app = service_with(quiet());
    let server = service::runtime::server::Server::start(Arc::new(app), &config).unwrap();
    let idle: Vec<_> = (0..2).map(|_| std::net::TcpStream::connect(("127.0.0.1", server.port())).unwrap()).collect();
    assert_eq!(get(&server, "/items").status, 200);
    drop(idle);
}

#[test]
fn the_graceful_end() {
    let (begin, begun) = mpsc::channel();
    let (go_on, release) = mpsc::channel::<()>();
    let (begin, release) = (Mutex::new(begin), Mutex::new(release));
    let mut app = service();
    app.router.add("GET", "/slow", move |_| {
        begin.lock().unwrap().send(()).unwrap();
        release.lock().unwrap().recv_timeout(Duration::from_secs(10)).unwrap();
        Ok(Response::json(200, &"done".into()))
    });
    let server = Arc::new(start(app, "0.5"));
    let port = server.port();
    let slow = thread::spawn(move || call_with(port, "GET", "/slow", "", b"").unwrap().body);
    begun.recv_timeout(Duration::from_secs(10)).unwrap();
    let draining = server.clone();
    let began = Instant::now();
    let status = thread::spawn(move || draining.drain());
    while get(&server, "/readyz").status == 200 {}
    assert_eq!(get(&server, "/readyz").status, 503);
    let out = send(port, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(out.starts_with("HTTP/1.1 200 ") && out.contains("connection: close\r\n"), "{out}");
    thread::sleep(Duration::from_millis(800).saturating_sub(began.elapsed()));
    assert!(!status.is_finished(), "ended before the request that runs");
    assert!(call_with(port, "GET", "/readyz", "", b"").is_err(), "a connection was taken behind the delay");
    go_on.send(()).unwrap();
    assert_eq!(slow.join().unwrap(), "\"done\"\n");
    assert_eq!(status.join().unwrap(), 0);
}
