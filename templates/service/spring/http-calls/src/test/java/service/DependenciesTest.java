package service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import service.runtime.Client;
import service.runtime.Problem;

/** Calls to other services: the ids go along, and one that is away is told. */
class DependenciesTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @Test
    void theIdsGoAlong() throws Exception {
        CompletableFuture<Headers> seen = new CompletableFuture<>();
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/healthz", exchange -> {
            seen.complete(exchange.getRequestHeaders());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        other.start();
        URI address = URI.create("http://127.0.0.1:" + other.getAddress().getPort());
        try (Running running = new Running("0", new Clients(Map.of("other", new Client(address))))) {
            var answer = running.get("/dependencies", "x-request-id: abc-1", "traceparent: " + TRACE);
            assertEquals("{\"other\":\"up\"}", answer.body());
        } finally {
            other.stop(0);
        }
        assertEquals("abc-1", seen.get().getFirst("x-request-id"));
        String[] parts = seen.get().getFirst("traceparent").split("-");
        assertEquals(TRACE.split("-")[1], parts[1]);
        assertNotEquals(TRACE.split("-")[2], parts[2]);
    }

    @Test
    void oneThatIsAwayIsDown() throws Exception {
        Client away = new Client(URI.create("http://127.0.0.1:1"));
        try (Running running = new Running("0", new Clients(Map.of("other", away)))) {
            assertEquals("{\"other\":\"down\"}", running.get("/dependencies").body());
        }
        assertEquals(502, assertThrows(Problem.class, () -> away.get("/")).status());
    }
}
