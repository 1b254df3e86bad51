package service.runtime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Templates such as `/items/{id}`; a segment in braces matches one segment of the path, decoded. */
public final class Router {
    static final String UNMATCHED = "unmatched"; // the route of a request that fits no template

    /** Answers a request, or throws why not: a Problem, or anything else, which is a 500. */
    public interface Handler {
        Response answer(Request request) throws Exception;
    }

    /** What a request is for. */
    record Found(String route, Handler handler, Map<String, String> parameters) {}

    private final Map<String, Map<String, Handler>> routes = new LinkedHashMap<>();

    /** A GET answers HEAD too. All are added before the first request. */
    public void add(String method, String template, Handler handler) {
        routes.computeIfAbsent(template, unused -> new TreeMap<>()).put(method, handler);
    }

    /** All of them as "GET /items/{id}". */
    public SortedSet<String> routes() {
        SortedSet<String> all = new TreeSet<>();
        routes.forEach((template, methods) -> methods.keySet().forEach(method -> all.add(method + " " + template)));
        return all;
    }

    Found find(String method, String path) {
        for (Map.Entry<String, Map<String, Handler>> entry : routes.entrySet()) {
            Map<String, String> parameters = match(entry.getKey(), path);
            if (parameters == null) {
                continue;
            }
            Handler handler = entry.getValue().get(method.equals("HEAD") ? "GET" : method);
            return new Found(entry.getKey(), handler != null ? handler : notAllowed(path, entry.getValue()), parameters);
        }
        return new Found(UNMATCHED, refusing(new Problem(404, "there is no " + path)), Map.of());
    }

    private static Handler notAllowed(String path, Map<String, Handler> methods) {
        SortedSet<String> allowed = new TreeSet<>(methods.keySet());
        if (methods.containsKey("GET")) {
            allowed.add("HEAD");
        }
        String allow = String.join(", ", allowed);
        return refusing(new Problem(405, path + " takes " + allow, List.of(), Map.of("allow", allow)));
    }

    private static Handler refusing(Problem problem) {
        return request -> {
            throw problem;
        };
    }

    private static Map<String, String> match(String template, String path) {
        String[] wanted = template.split("/", -1);
        String[] given = path.split("/", -1);
        if (wanted.length != given.length) {
            return null;
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].startsWith("{") && !given[i].isEmpty()) {
                parameters.put(wanted[i].substring(1, wanted[i].length() - 1), decoded(given[i]));
            } else if (!wanted[i].equals(given[i])) {
                return null;
            }
        }
        return parameters;
    }

    /** Percent-decoded; a broken escape stays as it is. */
    private static String decoded(String segment) {
        List<Byte> bytes = new ArrayList<>();
        byte[] raw = segment.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            int high = i + 2 < raw.length && raw[i] == '%' ? Character.digit(raw[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(raw[i + 2], 16);
            bytes.add(low < 0 ? raw[i] : (byte) (high * 16 + low));
            i += low < 0 ? 0 : 2;
        }
        byte[] out = new byte[bytes.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = bytes.get(i);
        }
        return new String(out, StandardCharsets.UTF_8);
    }
}
