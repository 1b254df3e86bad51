package service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import service.runtime.Config;
import service.runtime.Json;
import slow.Slow;

/** The service over HTTP: resource, problems, probes, ids, and the graceful end. */
class HttpTest {
    private static Running running;

    @BeforeAll
    static void start() throws Config.Error {
        running = new Running("0");
    }

    @AfterAll
    static void end() {
        running.close();
    }

    private static void problem(int status, HttpResponse<String> answer) throws Json.Malformed {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals("application/problem+json", answer.headers().firstValue("content-type").orElse(""));
        assertEquals((long) status, ((Map<?, ?>) Json.read(answer.body())).get("status"));
    }

    @Test
    void lifeOfAnItem() throws Exception {
        HttpResponse<String> created = running.call("POST", "/items", "{\"name\": \"cup\", \"quantity\": 2}");
        assertEquals(201, created.statusCode());
        String place = created.headers().firstValue("location").orElse("");
        assertTrue(place.matches("/items/[0-9]+"), place);
        assertTrue(created.body().contains("\"name\":\"cup\",\"quantity\":2"), created.body());
        assertEquals(created.body(), running.get(place).body());
        assertTrue(running.get("/items").body().contains(created.body()));
        assertEquals("", running.call("HEAD", place, null).body());
        assertEquals(204, running.call("DELETE", place, null).statusCode());
        assertEquals(404, running.get(place).statusCode());
        assertEquals(404, running.call("DELETE", place, null).statusCode());
    }

    @Test
    void problems() throws Exception {
        problem(400, running.call("POST", "/items", "{"));
        problem(400, running.call("POST", "/items", null));
        problem(404, running.get("/nothing"));
        problem(404, running.get("/items/x"));
        problem(404, running.get("/items/7000"));
        HttpResponse<String> refused = running.call("PUT", "/items", "{}");
        problem(405, refused);
        assertEquals("GET, HEAD, POST", refused.headers().firstValue("allow").orElse(""));
        problem(413, running.call("POST", "/items", "x".repeat(Config.MAX_BODY_BYTES + 1)));
        problem(415, running.call("POST", "/items", "{}", "content-type: text/plain"));
        problem(422, running.call("POST", "/items", "{\"name\": \"\"}"));
    }

    @Test
    void aBodyWithoutALengthHasABound() throws Exception {
        byte[] large = ("{\"name\": \"" + "x".repeat(Config.MAX_BODY_BYTES) + "\"}").getBytes();
        HttpRequest request = HttpRequest.newBuilder(running.uri("/items"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
                .build();
        problem(413, HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()));
    }

    @Test
    void eachFaultHasItsPointer() throws Exception {
        Map<String, List<String>> rows = Map.of(
                "[]", List.of(""),
                "{}", List.of("/name"),
                "{\"name\": \"\", \"quantity\": -1}", List.of("/name", "/quantity"),
                "{\"name\": \"cup\", \"color\": \"red\"}", List.of("/color"),
                "{\"name\": \"cup\", \"quantity\": true}", List.of("/quantity"),
                "{\"name\": \"cup\", \"quantity\": 1.5}", List.of("/quantity"),
                "{\"name\": \"cup\", \"quantity\": \"1\"}", List.of("/quantity"),
                "{\"name\": \"cup\", \"quantity\": 1000001}", List.of("/quantity"),
                "{\"name\": 7}", List.of("/name"));
        for (Map.Entry<String, List<String>> row : rows.entrySet()) {
            HttpResponse<String> answer = running.call("POST", "/items", row.getKey());
            problem(422, answer);
            List<?> errors = (List<?>) ((Map<?, ?>) Json.read(answer.body())).get("errors");
            List<String> pointers =
                    errors.stream().map(error -> (String) ((Map<?, ?>) error).get("pointer")).sorted().toList();
            assertEquals(row.getValue(), pointers, row.getKey());
        }
    }

    @Test
    void healthReadinessMetrics() throws Exception {
        for (String path : List.of("/healthz", "/readyz")) {
            assertEquals(200, running.get(path).statusCode());
        }
        running.get("/items/8000");
        String metrics = running.get("/metrics").body();
        assertTrue(
                metrics.contains("http_requests_total{method=\"GET\",route=\"/items/{id}\",status=\"404\"}"), metrics);
        assertTrue(metrics.contains("# HELP http_request_duration_seconds "), metrics);
    }

    @Test
    void theRequestIdIsKeptOrMade() throws Exception {
        assertEquals("abc-1", running.get("/items", "x-request-id: abc-1").headers().firstValue("x-request-id").get());
        String made = running.get("/items", "x-request-id: not one").headers().firstValue("x-request-id").get();
        assertTrue(made.matches("[0-9a-f]{32}"), made);
    }

    @Test
    void theGracefulEndAndAHandlerThatFails() throws Exception {
        Slow slow = new Slow();
{{#if calls}}
        Running own = new Running("0.5", slow, new Clients(Map.of()));
{{else}}
        Running own = new Running("0.5", slow);
{{/if}}
        HttpResponse<String> failed = own.get("/fail");
        problem(500, failed);
        assertFalse(failed.body().contains("planted"), failed.body());
        CompletableFuture<String> busy = CompletableFuture.supplyAsync(() -> {
            try {
                return own.get("/slow").body();
            } catch (IOException | InterruptedException error) {
                return error.toString();
            }
        });
        slow.begun().await();
        CompletableFuture<Integer> status = CompletableFuture.supplyAsync(own.launch::drain);
        HttpResponse<String> ready = own.get("/readyz");
        while (ready.statusCode() == 200) {
            ready = own.get("/readyz");
        }
        assertEquals(503, ready.statusCode());
        assertEquals("close", ready.headers().firstValue("connection").orElse(""));
        assertEquals(200, own.get("/healthz").statusCode());
        Thread.sleep(1000);
        assertFalse(status.isDone(), "ended before the request that runs");
        assertThrows(IOException.class, () -> own.get("/readyz"));
        slow.goOn().countDown();
        assertEquals("done", busy.get());
        assertEquals(0, status.get());
    }
}
