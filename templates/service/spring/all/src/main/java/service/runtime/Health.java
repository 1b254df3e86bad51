package service.runtime;

import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whether the process lives, takes traffic, and what it counted. */
@RestController
class Health {
    private final Metrics metrics;
    private volatile boolean draining; // set by SIGTERM, before anything is closed

    Health(Metrics metrics) {
        this.metrics = metrics;
    }

    void drain() {
        draining = true;
    }

    boolean draining() {
        return draining;
    }

    @GetMapping("/healthz")
    Map<String, String> alive() {
        return Map.of("status", "ok");
    }

    @GetMapping("/readyz")
    ResponseEntity<Map<String, String>> ready() {
        return draining
                ? ResponseEntity.status(503).body(Map.of("status", "draining"))
                : ResponseEntity.ok(Map.of("status", "ok"));
    }

    @GetMapping("/metrics")
    ResponseEntity<String> counted() {
        return ResponseEntity.ok().header("content-type", Metrics.CONTENT_TYPE).body(metrics.render());
    }
}
