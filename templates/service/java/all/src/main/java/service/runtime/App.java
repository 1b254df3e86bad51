package service.runtime;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One request in, one response out: routing, measuring, logging, probes, and no exception gets through. Knows no
 * socket, so tests need none. Safe for many threads.
 */
public final class App {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Set<String> PROBES = Set.of("/healthz", "/readyz", "/metrics"); // they come every few seconds

    private final Router router = new Router();
    private final Log log;
    private final Metrics.Value requests;
    private final Metrics.Value running;
    private final Metrics.Histogram duration;
    private volatile boolean draining;

    public App(Metrics metrics, Log log) {
        this.log = log;
        requests = metrics.counter("http_requests_total", "Requests answered.", "method", "route", "status");
        duration = metrics.histogram(
                "http_request_duration_seconds", "Time from the request read to its answer made.", "method", "route");
        running = metrics.gauge("http_requests_in_flight", "Requests that are being answered.");
        router.add("GET", "/healthz", request -> Response.json(200, Map.of("status", "ok")));
        router.add("GET", "/readyz", request -> draining
                ? Response.json(503, Map.of("status", "draining"))
                : Response.json(200, Map.of("status", "ok")));
        router.add("GET", "/metrics", request ->
                new Response(200, metrics.render()).with("content-type", Metrics.CONTENT_TYPE));
    }

    public Router router() {
        return router;
    }

    Log log() {
        return log;
    }

    /** Turns /readyz to 503; the server closes each connection behind its next answer. */
    public void drain() {
        draining = true;
    }

    boolean draining() {
        return draining;
    }

    public Response answer(Request request) {
        return answer(request, null);
    }

    /** `refused`: what was wrong with the request before a handler could see it, or null. */
    Response answer(Request request, Problem refused) {
        Call call = Call.from(request.headers());
        Response[] response = new Response[1];
        call.within(() -> {
            long began = System.nanoTime();
            Router.Found found = router.find(request.method(), request.path());
            running.add(1);
            try {
                response[0] = refused != null ? Response.of(refused) : handle(found, request);
            } finally {
                running.add(-1);
            }
            measure(request, found.route(), response[0], System.nanoTime() - began);
        });
        return response[0].with("x-request-id", call.requestId());
    }

    private Response handle(Router.Found found, Request request) {
        try {
            return found.handler().answer(request.withParameters(found.parameters()));
        } catch (Problem problem) {
            return Response.of(problem);
        } catch (Exception | StackOverflowError failure) {
            log.error("a handler failed", failure);
            return Response.of(new Problem(500, "the service failed; its log has the request id"));
        }
    }

    private void measure(Request request, String route, Response response, long nanoseconds) {
        String method = METHODS.contains(request.method()) ? request.method() : "other";
        requests.add(1, method, route, Integer.toString(response.status()));
        duration.observe(nanoseconds / 1e9, method, route);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("method", request.method());
        fields.put("path", request.path());
        fields.put("route", route);
        fields.put("status", response.status());
        fields.put("duration_seconds", nanoseconds / 1e9);
        log.write(PROBES.contains(route) ? Log.Level.DEBUG : Log.Level.INFO, "request", fields);
    }
}
