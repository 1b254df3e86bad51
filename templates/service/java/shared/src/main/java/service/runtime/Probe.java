package service.runtime;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;

/** For the container's HEALTHCHECK: ends with 0 when /healthz of this very service answers 200. */
public final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
        try {
            int port = Config.from(System.getenv()).port();
            URL url = new URL("http", "127.0.0.1", port, "/healthz");
            HttpURLConnection connection = (HttpURLConnection) url.openConnection();
            connection.setConnectTimeout(2000);
            connection.setReadTimeout(2000);
            System.exit(connection.getResponseCode() == 200 ? 0 : 1);
        } catch (IOException | Config.Error away) {
            System.exit(1);
        }
    }
}
