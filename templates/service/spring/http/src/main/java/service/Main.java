package service;

{{#if calls}}
import java.util.LinkedHashMap;
{{/if}}
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
{{#if calls}}
import service.runtime.Client;
{{/if}}
import service.runtime.Config;
import service.runtime.Launch;
import service.runtime.Shutdown;

/** The {{name}} service: settings and start. */
@SpringBootApplication
public class Main {
{{#if calls}}
    /** The services that this one calls. Their addresses come from the environment. */
    private static Clients clients(Map<String, String> environment) throws Config.Error {
        Map<String, Client> clients = new LinkedHashMap<>();
{{#each calls}}
        clients.put("{{name}}", new Client(Config.serviceUrl(environment, "{{variable}}")));
{{/each}}
        return new Clients(clients);
    }

{{/if}}
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        try {
            Config config = Config.from(environment);
{{#if calls}}
            Launch launch = Launch.start(Main.class, config, clients(environment));
{{else}}
            Launch launch = Launch.start(Main.class, config);
{{/if}}
            Shutdown.onSignal(launch::drain);
        } catch (Config.Error error) {
            Shutdown.failStart("{{name}}", error);
        }
    }
}
