package service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import service.runtime.Config;
import service.runtime.Launch;

/** The service on a free port in this process, and a client for it; drained at its end. */
final class Running implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final Launch launch;

    Running(String drainDelay, Object... beans) throws Config.Error {
        Config config = Config.from(Map.of("PORT", "0", "LOG_LEVEL", "error", "DRAIN_DELAY_SECONDS", drainDelay));
{{#if calls}}
        Object[] all = beans.length > 0 ? beans : new Object[] {new Clients(Map.of())};
        launch = Launch.start(Main.class, config, all);
{{else}}
        launch = Launch.start(Main.class, config, beans);
{{/if}}
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + launch.port() + path);
    }

    /** A body is sent as JSON; headers are "name: text". */
    HttpResponse<String> call(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.BodyPublisher publisher = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).method(method, publisher);
        request.header("content-type", "application/json");
        for (String header : headers) {
            String[] parts = header.split(": ", 2);
            request.setHeader(parts[0], parts[1]);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return call("GET", path, null, headers);
    }

    @Override
    public void close() {
        launch.drain();
    }
}
