package service.runtime;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a handler answers. */
public final class Response {
    private final int status;
    private final byte[] body;
    private final Map<String, String> headers = new LinkedHashMap<>();

    public Response(int status, String body) {
        this.status = status;
        this.body = body.getBytes(StandardCharsets.UTF_8);
    }

    public static Response json(int status, Object value) {
        return new Response(status, Json.write(value) + "\n").with("content-type", "application/json");
    }

    static Response of(Problem problem) {
        Response response = json(problem.status(), problem.value()).with("content-type", "application/problem+json");
        problem.headers().forEach(response::with);
        return response;
    }

    public static Response empty(int status) {
        return new Response(status, "");
    }

    /** Sets a header, whose name is in lower case, and returns this response. */
    public Response with(String name, String text) {
        headers.put(name, text);
        return this;
    }

    public int status() {
        return status;
    }

    public Map<String, String> headers() {
        return headers;
    }

    byte[] bytes() {
        return body;
    }

    public String body() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
