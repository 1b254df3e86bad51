package runtime

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

const longestPause = time.Minute // between failing jobs

// Worker repeats a job until it is told to stop. What a job returns as an error, or panics with, is logged and counted.
type Worker struct {
	job      func(context.Context) error
	interval time.Duration
	log      *Log
	jobs     *Value
	last     *Value
	duration *Histogram
	ended    chan struct{}
}

func NewWorker(job func(context.Context) error, interval time.Duration, metrics *Metrics, log *Log) *Worker {
	return &Worker{
		job:      job,
		interval: interval,
		log:      log,
		jobs:     metrics.Counter("worker_jobs_total", "Jobs that ended.", "outcome"),
		duration: metrics.Histogram("worker_job_duration_seconds", "Time that a job took."),
		last:     metrics.Gauge("worker_last_success_timestamp_seconds", "When a job last succeeded, in seconds since the epoch."),
		ended:    make(chan struct{}),
	}
}

// Run returns behind the job that runs when `stop` is done; no other begins. Once only.
func (worker *Worker) Run(stop context.Context) {
	defer close(worker.ended)
	for failures := 0; stop.Err() == nil; {
		if worker.once() {
			failures = 0
		} else if failures < 10 {
			failures++
		}
		select {
		case <-stop.Done():
		case <-time.After(worker.pause(failures)):
		}
	}
}

// Wait tells whether Run has returned in time.
func (worker *Worker) Wait(limit time.Duration) bool {
	select {
	case <-worker.ended:
		return true
	case <-time.After(limit):
		return false
	}
}

func (worker *Worker) pause(failures int) time.Duration {
	pause, most := worker.interval<<failures, longestPause
	if most < worker.interval {
		most = worker.interval
	}
	if pause > most {
		return most
	}
	return pause
}

func (worker *Worker) once() bool {
	ctx := WithCall(context.Background(), NewCall())
	began := time.Now()
	err := worker.guarded(ctx)
	worker.duration.Observe(time.Since(began))
	if err != nil {
		worker.log.Write(ctx, Error, "the job failed", Fields{"error": err.Error()})
		worker.jobs.Add(1, "failure")
		return false
	}
	worker.jobs.Add(1, "success")
	worker.last.Set(float64(time.Now().UnixMilli()) / 1000)
	return true
}

func (worker *Worker) guarded(ctx context.Context) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v\n%s", reason, debug.Stack())
		}
	}()
	return worker.job(ctx)
}
