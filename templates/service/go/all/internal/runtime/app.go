package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"sort"
	"strings"
	"sync/atomic"
	"time"
)

// Handler answers a request, or returns why not: a *Problem, or another error, which is a 500.
type Handler func(w http.ResponseWriter, r *http.Request) error

// App routes, measures and logs. It is an http.Handler, so tests need no socket.
type App struct {
	Metrics  *Metrics
	Log      *Log
	draining atomic.Bool
	maxBody  int64
	routes   []*route
	requests *Value
	running  *Value
	duration *Histogram
}

type route struct {
	template string
	segments []string
	methods  map[string]Handler
}

const unmatched = "unmatched" // the route of a request that fits no template

// NewApp answers /healthz, /readyz and /metrics; Handle adds the rest.
func NewApp(config Config, metrics *Metrics, log *Log) *App {
	app := &App{Metrics: metrics, Log: log, maxBody: config.MaxBodyBytes}
	app.requests = metrics.Counter("http_requests_total", "Requests answered.", "method", "route", "status")
	app.duration = metrics.Histogram("http_request_duration_seconds", "Time from a request's head to its answer.", "method", "route")
	app.running = metrics.Gauge("http_requests_in_flight", "Requests that are being answered.")
	app.Handle("GET", "/healthz", func(w http.ResponseWriter, _ *http.Request) error {
		return WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	app.Handle("GET", "/readyz", func(w http.ResponseWriter, _ *http.Request) error {
		if app.draining.Load() {
			return WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "draining"})
		}
		return WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	app.Handle("GET", "/metrics", func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("content-type", metricsType)
		_, err := w.Write([]byte(metrics.Render()))
		return err
	})
	return app
}

// Handle adds a template such as `/items/{id}`; a segment in braces matches one segment of the path, decoded. A GET
// answers HEAD too.
func (app *App) Handle(method, template string, handler Handler) {
	for _, known := range app.routes {
		if known.template == template {
			known.methods[method] = handler
			return
		}
	}
	methods := map[string]Handler{method: handler}
	app.routes = append(app.routes, &route{template, strings.Split(template, "/"), methods})
}

// Routes are all of them as "GET /items/{id}", sorted.
func (app *App) Routes() []string {
	var all []string
	for _, route := range app.routes {
		for method := range route.methods {
			all = append(all, method+" "+route.template)
		}
	}
	sort.Strings(all)
	return all
}

// Drain turns /readyz to 503 and closes each connection behind its next answer.
func (app *App) Drain() { app.draining.Store(true) }

func (app *App) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	call := CallFrom(r.Header)
	r = r.WithContext(WithCall(r.Context(), call))
	r.Body = http.MaxBytesReader(out, r.Body, app.maxBody)
	w := &recorder{ResponseWriter: out}
	w.Header().Set("x-request-id", call.RequestID)
	if app.draining.Load() {
		w.Header().Set("connection", "close")
	}
	began := time.Now()
	app.running.Add(1)
	template := app.answer(w, r)
	app.running.Add(-1)
	app.measure(r, template, w.status, time.Since(began))
}

// Answers whatever happens, and returns the template of the route.
func (app *App) answer(w *recorder, r *http.Request) (template string) {
	defer func() {
		if reason := recover(); reason != nil {
			app.fail(w, r.Context(), fmt.Errorf("panic: %v\n%s", reason, debug.Stack()))
		}
	}()
	template, handler, refused := app.find(r)
	if refused != nil {
		refused.write(w)
		return template
	}
	var problem *Problem
	if err := handler(w, r); errors.As(err, &problem) {
		problem.write(w)
	} else if err != nil {
		app.fail(w, r.Context(), err)
	}
	return template
}

func (app *App) fail(w *recorder, ctx context.Context, reason error) {
	app.Log.Write(ctx, Error, "a handler failed", Fields{"error": reason.Error()})
	if w.status == 0 {
		NewProblem(http.StatusInternalServerError, "the service failed; its log has the request id").write(w)
	}
}

func (app *App) find(r *http.Request) (string, Handler, *Problem) {
	path := strings.Split(r.URL.EscapedPath(), "/")
	for _, route := range app.routes {
		parameters, fits := match(route.segments, path)
		if !fits {
			continue
		}
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		handler, ok := route.methods[method]
		if !ok {
			return route.template, nil, notAllowed(r, route)
		}
		*r = *r.WithContext(context.WithValue(r.Context(), parametersKey{}, parameters))
		return route.template, handler, nil
	}
	return unmatched, nil, NewProblem(http.StatusNotFound, "there is no "+r.URL.Path)
}

func notAllowed(r *http.Request, route *route) *Problem {
	var methods []string
	for method := range route.methods {
		methods = append(methods, method)
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	sort.Strings(methods)
	allow := strings.Join(methods, ", ")
	problem := NewProblem(http.StatusMethodNotAllowed, fmt.Sprintf("%s takes %s", r.URL.Path, allow))
	problem.Allow = allow
	return problem
}

func match(wanted, given []string) (map[string]string, bool) {
	if len(wanted) != len(given) {
		return nil, false
	}
	parameters := map[string]string{}
	for i, name := range wanted {
		text, err := url.PathUnescape(given[i])
		if strings.HasPrefix(name, "{") && text != "" && err == nil {
			parameters[strings.Trim(name, "{}")] = text
		} else if name != given[i] {
			return nil, false
		}
	}
	return parameters, true
}

type parametersKey struct{}

// Parameter is a part of the path: "id" of `/items/{id}`.
func Parameter(r *http.Request, name string) string {
	parameters, _ := r.Context().Value(parametersKey{}).(map[string]string)
	return parameters[name]
}

func (app *App) measure(r *http.Request, template string, status int, took time.Duration) {
	method := r.Method
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
	default:
		method = "other"
	}
	app.requests.Add(1, method, template, fmt.Sprint(status))
	app.duration.Observe(took, method, template)
	level := Info
	if template == "/healthz" || template == "/readyz" || template == "/metrics" {
		level = Debug // they come every few seconds
	}
	app.Log.Write(r.Context(), level, "request", Fields{
		"method": r.Method, "path": r.URL.Path, "route": template, "status": status, "duration_seconds": took.Seconds(),
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(bytes []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(bytes)
}
