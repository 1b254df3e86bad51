package service;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import service.runtime.Client;
import service.runtime.Problem;

/**
 * How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours. The request
 * id and the trace of the call that is being answered go along by themselves.
 */
@RestController
class Dependencies {
    private final Clients clients;

    Dependencies(Clients clients) {
        this.clients = clients;
    }

    @GetMapping("/dependencies")
    Map<String, String> states() {
        Map<String, String> states = new LinkedHashMap<>();
        clients.all().forEach((name, client) -> states.put(name, state(client)));
        return states;
    }

    private static String state(Client client) {
        try {
            return client.get("/healthz").status() == 200 ? "up" : "down";
        } catch (Problem away) {
            return "down";
        }
    }
}
