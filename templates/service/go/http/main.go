// The {{name}} service: settings, routes, start. `{{test}}` runs its tests.
package main

import (
	"fmt"
	"os"

	"service/internal/runtime"
)

// build is the whole service without a socket, as the tests use it.
{{#if calls}}
func build(config runtime.Config, log *runtime.Log, clients map[string]*runtime.Client) *runtime.App {
{{else}}
func build(config runtime.Config, log *runtime.Log) *runtime.App {
{{/if}}
	app := runtime.NewApp(config, runtime.NewMetrics(), log)
	addItems(app, newItems())
{{#if calls}}
	addDependencies(app, clients)
{{/if}}
	return app
}

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
{{#if calls}}
	clients, err := clientsFrom(os.Getenv)
	exitOn(err, 2)
{{/if}}
	stop := runtime.StopSignals()
	listener, err := runtime.Listen(config)
	exitOn(err, 2)
{{#if calls}}
	app := build(config, runtime.NewLog(os.Stdout, config.LogLevel), clients)
{{else}}
	app := build(config, runtime.NewLog(os.Stdout, config.LogLevel))
{{/if}}
	exitOn(runtime.Serve(stop, config, app, listener), 1)
}

func exitOn(err error, status int) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "{{name}}:", err)
		os.Exit(status)
	}
}
