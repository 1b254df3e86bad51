package service.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A refusal as application/problem+json (RFC 9457): throw one anywhere in a handler. */
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(408, "Request Timeout"),
            Map.entry(409, "Conflict"),
            Map.entry(410, "Gone"),
            Map.entry(412, "Precondition Failed"),
            Map.entry(413, "Content Too Large"),
            Map.entry(415, "Unsupported Media Type"),
            Map.entry(422, "Unprocessable Content"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(501, "Not Implemented"),
            Map.entry(502, "Bad Gateway"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(504, "Gateway Timeout"));

    /** One of the things that are wrong with a body, at a JSON pointer into it. */
    public record Fault(String pointer, String detail) {}

    private final int status;
    private final transient List<Fault> errors;
    private final transient Map<String, String> headers;

    public Problem(int status, String detail) {
        this(status, detail, List.of(), Map.of());
    }

    public Problem(int status, String detail, List<Fault> errors) {
        this(status, detail, errors, Map.of());
    }

    public Problem(int status, String detail, List<Fault> errors, Map<String, String> headers) {
        super(detail);
        this.status = status;
        this.errors = errors;
        this.headers = headers;
    }

    public int status() {
        return status;
    }

    public List<Fault> errors() {
        return errors;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** The body, for Json. */
    Map<String, Object> value() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("type", "about:blank");
        value.put("title", TITLES.getOrDefault(status, "Error"));
        value.put("status", status);
        value.put("detail", getMessage());
        if (!errors.isEmpty()) {
            List<Object> list = new ArrayList<>();
            errors.forEach(fault -> list.add(Json.object("pointer", fault.pointer(), "detail", fault.detail())));
            value.put("errors", list);
        }
        return value;
    }
}
