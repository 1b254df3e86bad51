//! The job, the loop around it, and what is told about it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{mpsc, Arc, Mutex};
use std::time::Duration;

use service::job::Job;
use service::runtime::app::App;
{{#if calls}}
use service::runtime::client::Client;
{{/if}}
use service::runtime::http::Request;
use service::runtime::json::Json;
use service::runtime::log::{Level, Log};
use service::runtime::metrics::Metrics;
use service::runtime::worker::Worker;

/// Where a log's lines are kept.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn quiet() -> Arc<Log> {
    Arc::new(Log::new(Level::Error, io::sink()))
}

fn probes() -> App {
    App::new(Arc::new(Metrics::new()), quiet())
}

fn status(app: &App, path: &str) -> u16 {
    app.answer(Request { method: "GET".to_string(), target: path.to_string(), ..Request::default() }).status
}

#[test]
fn the_job() {
    let lines = Lines::default();
    let log = Arc::new(Log::new(Level::Info, lines.clone()));
{{#if calls}}
    Job { log: log.clone(), clients: Vec::new() }.run().unwrap();
    assert!(lines.0.lock().unwrap().is_empty());
    let away = vec![("other", Client::new("http://127.0.0.1:1"))];
    assert!(Job { log, clients: away }.run().is_err());
{{else}}
    Job { log }.run().unwrap();
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("\"message\":\"nothing to do\""), "{text}");
{{/if}}
}

#[test]
fn it_repeats_counts_and_ends_behind_the_job_that_runs() {
    let (begin, begun) = mpsc::channel();
    let (go_on, release) = mpsc::channel::<()>();
    let mut runs = 0;
    let job = move || {
        runs += 1;
        match runs {
            1 => return Err("planted".into()),
            2 => panic!("planted"),
            _ => {}
        }
        begin.send(runs).unwrap();
        release.recv_timeout(Duration::from_secs(10)).unwrap();
        Ok(())
    };
    let metrics = Metrics::new();
    let worker = Worker::start(Box::new(job), Duration::ZERO, &metrics, quiet()).unwrap();
    assert_eq!(begun.recv_timeout(Duration::from_secs(10)), Ok(3));
    worker.stop();
    assert!(!worker.wait(Duration::from_millis(50)), "ended before its job");
    go_on.send(()).unwrap();
    assert!(worker.wait(Duration::from_secs(10)), "did not end");
    let text = metrics.render();
    assert!(text.contains("worker_jobs_total{outcome=\"failure\"} 2\n"), "{text}");
    assert!(text.contains("worker_jobs_total{outcome=\"success\"} 1\n"), "{text}");
}

#[test]
fn readiness_turns_while_draining_and_health_does_not() {
    let app = probes();
    for (path, wanted) in [("/healthz", 200), ("/readyz", 200), ("/metrics", 200), ("/", 404)] {
        assert_eq!(status(&app, path), wanted, "{path}");
    }
    app.drain();
    assert_eq!((status(&app, "/readyz"), status(&app, "/healthz")), (503, 200));
}

#[test]
fn openapi_names_exactly_the_paths_that_the_worker_answers() {
    let document = Json::parse(&std::fs::read_to_string("openapi.json").unwrap()).unwrap();
    let mut described = BTreeSet::new();
    if let Some(Json::Object(paths)) = document.get("paths") {
        for (path, operations) in paths {
            if let Json::Object(operations) = operations {
                described.extend(operations.iter().map(|(method, _)| format!("{} {path}", method.to_uppercase())));
            }
        }
    }
    assert_eq!(described, probes().router.routes());
}
