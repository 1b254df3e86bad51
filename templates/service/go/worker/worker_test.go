package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"service/internal/runtime"
)

func TestTheJob(t *testing.T) {
	out := &bytes.Buffer{}
	work := &job{log: runtime.NewLog(out, runtime.Info)}
	if err := work.run(context.Background()); err != nil {
		t.Error(err)
	}
{{#if calls}}
	work.clients = map[string]*runtime.Client{"other": runtime.NewClient("http://127.0.0.1:1")}
	if err := work.run(context.Background()); err == nil {
		t.Error("a service that is away is an error")
	}
{{else}}
	if !strings.Contains(out.String(), `"message":"nothing to do"`) {
		t.Error(out)
	}
{{/if}}
}

func TestItRepeatsCountsAndEndsBehindTheJobThatRuns(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	runs := 0
	work := func(context.Context) error {
		runs++
		switch runs {
		case 1:
			return errors.New("planted")
		case 2:
			panic("planted")
		}
		close(begun)
		<-goOn
		return nil
	}
	metrics := runtime.NewMetrics()
	worker := runtime.NewWorker(work, 0, metrics, runtime.NewLog(io.Discard, runtime.Error))
	stop, cancel := context.WithCancel(context.Background())
	go worker.Run(stop)
	<-begun
	cancel()
	if worker.Wait(50 * time.Millisecond) {
		t.Error("ended before its job")
	}
	close(goOn)
	if !worker.Wait(10 * time.Second) {
		t.Fatal("did not end")
	}
	text := metrics.Render()
	if !strings.Contains(text, `worker_jobs_total{outcome="failure"} 2`) || !strings.Contains(text, `worker_jobs_total{outcome="success"} 1`) {
		t.Error(text)
	}
}

func probes() *runtime.App {
	config, _ := runtime.ConfigFrom(func(string) string { return "" })
	return runtime.NewApp(config, runtime.NewMetrics(), runtime.NewLog(io.Discard, runtime.Error))
}

func status(app *runtime.App, path string) int {
	answer := httptest.NewRecorder()
	app.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
	return answer.Code
}

func TestProbes(t *testing.T) {
	app := probes()
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404} {
		if got := status(app, path); got != want {
			t.Error(path, got)
		}
	}
	app.Drain()
	if status(app, "/readyz") != 503 || status(app, "/healthz") != 200 {
		t.Error("draining turns readiness, not health")
	}
}

func TestOpenAPINamesThePaths(t *testing.T) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	var described []string
	for path, operations := range document.Paths {
		for method := range operations {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	sort.Strings(described)
	if routes := probes().Routes(); !reflect.DeepEqual(described, routes) {
		t.Error(described, routes)
	}
}
