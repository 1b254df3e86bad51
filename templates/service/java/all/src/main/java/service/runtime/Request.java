package service.runtime;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * A request with its whole body.
 *
 * @param target path and query as sent
 * @param headers names in lower case
 * @param parameters of the path: {"id": "7"}
 */
public record Request(
        String method, String target, Map<String, String> headers, byte[] body, Map<String, String> parameters) {

    public Request(String method, String target, Map<String, String> headers, byte[] body) {
        this(method, target, headers, body, Map.of());
    }

    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    public String parameter(String name) {
        return parameters.get(name);
    }

    /** The body as JSON, as in {@link Json#read}, or a Problem that says what is wrong with it. */
    public Object json() {
        String mediaType = headers.getOrDefault("content-type", "").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!mediaType.equals("application/json")) {
            throw new Problem(415, "send the body as application/json");
        }
        try {
            // A decoder that is asked for by itself refuses what is no UTF-8.
            return Json.read(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
        } catch (CharacterCodingException error) {
            throw new Problem(400, "the body is not JSON: it is not UTF-8");
        } catch (Json.Malformed error) {
            throw new Problem(400, "the body is not JSON: " + error.getMessage());
        }
    }

    Request withParameters(Map<String, String> found) {
        return new Request(method, target, headers, body, found);
    }
}
