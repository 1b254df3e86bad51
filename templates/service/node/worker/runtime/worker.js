// Repeats a job until it is told to stop. What a job throws is logged and counted.

import { newCall, withCall } from "./context.js";

const LONGEST_PAUSE = 60; // seconds between failing jobs

export class Worker {
  #stopping = false;
  #wake = () => {};
  #ended = Promise.resolve();

  constructor(job, intervalSeconds, metrics, log) {
    this.job = job;
    this.interval = intervalSeconds;
    this.log = log;
    this.jobs = metrics.counter("worker_jobs_total", "Jobs that ended.", ["outcome"]);
    this.duration = metrics.histogram("worker_job_duration_seconds", "Time that a job took.");
    this.last = metrics.gauge(
      "worker_last_success_timestamp_seconds",
      "When a job last succeeded, in seconds since the epoch.",
    );
  }

  start() {
    this.#ended = this.#loop();
  }

  /** Done when the job that runs has ended; no other begins. */
  stop() {
    this.#stopping = true;
    this.#wake();
    return this.#ended;
  }

  async #loop() {
    for (let failures = 0; !this.#stopping; ) {
      failures = (await withCall(newCall(), () => this.#once())) ? 0 : Math.min(failures + 1, 10);
      if (!this.#stopping) await this.#pause(failures);
    }
  }

  #pause(failures) {
    const seconds = Math.min(this.interval * 2 ** failures, Math.max(this.interval, LONGEST_PAUSE));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #once() {
    const began = process.hrtime.bigint();
    try {
      await this.job();
    } catch (error) {
      this.log.error("the job failed", { error: error?.stack ?? String(error) });
      this.jobs.add(1, "failure");
      return false;
    } finally {
      this.duration.observe(Number(process.hrtime.bigint() - began) / 1e9);
    }
    this.jobs.add(1, "success");
    this.last.set(Date.now() / 1000);
    return true;
  }
}
