package main

// How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours. The
// request id and the trace of the call that is being answered go along with the context.

import (
	"net/http"

	"service/internal/runtime"
)

func addDependencies(app *runtime.App, clients map[string]*runtime.Client) {
	app.Handle("GET", "/dependencies", func(w http.ResponseWriter, r *http.Request) error {
		states := map[string]string{}
		for name, client := range clients {
			states[name] = "down"
			if reply, err := client.Get(r.Context(), "/healthz"); err == nil && reply.Status == http.StatusOK {
				states[name] = "up"
			}
		}
		return runtime.WriteJSON(w, http.StatusOK, states)
	})
}
