package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"service/internal/runtime"
)

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestTheIDsGoAlong(t *testing.T) {
	var seen http.Header
	called := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }))
	defer called.Close()
	app := build(settings(), quiet(), map[string]*runtime.Client{"other": runtime.NewClient(called.URL)})
	answer := call(app, "GET", "/dependencies", "", "x-request-id: abc-1", "traceparent: "+trace)
	if answer.Body.String() != "{\"other\":\"up\"}\n" {
		t.Fatal(answer.Body)
	}
	if seen.Get("x-request-id") != "abc-1" {
		t.Error(seen)
	}
	parent := strings.Split(seen.Get("traceparent"), "-")
	if parent[1] != strings.Split(trace, "-")[1] || parent[2] == strings.Split(trace, "-")[2] {
		t.Error(parent)
	}
}

func TestOneThatIsAwayIsDown(t *testing.T) {
	app := build(settings(), quiet(), map[string]*runtime.Client{"other": runtime.NewClient("http://127.0.0.1:1")})
	if answer := call(app, "GET", "/dependencies", ""); answer.Body.String() != "{\"other\":\"down\"}\n" {
		t.Error(answer.Body)
	}
}
