package service.runtime;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Repeats a job in a thread of its own until it is told to stop. What a job throws is logged and counted. */
public final class Worker {
    private static final double LONGEST_PAUSE = 60; // seconds between failing jobs

    /** One piece of work. */
    public interface Job {
        void run() throws Exception;
    }

    private final Job job;
    private final double interval; // seconds
    private final Log log;
    private final Metrics.Value jobs;
    private final Metrics.Value last;
    private final Metrics.Histogram duration;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::loop, "job");

    public Worker(Job job, Duration interval, Metrics metrics, Log log) {
        this.job = job;
        this.interval = interval.toNanos() / 1e9;
        this.log = log;
        jobs = metrics.counter("worker_jobs_total", "Jobs that ended.", "outcome");
        duration = metrics.histogram("worker_job_duration_seconds", "Time that a job took.");
        last = metrics.gauge(
                "worker_last_success_timestamp_seconds", "When a job last succeeded, in seconds since the epoch.");
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** No further job begins. */
    public void stop() {
        stop.countDown();
    }

    /** Whether the job that ran has ended in time. */
    public boolean await(Duration limit) {
        try {
            thread.join(Math.max(1, limit.toMillis()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    private void loop() {
        try {
            int failures = 0;
            while (stop.getCount() > 0) {
                failures = once() ? 0 : Math.min(failures + 1, 10);
                double pause = Math.min(interval * (1 << failures), Math.max(interval, LONGEST_PAUSE));
                if (stop.await(Math.round(pause * 1e9), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt(); // nobody here does; whoever does wants the end
        }
    }

    private boolean once() {
        boolean[] well = {true};
        Call.fresh().within(() -> {
            long began = System.nanoTime();
            try {
                job.run();
            } catch (Exception | StackOverflowError failure) {
                log.error("the job failed", failure);
                well[0] = false;
            } finally {
                duration.observe((System.nanoTime() - began) / 1e9);
            }
        });
        jobs.add(1, well[0] ? "success" : "failure");
        if (well[0]) {
            last.set(System.currentTimeMillis() / 1e3);
        }
        return well[0];
    }
}
