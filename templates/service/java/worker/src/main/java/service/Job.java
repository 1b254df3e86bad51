package service;

import java.util.Map;
{{#if calls}}
import service.runtime.Client;
{{/if}}
import service.runtime.Log;
import service.runtime.Worker;

/**
 * What the worker repeats, to be replaced by yours: take one piece of work, do it, return. It runs again after
 * INTERVAL_SECONDS. Throw when it cannot be done: it is logged, counted, and tried again after a growing pause. A job may
 * be cut when the process ends, so write it such that doing it twice does no harm.
 */
final class Job implements Worker.Job {
    private final Log log;
{{#if calls}}
    private final Map<String, Client> clients;

    Job(Log log, Map<String, Client> clients) {
        this.log = log;
        this.clients = clients;
    }
{{else}}

    Job(Log log) {
        this.log = log;
    }
{{/if}}

    @Override
    public void run() {
{{#if calls}}
        clients.forEach((name, client) ->
                log.info("asked", Map.of("service", name, "status", client.get("/healthz").status())));
{{else}}
        log.info("nothing to do", Map.of());
{{/if}}
    }
}
