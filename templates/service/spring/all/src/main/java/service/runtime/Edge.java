package service.runtime;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/** Around every request: ids, a bound on its body, metrics, one line in the log. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class Edge extends OncePerRequestFilter {
    private static final Logger LOG = LoggerFactory.getLogger(Edge.class);
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Set<String> PROBES = Set.of("/healthz", "/readyz", "/metrics"); // they come every few seconds
    private static final String UNMATCHED = "unmatched"; // the route of a request that fits no template

    private final Health health;
    private final Metrics.Value requests;
    private final Metrics.Value running;
    private final Metrics.Histogram duration;

    Edge(Health health, Metrics metrics) {
        this.health = health;
        requests = metrics.counter("http_requests_total", "Requests answered.", "method", "route", "status");
        duration = metrics.histogram(
                "http_request_duration_seconds", "Time from a request's head to its answer.", "method", "route");
        running = metrics.gauge("http_requests_in_flight", "Requests that are being answered.");
    }

    @Component
    static class Registry {
        @Bean
        Metrics metrics() {
            return new Metrics();
        }
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Call call = Call.from(headersOf(request));
        response.setHeader("x-request-id", call.requestId());
        if (health.draining()) {
            response.setHeader("connection", "close");
        }
        Exception[] failure = new Exception[1];
        call.within(() -> {
            long began = System.nanoTime();
            running.add(1);
            try {
                answer(request, response, chain);
            } catch (IOException | ServletException thrown) {
                failure[0] = thrown;
            } finally {
                running.add(-1);
                measure(request, response.getStatus(), (System.nanoTime() - began) / 1e9);
            }
        });
        if (failure[0] instanceof IOException broken) { // the client left
            throw broken;
        }
        if (failure[0] instanceof ServletException thrown) {
            throw thrown;
        }
    }

    private static void answer(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getContentLengthLong() > Config.MAX_BODY_BYTES) {
            Problems.write(response, BoundedRequest.tooLarge());
            return;
        }
        chain.doFilter(new BoundedRequest(request), response);
    }

    private void measure(HttpServletRequest request, int status, double seconds) {
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        String route = pattern == null ? UNMATCHED : pattern.toString();
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
        requests.add(1, method, route, Integer.toString(status));
        duration.observe(seconds, method, route);
        LoggingEventBuilder line = LOG.atLevel(PROBES.contains(route) ? Level.DEBUG : Level.INFO);
        line.addKeyValue("method", request.getMethod())
                .addKeyValue("path", request.getRequestURI())
                .addKeyValue("route", route)
                .addKeyValue("status", status)
                .addKeyValue("duration_seconds", seconds)
                .log("request");
    }

    private static Map<String, String> headersOf(HttpServletRequest request) {
        return Collections.list(request.getHeaderNames()).stream()
                .collect(Collectors.toMap(name -> name.toLowerCase(Locale.ROOT), request::getHeader, (one, other) -> one));
    }
}
