//! Repeats a job in a thread of its own until it is told to stop. What a job returns as an error, or panics with, is
//! logged and counted.

use std::error::Error;
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::call::Call;
use super::log::Log;
use super::metrics::{Histogram, Metrics, Value};
use super::time;

const LONGEST_PAUSE: Duration = Duration::from_secs(60); // between failing jobs

/// One piece of work.
pub type Job = Box<dyn FnMut() -> Result<(), Box<dyn Error + Send + Sync>> + Send>;

pub struct Worker {
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    stopping: bool,
    ended: bool,
}

struct Loop {
    job: Job,
    interval: Duration,
    log: Arc<Log>,
    jobs: Arc<Value>,
    duration: Arc<Histogram>,
    last: Arc<Value>,
}

impl Worker {
    pub fn start(job: Job, interval: Duration, metrics: &Metrics, log: Arc<Log>) -> io::Result<Worker> {
        let mut looping = Loop {
            job,
            interval,
            log,
            jobs: metrics.counter("worker_jobs_total", "Jobs that ended.", &["outcome"]),
            duration: metrics.histogram("worker_job_duration_seconds", "Time that a job took.", &[]),
            last: metrics.gauge(
                "worker_last_success_timestamp_seconds",
                "When a job last succeeded, in seconds since the epoch.",
                &[],
            ),
        };
        let worker = Worker { state: Arc::default() };
        let state = worker.state.clone();
        thread::Builder::new().name("job".to_string()).spawn(move || looping.run(&state))?;
        Ok(worker)
    }

    /// No further job begins.
    pub fn stop(&self) {
        lock(&self.state.0).stopping = true;
        self.state.1.notify_all();
    }

    /// Whether the job that ran has ended in time.
    pub fn wait(&self, limit: Duration) -> bool {
        wait_until(&self.state, limit, |state| state.ended)
    }
}

impl Loop {
    fn run(&mut self, state: &(Mutex<State>, Condvar)) {
        let mut failures = 0;
        while !lock(&state.0).stopping {
            failures = if self.once() { 0 } else { (failures + 1).min(10) };
            let pause = (self.interval * (1 << failures)).min(self.interval.max(LONGEST_PAUSE));
            wait_until(state, pause, |state| state.stopping);
        }
        lock(&state.0).ended = true;
        state.1.notify_all();
    }

    fn once(&mut self) -> bool {
        let call = Call::fresh();
        let began = Instant::now();
        let outcome = call.clone().within(|| catch_unwind(AssertUnwindSafe(&mut self.job)));
        self.duration.observe(began.elapsed(), &[]);
        let reason = match outcome {
            Ok(Ok(())) => {
                self.jobs.add(1.0, &["success"]);
                self.last.set(time::now().as_millis() as f64 / 1000.0, &[]);
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "panic: its message is on stderr".to_string(),
        };
        call.within(|| self.log.error("the job failed", &[("error", reason.into())]));
        self.jobs.add(1.0, &["failure"]);
        false
    }
}

fn lock(mutex: &Mutex<State>) -> MutexGuard<'_, State> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn wait_until((mutex, changed): &(Mutex<State>, Condvar), limit: Duration, done: impl Fn(&State) -> bool) -> bool {
    let end = Instant::now() + limit;
    let mut state = lock(mutex);
    while !done(&state) {
        let time = end.saturating_duration_since(Instant::now());
        if time.is_zero() {
            return false;
        }
        state = changed.wait_timeout(state, time).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
    }
    true
}
