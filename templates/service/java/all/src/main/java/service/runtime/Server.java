package service.runtime;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The JDK's HTTP server around an App, and its graceful end.
 *
 * <p>Connections that are idle cost no thread; a request has one from its first byte to the end of its answer. Draining:
 * /readyz turns 503 and every answer closes its connection; after the delay, when load balancers have noticed, no
 * connection is taken any more; what runs is finished.
 */
public final class Server {
    static {
        // The JDK reads these once; what is given by -D stays.
        Map.of(
                "jdk.httpserver.maxConnections", "1000",
                "sun.net.httpserver.maxIdleConnections", "1000",
                "sun.net.httpserver.maxReqHeaderSize", "65536", // bytes
                "sun.net.httpserver.idleInterval", "75", // seconds that a connection may be idle
                "sun.net.httpserver.maxReqTime", "30", // seconds for a request, to the end of its body
                "sun.net.httpserver.maxRspTime", "120", // seconds from there to the end of its answer
                "sun.net.httpserver.nodelay", "true")
                .forEach((name, text) -> System.getProperties().putIfAbsent(name, text));
    }

    private static final int BACKLOG = 512;
    private static final long MOST_REST = 4 << 20; // bytes that are read and dropped behind a refusal

    private final App app;
    private final Config config;
    private final HttpServer http;
    private final ThreadPoolExecutor pool;
    private final AtomicInteger running = new AtomicInteger();

    /** Listens and answers from here on. */
    public Server(App app, Config config) throws Config.Error {
        this.app = app;
        this.config = config;
        InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
        try {
            if (address.isUnresolved()) {
                throw new IOException("there is no such host");
            }
            http = HttpServer.create(address, BACKLOG);
        } catch (IOException error) {
            throw new Config.Error(config.host() + ":" + config.port() + ": " + error.getMessage());
        }
        // The queue is bounded by the connections: each has one request in it at most.
        pool = new ThreadPoolExecutor(
                config.threads(), config.threads(), 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        pool.allowCoreThreadTimeOut(true);
        http.setExecutor(pool);
        http.createContext("/", this::serve);
        http.start();
        app.log().info("listening on " + config.host() + ":" + port(), Map.of());
    }

    public int port() {
        return http.getAddress().getPort();
    }

    /** Returns when all is drained; the exit status: 1 when something had to be cut. */
    public int drain() {
        app.log().info("draining", Map.of());
        app.drain();
        sleep(config.drainDelay());
        // The listener closes at once. The call itself may wait for its time-out even where nothing runs.
        int limit = (int) config.drainTimeout().toSeconds() + 1;
        Thread closing = new Thread(() -> http.stop(limit), "closing");
        closing.setDaemon(true);
        closing.start();
        int status = idleWithin(config.drainTimeout()) ? 0 : 1;
        if (status != 0) {
            app.log().error("cut what still ran", Map.of("busy", running.get()));
        }
        http.stop(0);
        pool.shutdownNow();
        app.log().info("stopped", Map.of("status", status));
        return status;
    }

    /** A request whose head is being read does not count yet, so that one look is not enough. */
    private boolean idleWithin(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        for (int looks = 0; looks < 10; looks = running.get() == 0 ? looks + 1 : 0) {
            if (running.get() != 0 && System.nanoTime() >= end) {
                return false;
            }
            sleep(Duration.ofMillis(10));
        }
        return true;
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt(); // whoever interrupts wants the end sooner
        }
    }

    private void serve(HttpExchange exchange) {
        running.incrementAndGet();
        try {
            Request request = read(exchange);
            Problem refused = null;
            try {
                request = new Request(request.method(), request.target(), request.headers(), body(exchange));
            } catch (Problem problem) {
                refused = problem;
            }
            send(exchange, app.answer(request, refused), refused != null);
        } catch (IOException error) { // the client left, or took too long
            app.log().debug("connection ended", Map.of("error", String.valueOf(error.getMessage())));
        } finally {
            exchange.close();
            running.decrementAndGet();
        }
    }

    private static Request read(HttpExchange exchange) {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, texts) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", texts)));
        URI uri = exchange.getRequestURI();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new Request(exchange.getRequestMethod(), uri.getRawPath() + query, headers, new byte[0]);
    }

    private static byte[] body(HttpExchange exchange) {
        // Framing that could be read in two ways is refused (RFC 9112, 6.3).
        Headers headers = exchange.getRequestHeaders();
        List<String> lengths = headers.getOrDefault("Content-length", List.of());
        if (lengths.size() > 1 || (!lengths.isEmpty() && headers.containsKey("Transfer-encoding"))) {
            throw new Problem(400, "the request's header section is malformed");
        }
        Problem tooLarge = new Problem(413, "a body has at most " + Config.MAX_BODY_BYTES + " bytes");
        if (!lengths.isEmpty() && !lengths.get(0).strip().matches("0*[0-9]{1,7}")) {
            throw tooLarge;
        }
        if (!lengths.isEmpty() && Long.parseLong(lengths.get(0).strip()) > Config.MAX_BODY_BYTES) {
            throw tooLarge;
        }
        byte[] body;
        try {
            body = exchange.getRequestBody().readNBytes(Config.MAX_BODY_BYTES + 1);
        } catch (IOException error) {
            throw new Problem(400, "the body ends early");
        }
        if (body.length > Config.MAX_BODY_BYTES) {
            throw tooLarge;
        }
        return body;
    }

    private void send(HttpExchange exchange, Response response, boolean closing) throws IOException {
        byte[] body = response.bytes();
        Headers headers = exchange.getResponseHeaders();
        response.headers().forEach(headers::set);
        if (closing || app.draining()) {
            headers.set("connection", "close");
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            headers.set("content-length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(response.status(), head || body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            if (!head) {
                out.write(body);
                out.flush();
            }
            // A client that is still sending would lose the answer if its connection were closed at once.
            if (closing) {
                discardRest(exchange.getRequestBody());
            }
        }
    }

    private static void discardRest(InputStream in) throws IOException {
        byte[] buffer = new byte[65536];
        long rest = MOST_REST;
        for (int size = 0; size >= 0 && rest > 0; rest -= size) {
            size = in.read(buffer);
        }
    }
}
