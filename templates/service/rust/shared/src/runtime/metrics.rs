//! Counters, gauges and histograms in the Prometheus text format. Base units; counters end in `_total`.
//!
//! A label must take few values: a route's template, never a path. Safe for many threads.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::time;

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// All metrics of a process, in the order in which they were made.
pub struct Metrics {
    all: Mutex<Vec<Arc<dyn Render + Send + Sync>>>,
}

trait Render {
    fn render(&self, out: &mut String);
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

impl Metrics {
    pub fn new() -> Metrics {
        let metrics = Metrics { all: Mutex::new(Vec::new()) };
        metrics
            .gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.", &[])
            .set(time::now().as_millis() as f64 / 1000.0, &[]);
        metrics
    }

    pub fn counter(&self, name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Arc<Value> {
        self.add(Value::new(Head { name, help, kind: "counter", labels }))
    }

    pub fn gauge(&self, name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Arc<Value> {
        self.add(Value::new(Head { name, help, kind: "gauge", labels }))
    }

    /// Counts seconds.
    pub fn histogram(&self, name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Arc<Histogram> {
        let head = Head { name, help, kind: "histogram", labels };
        self.add(Histogram { head, cells: Mutex::new(BTreeMap::new()) })
    }

    pub fn render(&self) -> String {
        let mut out = String::new();
        for metric in lock(&self.all).iter() {
            metric.render(&mut out);
        }
        out
    }

    fn add<M: Render + Send + Sync + 'static>(&self, metric: M) -> Arc<M> {
        let metric = Arc::new(metric);
        lock(&self.all).push(metric.clone());
        metric
    }
}

struct Head {
    name: &'static str,
    help: &'static str,
    kind: &'static str,
    labels: &'static [&'static str],
}

impl Head {
    fn render(&self, out: &mut String) {
        let _ = writeln!(out, "# HELP {0} {1}\n# TYPE {0} {2}", self.name, self.help, self.kind);
    }

    fn sample(&self, out: &mut String, suffix: &str, key: &str, number: f64) {
        let (open, close) = if key.is_empty() { ("", "") } else { ("{", "}") };
        let _ = writeln!(out, "{}{suffix}{open}{key}{close} {number}", self.name);
    }

    /// `method="GET",route="/items"`
    fn key(&self, values: &[&str]) -> String {
        assert_eq!(self.labels.len(), values.len(), "the labels of {}", self.name);
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let pair = |(label, text): (&&str, &&str)| format!("{label}=\"{}\"", escaped(text));
        self.labels.iter().zip(values).map(pair).collect::<Vec<_>>().join(",")
    }
}

/// A counter or a gauge, with one number for each combination of its labels' values.
pub struct Value {
    head: Head,
    cells: Mutex<BTreeMap<String, f64>>,
}

impl Value {
    fn new(head: Head) -> Value {
        let mut cells = BTreeMap::new();
        if head.labels.is_empty() {
            cells.insert(String::new(), 0.0);
        }
        Value { head, cells: Mutex::new(cells) }
    }

    pub fn add(&self, amount: f64, labels: &[&str]) {
        *lock(&self.cells).entry(self.head.key(labels)).or_insert(0.0) += amount;
    }

    pub fn set(&self, number: f64, labels: &[&str]) {
        lock(&self.cells).insert(self.head.key(labels), number);
    }
}

impl Render for Value {
    fn render(&self, out: &mut String) {
        self.head.render(out);
        for (key, number) in lock(&self.cells).iter() {
            self.head.sample(out, "", key, *number);
        }
    }
}

#[derive(Default)]
struct Cell {
    counts: [u64; BOUNDS.len() + 1], // one a bound, and what is above them
    sum: f64,
}

pub struct Histogram {
    head: Head,
    cells: Mutex<BTreeMap<String, Cell>>,
}

impl Histogram {
    pub fn observe(&self, took: Duration, labels: &[&str]) {
        let seconds = took.as_secs_f64();
        let mut cells = lock(&self.cells);
        let cell = cells.entry(self.head.key(labels)).or_default();
        cell.counts[BOUNDS.partition_point(|bound| *bound < seconds)] += 1;
        cell.sum += seconds;
    }
}

impl Render for Histogram {
    fn render(&self, out: &mut String) {
        self.head.render(out);
        for (key, cell) in lock(&self.cells).iter() {
            let separator = if key.is_empty() { "" } else { "," };
            let mut total = 0;
            for (i, count) in cell.counts.iter().enumerate() {
                total += count;
                let bound = BOUNDS.get(i).map_or("+Inf".to_string(), f64::to_string);
                self.head.sample(out, "_bucket", &format!("{key}{separator}le=\"{bound}\""), total as f64);
            }
            self.head.sample(out, "_sum", key, cell.sum);
            self.head.sample(out, "_count", key, total as f64);
        }
    }
}

/// A panic elsewhere leaves the numbers as they are.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
