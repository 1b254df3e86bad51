package service;

import static service.runtime.Tests.contains;
import static service.runtime.Tests.equal;
{{#if calls}}
import static service.runtime.Tests.problem;
{{/if}}
import static service.runtime.Tests.that;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
{{#if calls}}
import java.net.URI;
{{/if}}
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import service.runtime.App;
{{#if calls}}
import service.runtime.Client;
{{/if}}
import service.runtime.Json;
import service.runtime.Log;
import service.runtime.Metrics;
import service.runtime.Request;
import service.runtime.Worker;

/** The job, the loop around it, and what is told about it. */
final class WorkerTest {
    private static final Log QUIET = new Log(Log.Level.ERROR, OutputStream.nullOutputStream());

    private static int status(App app, String path) {
        return app.answer(new Request("GET", path, Map.of(), new byte[0])).status();
    }

    void theJob() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Log log = new Log(Log.Level.INFO, out);
{{#if calls}}
        new Job(log, Map.of()).run();
        equal("", out.toString(StandardCharsets.UTF_8));
        Client away = new Client(URI.create("http://127.0.0.1:1"));
        equal(502, problem(() -> new Job(log, Map.of("other", away)).run()).status());
{{else}}
        new Job(log).run();
        contains(out.toString(StandardCharsets.UTF_8), "\"message\":\"nothing to do\"");
{{/if}}
    }

    void itRepeatsCountsAndEndsBehindTheJobThatRuns() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        Metrics metrics = new Metrics();
        Worker worker = new Worker(() -> {
            if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException("planted");
            }
            begun.countDown();
            goOn.await();
        }, Duration.ZERO, metrics, QUIET);
        worker.start();
        begun.await();
        worker.stop();
        that(!worker.await(Duration.ofMillis(50)), "ended before its job");
        goOn.countDown();
        that(worker.await(Duration.ofSeconds(10)), "did not end");
        contains(metrics.render(), "worker_jobs_total{outcome=\"failure\"} 1\n");
        contains(metrics.render(), "worker_jobs_total{outcome=\"success\"} 1\n");
        equal(2, runs.get());
    }

    void probes() {
        App app = new App(new Metrics(), QUIET);
        Map.of("/healthz", 200, "/readyz", 200, "/metrics", 200, "/", 404)
                .forEach((path, wanted) -> equal(wanted, status(app, path)));
        app.drain();
        equal(503, status(app, "/readyz"));
        equal(200, status(app, "/healthz"));
    }

    void openApiNamesThePaths() throws Exception {
        Map<?, ?> document = (Map<?, ?>) Json.read(Files.readString(Path.of("openapi.json")));
        SortedSet<String> described = new TreeSet<>();
        ((Map<?, ?>) document.get("paths")).forEach((path, operations) -> ((Map<?, ?>) operations).keySet()
                .forEach(method -> described.add(method.toString().toUpperCase(Locale.ROOT) + " " + path)));
        equal(described, new App(new Metrics(), QUIET).router().routes());
    }
}
