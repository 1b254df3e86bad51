package service;

import static service.runtime.Tests.contains;
import static service.runtime.Tests.equal;
import static service.runtime.Tests.that;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import service.runtime.App;
import service.runtime.Config;
import service.runtime.Json;
import service.runtime.Log;
import service.runtime.Response;

/** The service over HTTP: resource, problems, probes, ids, and the graceful end. */
final class HttpTest {
    private static final Log QUIET = new Log(Log.Level.ERROR, OutputStream.nullOutputStream());

    static App service() {
        return service(QUIET);
    }

    private static App service(Log log) {
{{#if calls}}
        return Main.build(log, Map.of());
{{else}}
        return Main.build(log);
{{/if}}
    }

    private static void problem(int status, HttpResponse<String> answer) throws Json.Malformed {
        equal(status, answer.statusCode());
        equal("application/problem+json", answer.headers().firstValue("content-type").orElse(""));
        equal((long) status, ((Map<?, ?>) Json.read(answer.body())).get("status"));
    }

    void lifeOfAnItem() throws Exception {
        try (Running running = new Running(service())) {
            var created = running.call("POST", "/items", "{\"name\": \"cup\", \"quantity\": 2}");
            equal(201, created.statusCode());
            equal("/items/1", created.headers().firstValue("location").orElse(""));
            equal("{\"id\":1,\"name\":\"cup\",\"quantity\":2}\n", created.body());
            equal(created.body(), running.get("/items/1").body());
            equal("[{\"id\":1,\"name\":\"cup\",\"quantity\":2}]\n", running.get("/items").body());
            var head = running.call("HEAD", "/items/1", "");
            equal("", head.body());
            equal((long) created.body().length(), head.headers().firstValueAsLong("content-length").orElse(-1));
            equal(204, running.call("DELETE", "/items/1", "").statusCode());
            equal(404, running.get("/items/1").statusCode());
        }
    }

    void problems() throws Exception {
        try (Running running = new Running(service())) {
            problem(400, running.call("POST", "/items", "{"));
            problem(400, running.call("POST", "/items", "{} {}"));
            problem(404, running.get("/nothing"));
            problem(404, running.get("/items/x"));
            problem(404, running.get("/items/9999999999999999999"));
            var refused = running.call("PUT", "/items", "{}");
            problem(405, refused);
            equal("GET, HEAD, POST", refused.headers().firstValue("allow").orElse(""));
            problem(413, running.call("POST", "/items", "x".repeat(Config.MAX_BODY_BYTES + 1)));
            problem(415, running.call("POST", "/items", "{}", "content-type: text/plain"));
            var invalid = running.call("POST", "/items", "{\"name\": \"\"}");
            problem(422, invalid);
            contains(invalid.body(), "{\"pointer\":\"/name\",\"detail\":\"must be a text of 1 to 100 characters\"}");
        }
    }

    void bodiesInChunksAndWhatIsNoUtf8() throws Exception {
        try (Running running = new Running(service())) {
            HttpClient client = HttpClient.newHttpClient();
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running.server.port() + "/items"))
                    .header("content-type", "application/json");
            for (Map.Entry<Integer, byte[]> row : Map.of(
                    201, "{\"name\":\"cup\"}".getBytes(StandardCharsets.UTF_8),
                    400, new byte[] {'"', (byte) 0xff, '"'},
                    413, new byte[Config.MAX_BODY_BYTES + 1]).entrySet()) {
                // A stream has no length that is known beforehand, so it is sent in chunks.
                var body = HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(row.getValue()));
                var answer = client.send(request.POST(body).build(), HttpResponse.BodyHandlers.ofString());
                equal(row.getKey(), answer.statusCode());
            }
        }
    }

    void framingThatCouldBeReadInTwoWaysIsRefused() throws Exception {
        try (Running running = new Running(service());
                Socket socket = new Socket("127.0.0.1", running.server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(("POST /items HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                    + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            contains(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8), "HTTP/1.1 400 ");
        }
    }

    void aFailingHandlerIsAProblem() throws Exception {
        App app = service();
        app.router().add("GET", "/fail", request -> {
            throw new IllegalStateException("planted");
        });
        try (Running running = new Running(app)) {
            var answer = running.get("/fail");
            problem(500, answer);
            that(!answer.body().contains("planted"), answer.body());
        }
    }

    void healthReadinessMetrics() throws Exception {
        try (Running running = new Running(service())) {
            for (String path : new String[] {"/healthz", "/readyz", "/items"}) {
                equal(200, running.get(path).statusCode());
            }
            String metrics = running.get("/metrics").body();
            contains(metrics, "http_requests_total{method=\"GET\",route=\"/items\",status=\"200\"} 1\n");
            contains(metrics, "# HELP http_request_duration_seconds ");
        }
    }

    void theRequestIdIsKeptOrMadeAndLogged() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Running running = new Running(service(new Log(Log.Level.INFO, out)))) {
            var kept = running.get("/items", "x-request-id: abc-1");
            equal("abc-1", kept.headers().firstValue("x-request-id").orElse(""));
            contains(out.toString(StandardCharsets.UTF_8), "\"request_id\":\"abc-1\"");
            String made = running.get("/items", "x-request-id: not one").headers().firstValue("x-request-id").orElse("");
            that(made.matches("[0-9a-f]{32}"), made);
        }
    }

    void theGracefulEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        App app = service();
        app.router().add("GET", "/slow", request -> {
            begun.countDown();
            goOn.await();
            return Response.json(200, "done");
        });
        Running running = new Running(app, "0.5");
        var slow = CompletableFuture.supplyAsync(() -> {
            try {
                return running.get("/slow").body();
            } catch (IOException | InterruptedException error) {
                return error.toString();
            }
        });
        begun.await();
        var status = CompletableFuture.supplyAsync(running.server::drain);
        HttpResponse<String> ready = running.get("/readyz");
        while (ready.statusCode() == 200) {
            ready = running.get("/readyz");
        }
        equal(503, ready.statusCode());
        equal("close", ready.headers().firstValue("connection").orElse(""));
        equal(200, running.get("/healthz").statusCode());
        Thread.sleep(800);
        that(!status.isDone(), "ended before the request that runs");
        try {
            that(false, "a connection was taken behind the delay: " + running.get("/readyz"));
        } catch (IOException refused) {
            goOn.countDown();
        }
        equal("\"done\"\n", slow.get());
        equal(0, status.get());
    }
}
