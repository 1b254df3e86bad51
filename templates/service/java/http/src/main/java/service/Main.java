package service;

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

/** The {{name}} service: settings, routes, start. */
public final class Main {
    private Main() {}

    /** The whole service without a socket, as the tests use it. */
{{#if calls}}
    static App build(Log log, Map<String, Client> clients) {
{{else}}
    static App build(Log log) {
{{/if}}
        App app = new App(new Metrics(), log);
        new Items().addTo(app.router());
{{#if calls}}
        new Dependencies(clients).addTo(app.router());
{{/if}}
        return app;
    }

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
{{#if calls}}
            App app = build(Log.toStdout(config.logLevel()), clients(environment));
{{else}}
            App app = build(Log.toStdout(config.logLevel()));
{{/if}}
            Server server = new Server(app, config);
            Shutdown.onSignal(server::drain);
        } catch (Config.Error error) {
            Shutdown.failStart("{{name}}", error);
        }
    }
}
