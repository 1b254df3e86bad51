package service;

import static service.runtime.Tests.equal;
import static service.runtime.Tests.problem;
import static service.runtime.Tests.that;

import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import service.runtime.App;
import service.runtime.Client;
import service.runtime.Log;
import service.runtime.Metrics;
import service.runtime.Request;
import service.runtime.Response;

/** Calls to other services: the ids go along, and one that is away is told. */
final class DependenciesTest {
    private static final Log QUIET = new Log(Log.Level.ERROR, OutputStream.nullOutputStream());
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static App calling(String url) {
        return Main.build(QUIET, Map.of("other", new Client(URI.create(url))));
    }

    void theIdsGoAlong() throws Exception {
        List<Request> seen = new CopyOnWriteArrayList<>();
        App other = new App(new Metrics(), QUIET);
        other.router().add("GET", "/healthz", request -> {
            seen.add(request);
            return Response.json(200, Map.of("status", "ok"));
        });
        try (Running called = new Running(other);
                Running running = new Running(calling("http://127.0.0.1:" + called.server.port()))) {
            var answer = running.get("/dependencies", "x-request-id: abc-1", "traceparent: " + TRACE);
            equal("{\"other\":\"up\"}\n", answer.body());
        }
        equal("abc-1", seen.get(0).headers().get("x-request-id"));
        String[] parent = seen.get(0).headers().get("traceparent").split("-");
        equal(TRACE.split("-")[1], parent[1]);
        that(!parent[2].equals(TRACE.split("-")[2]), "the span is the caller's");
    }

    void oneThatIsAwayIsDown() throws Exception {
        try (Running running = new Running(calling("http://127.0.0.1:1"))) {
            equal("{\"other\":\"down\"}\n", running.get("/dependencies").body());
        }
        equal(502, problem(() -> new Client(URI.create("http://127.0.0.1:1")).get("/")).status());
    }
}
