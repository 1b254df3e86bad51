package service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import service.runtime.App;
import service.runtime.Config;
import service.runtime.Server;

/** The service on a free port in this process, and a client for it; drained at the end. */
final class Running implements AutoCloseable {
    final Server server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();

    Running(App app) throws Config.Error {
        this(app, "0");
    }

    Running(App app, String drainDelay) throws Config.Error {
        server = new Server(app, Config.from(Map.of("PORT", "0", "DRAIN_DELAY_SECONDS", drainDelay)));
    }

    /** `body` is sent as JSON unless a header, "name: text", says otherwise. */
    HttpResponse<String> call(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        Map<String, String> sent = new HashMap<>(Map.of("content-type", "application/json"));
        for (String header : headers) {
            String[] parts = header.split(": ", 2);
            sent.put(parts[0], parts[1]);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        sent.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return call("GET", path, "", headers);
    }

    @Override
    public void close() {
        server.drain();
    }
}
