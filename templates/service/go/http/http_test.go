package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"service/internal/runtime"
)

func settings() runtime.Config {
	config, _ := runtime.ConfigFrom(func(string) string { return "" })
	return config
}

func quiet() *runtime.Log { return runtime.NewLog(io.Discard, runtime.Error) }

func service() *runtime.App {
{{#if calls}}
	return build(settings(), quiet(), nil)
{{else}}
	return build(settings(), quiet())
{{/if}}
}

// call sends a request without a socket; a body is sent as JSON unless a header says otherwise.
func call(app http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("content-type", "application/json")
	for _, header := range headers {
		name, text, _ := strings.Cut(header, ": ")
		request.Header.Set(name, text)
	}
	answer := httptest.NewRecorder()
	app.ServeHTTP(answer, request)
	return answer
}

func TestLifeOfAnItem(t *testing.T) {
	app := service()
	created := call(app, "POST", "/items", `{"name": "cup", "quantity": 2}`)
	if created.Code != 201 || created.Header().Get("location") != "/items/1" {
		t.Fatal(created)
	}
	if text := created.Body.String(); text != "{\"id\":1,\"name\":\"cup\",\"quantity\":2}\n" || call(app, "GET", "/items/1", "").Body.String() != text {
		t.Error(text)
	}
	if list := call(app, "GET", "/items", "").Body.String(); list != "[{\"id\":1,\"name\":\"cup\",\"quantity\":2}]\n" {
		t.Error(list)
	}
	if gone := call(app, "DELETE", "/items/1", ""); gone.Code != 204 {
		t.Error(gone)
	}
	if gone := call(app, "GET", "/items/1", ""); gone.Code != 404 {
		t.Error(gone)
	}
}

func TestProblems(t *testing.T) {
	app := service()
	for _, row := range []struct {
		status int
		answer *httptest.ResponseRecorder
	}{
		{400, call(app, "POST", "/items", "{")},
		{400, call(app, "POST", "/items", "{} {}")},
		{400, call(app, "POST", "/items", "\"\xff\"")},
		{404, call(app, "GET", "/nothing", "")},
		{404, call(app, "GET", "/items/x", "")},
		{405, call(app, "PUT", "/items", "{}")},
		{413, call(app, "POST", "/items", strings.Repeat("x", 1<<20+1))},
		{415, call(app, "POST", "/items", "{}", "content-type: text/plain")},
		{422, call(app, "POST", "/items", `{"name": ""}`)},
	} {
		var problem runtime.Problem
		if err := json.Unmarshal(row.answer.Body.Bytes(), &problem); err != nil {
			t.Fatal(err)
		}
		if row.answer.Code != row.status || problem.Status != row.status ||
			row.answer.Header().Get("content-type") != "application/problem+json" {
			t.Error(row.status, row.answer)
		}
	}
	if allow := call(app, "PUT", "/items", "").Header().Get("allow"); allow != "GET, HEAD, POST" {
		t.Error(allow)
	}
}

func TestAFailingHandlerIsAProblem(t *testing.T) {
	app := service()
	app.Handle("GET", "/panic", func(http.ResponseWriter, *http.Request) error { panic("planted") })
	app.Handle("GET", "/error", func(http.ResponseWriter, *http.Request) error { return io.ErrUnexpectedEOF })
	for _, path := range []string{"/panic", "/error"} {
		if answer := call(app, "GET", path, ""); answer.Code != 500 || strings.Contains(answer.Body.String(), "planted") {
			t.Error(path, answer)
		}
	}
}

func TestHealthReadinessMetrics(t *testing.T) {
	app := service()
	for _, path := range []string{"/healthz", "/readyz", "/items"} {
		if answer := call(app, "GET", path, ""); answer.Code != 200 {
			t.Error(path, answer)
		}
	}
	metrics := call(app, "GET", "/metrics", "").Body.String()
	if !strings.Contains(metrics, `http_requests_total{method="GET",route="/items",status="200"} 1`) {
		t.Error(metrics)
	}
}

func TestTheRequestIDIsKeptOrMadeAndLogged(t *testing.T) {
	out := &bytes.Buffer{}
{{#if calls}}
	app := build(settings(), runtime.NewLog(out, runtime.Info), nil)
{{else}}
	app := build(settings(), runtime.NewLog(out, runtime.Info))
{{/if}}
	if id := call(app, "GET", "/items", "", "x-request-id: abc-1").Header().Get("x-request-id"); id != "abc-1" {
		t.Error(id)
	}
	if !strings.Contains(out.String(), `"request_id":"abc-1"`) {
		t.Error(out)
	}
	made := call(app, "GET", "/items", "", "x-request-id: not one").Header().Get("x-request-id")
	if !regexp.MustCompile("^[0-9a-f]{32}$").MatchString(made) {
		t.Error(made)
	}
}

func TestTheGracefulEnd(t *testing.T) {
	config := settings()
	config.DrainDelay = 300 * time.Millisecond
	app := service()
	begun, goOn := make(chan struct{}), make(chan struct{})
	app.Handle("GET", "/slow", func(w http.ResponseWriter, _ *http.Request) error {
		close(begun)
		<-goOn
		return runtime.WriteJSON(w, 200, "done")
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop, drain := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runtime.Serve(stop, config, app, listener) }()
	base := "http://" + listener.Addr().String()
	slow := make(chan int, 1)
	go func() {
		answer, err := http.Get(base + "/slow")
		if err != nil {
			slow <- 0
			return
		}
		answer.Body.Close()
		slow <- answer.StatusCode
	}()
	<-begun
	drain()
	for ready := 200; ready != 503; time.Sleep(time.Millisecond) {
		answer, err := http.Get(base + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		ready = answer.StatusCode
	}
	select {
	case <-ended:
		t.Fatal("ended before the request that runs")
	case <-time.After(2 * config.DrainDelay):
	}
	if _, err := http.Get(base + "/readyz"); err == nil {
		t.Error("a connection was taken behind the delay")
	}
	close(goOn)
	if status := <-slow; status != 200 {
		t.Error(status)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
