package service;

import java.util.LinkedHashMap;
import java.util.Map;
import service.runtime.Client;
import service.runtime.Problem;
import service.runtime.Response;
import service.runtime.Router;

/**
 * How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours. The request
 * id and the trace of the call that is being answered go along by themselves.
 */
final class Dependencies {
    private final Map<String, Client> clients;

    Dependencies(Map<String, Client> clients) {
        this.clients = clients;
    }

    void addTo(Router router) {
        router.add("GET", "/dependencies", request -> {
            Map<String, String> states = new LinkedHashMap<>();
            clients.forEach((name, client) -> states.put(name, state(client)));
            return Response.json(200, states);
        });
    }

    private static String state(Client client) {
        try {
            return client.get("/healthz").status() == 200 ? "up" : "down";
        } catch (Problem away) {
            return "down";
        }
    }
}
