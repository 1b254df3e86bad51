package service;

import java.time.Duration;
{{#if calls}}
import java.util.LinkedHashMap;
{{/if}}
import java.util.Map;
import service.runtime.App;
{{#if calls}}
import service.runtime.Client;
{{/if}}
import service.runtime.Config;
import service.runtime.Log;
import service.runtime.Metrics;
import service.runtime.Server;
import service.runtime.Shutdown;
import service.runtime.Worker;

/** The {{name}} worker: settings and start. */
public final class Main {
    private Main() {}

{{#if calls}}
    /** The services that this one calls. Their addresses come from the environment. */
    private static Map<String, Client> clients(Map<String, String> environment) throws Config.Error {
        Map<String, Client> clients = new LinkedHashMap<>();
{{#each calls}}
        clients.put("{{name}}", new Client(Config.serviceUrl(environment, "{{variable}}")));
{{/each}}
        return clients;
    }

{{/if}}
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        try {
            Config config = Config.from(environment);
            Duration interval = Config.seconds(environment, "INTERVAL_SECONDS", 5);
            Log log = Log.toStdout(config.logLevel());
            Metrics metrics = new Metrics();
{{#if calls}}
            Worker worker = new Worker(new Job(log, clients(environment)), interval, metrics, log);
{{else}}
            Worker worker = new Worker(new Job(log), interval, metrics, log);
{{/if}}
            Server server = new Server(new App(metrics, log), config);
            worker.start();
            Shutdown.onSignal(() -> drain(worker, server, config, log));
        } catch (Config.Error error) {
            Shutdown.failStart("{{name}}", error);
        }
    }

    private static int drain(Worker worker, Server server, Config config, Log log) {
        worker.stop();
        int status = server.drain();
        if (!worker.await(config.drainTimeout())) {
            log.error("cut the job that still ran", Map.of());
            return 1;
        }
        return status;
    }
}
