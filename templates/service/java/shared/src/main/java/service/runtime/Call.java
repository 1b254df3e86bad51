package service.runtime;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The call that is being answered: its ids go into the log and along with calls to other services.
 *
 * <p>A request id is kept when a client or gateway sent a usable one. The trace is the client's (W3C Trace Context); the
 * span is this service's own part of it. Work that is handed to another thread takes them along with `within`.
 */
public record Call(String requestId, String traceId, String spanId, String flags, String tracestate) {
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._~-]{1,128}");
    private static final Pattern TRACEPARENT =
            Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ThreadLocal<Call> CURRENT = new ThreadLocal<>();

    /** Fresh ids, for work that no request began. */
    public static Call fresh() {
        return new Call(hex(16), hex(16), hex(8), "00", "");
    }

    /** Takes over what the headers of a request say; their names are in lower case. */
    static Call from(Map<String, String> headers) {
        String requestId = headers.getOrDefault("x-request-id", "");
        Matcher trace = TRACEPARENT.matcher(headers.getOrDefault("traceparent", ""));
        boolean traced = trace.matches();
        return new Call(
                REQUEST_ID.matcher(requestId).matches() ? requestId : hex(16),
                traced ? trace.group(1) : hex(16),
                hex(8),
                traced ? trace.group(2) : "00",
                traced ? headers.getOrDefault("tracestate", "") : "");
    }

    /** null: this thread answers none. */
    public static Call current() {
        return CURRENT.get();
    }

    /** Runs `work` with these ids known to logs and clients. */
    public void within(Runnable work) {
        Call before = CURRENT.get();
        CURRENT.set(this);
        try {
            work.run();
        } finally {
            CURRENT.set(before);
        }
    }

    /** What a call to another service carries. */
    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-request-id", requestId);
        headers.put("traceparent", "00-" + traceId + "-" + spanId + "-" + flags);
        if (!tracestate.isEmpty()) {
            headers.put("tracestate", tracestate);
        }
        return headers;
    }

    private static String hex(int size) {
        byte[] bytes = new byte[size];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
