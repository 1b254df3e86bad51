package service.runtime;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;

/** Settings from the environment, read once at the start; a wrong one ends the program with a sentence. */
public record Config(
        String host,
        int port,
        Log.Level logLevel,
        int threads, // requests at once; connections that wait cost none
        Duration drainDelay, // from SIGTERM, /readyz 503 all along, until no new connection is taken
        Duration drainTimeout) { // for what still runs then

    public static final int MAX_BODY_BYTES = 1 << 20;

    /** A variable that is missing or says something impossible. */
    public static final class Error extends Exception {
        private static final long serialVersionUID = 1;

        public Error(String message) {
            super(message);
        }
    }

    public static Config from(Map<String, String> environment) throws Error {
        return new Config(
                text(environment, "HOST", "127.0.0.1"),
                whole(environment, "PORT", 8080, 0, 65535),
                level(environment),
                whole(environment, "THREADS", 64, 1, 1000),
                seconds(environment, "DRAIN_DELAY_SECONDS", 1, 600),
                seconds(environment, "DRAIN_TIMEOUT_SECONDS", 20, 3600));
    }

    /** A variable such as INTERVAL_SECONDS=0.5. */
    public static Duration seconds(Map<String, String> environment, String variable, double usual) throws Error {
        return seconds(environment, variable, usual, 86400);
    }

    /** The address of another service, as `apigw run` and the deployment set it: STOCK_URL=http://127.0.0.1:9001. */
    public static URI serviceUrl(Map<String, String> environment, String variable) throws Error {
        String text = text(environment, variable, "").replaceAll("/+$", "");
        if (text.isEmpty()) {
            throw new Error(variable + " is not set: `apigw run` sets it for each of the service's `calls:`");
        }
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException error) {
            // told below
        }
        throw new Error(variable + " is \"" + text + "\": give an address such as http://127.0.0.1:9001");
    }

    private static String text(Map<String, String> environment, String variable, String usual) {
        String text = environment.getOrDefault(variable, "");
        return text.isEmpty() ? usual : text;
    }

    private static Log.Level level(Map<String, String> environment) throws Error {
        String word = text(environment, "LOG_LEVEL", "info");
        for (Log.Level level : Log.Level.values()) {
            if (level.word().equals(word)) {
                return level;
            }
        }
        throw new Error("LOG_LEVEL is \"" + word + "\": give one of debug, info, warning, error");
    }

    private static int whole(Map<String, String> environment, String variable, int usual, int least, int most)
            throws Error {
        String text = text(environment, variable, Integer.toString(usual));
        if (text.matches("[0-9]{1,9}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most) {
            return Integer.parseInt(text);
        }
        throw new Error(variable + " is \"" + text + "\": give a whole number from " + least + " to " + most);
    }

    private static Duration seconds(Map<String, String> environment, String variable, double usual, int most)
            throws Error {
        String text = text(environment, variable, Double.toString(usual));
        if (text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?") && Double.parseDouble(text) <= most) {
            return Duration.ofNanos(Math.round(Double.parseDouble(text) * 1e9));
        }
        throw new Error(variable + " is \"" + text + "\": give a number from 0 to " + most);
    }
}
