package main

import (
	"context"

	"service/internal/runtime"
)

// job is what the worker repeats, to be replaced by yours: take one piece of work, do it, return. It runs again after
// INTERVAL_SECONDS. Return an error when it cannot be done: it is logged, counted, and tried again after a growing
// pause. A job may be cut when the process ends, so write it such that doing it twice does no harm.
type job struct {
{{#if calls}}
	log     *runtime.Log
	clients map[string]*runtime.Client
{{else}}
	log *runtime.Log
{{/if}}
}

func (job *job) run(ctx context.Context) error {
{{#if calls}}
	for name, client := range job.clients {
		reply, err := client.Get(ctx, "/healthz")
		if err != nil {
			return err
		}
		job.log.Write(ctx, runtime.Info, "asked", runtime.Fields{"service": name, "status": reply.Status})
	}
{{else}}
	job.log.Write(ctx, runtime.Info, "nothing to do", nil)
{{/if}}
	return nil
}
