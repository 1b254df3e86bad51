// The {{name}} worker: settings and start. `{{test}}` runs its tests.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"service/internal/runtime"
)

{{#if calls}}
// The services that this one calls. Their addresses come from the environment.
func clientsFrom(getenv func(string) string) (map[string]*runtime.Client, error) {
	clients := map[string]*runtime.Client{}
	for _, call := range []struct{ name, variable string }{
{{#each calls}}
		{"{{name}}", "{{variable}}"},
{{/each}}
	} {
		url, err := runtime.ServiceURL(getenv, call.variable)
		if err != nil {
			return nil, err
		}
		clients[call.name] = runtime.NewClient(url)
	}
	return clients, nil
}

{{/if}}
func main() {
	config, err := runtime.ConfigFrom(os.Getenv)
	exitOn(err, 2)
	if len(os.Args) > 1 && os.Args[1] == "healthcheck" {
		if !runtime.Probe(config) {
			os.Exit(1)
		}
		return
	}
	interval, err := runtime.Seconds(os.Getenv, "INTERVAL_SECONDS", 5*time.Second)
	exitOn(err, 2)
{{#if calls}}
	clients, err := clientsFrom(os.Getenv)
	exitOn(err, 2)
{{/if}}
	stop := runtime.StopSignals()
	listener, err := runtime.Listen(config)
	exitOn(err, 2)
	metrics, log := runtime.NewMetrics(), runtime.NewLog(os.Stdout, config.LogLevel)
{{#if calls}}
	work := &job{log: log, clients: clients}
{{else}}
	work := &job{log: log}
{{/if}}
	worker := runtime.NewWorker(work.run, interval, metrics, log)
	go worker.Run(stop)
	exitOn(runtime.Serve(stop, config, runtime.NewApp(config, metrics, log), listener), 1)
	if !worker.Wait(config.DrainTimeout) {
		exitOn(errors.New("cut the job that still ran"), 1)
	}
}

func exitOn(err error, status int) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "{{name}}:", err)
		os.Exit(status)
	}
}
