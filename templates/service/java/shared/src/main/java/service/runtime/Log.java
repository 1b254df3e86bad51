package service.runtime;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** One JSON object a line, with the ids of the call that is being answered. Safe for many threads. */
public final class Log {
    public enum Level {
        DEBUG, INFO, WARNING, ERROR;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Level least;
    private final OutputStream out;

    public Log(Level least, OutputStream out) {
        this.least = least;
        this.out = out;
    }

    public static Log toStdout(Level least) {
        return new Log(least, new FileOutputStream(FileDescriptor.out));
    }

    public void debug(String message, Map<String, ?> fields) {
        write(Level.DEBUG, message, fields);
    }

    public void info(String message, Map<String, ?> fields) {
        write(Level.INFO, message, fields);
    }

    public void warning(String message, Map<String, ?> fields) {
        write(Level.WARNING, message, fields);
    }

    public void error(String message, Map<String, ?> fields) {
        write(Level.ERROR, message, fields);
    }

    /** With the stack of what was thrown. */
    public void error(String message, Throwable thrown) {
        StringWriter stack = new StringWriter();
        thrown.printStackTrace(new PrintWriter(stack));
        error(message, Map.of("error", stack.toString()));
    }

    void write(Level level, String message, Map<String, ?> fields) {
        if (level.compareTo(least) < 0) {
            return;
        }
        byte[] bytes = line(level, message, fields).getBytes(StandardCharsets.UTF_8);
        synchronized (out) {
            try {
                out.write(bytes);
            } catch (IOException error) {
                // where the log cannot be written, nobody can be told
            }
        }
    }

    static String line(Level level, String message, Map<String, ?> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", TIME.format(Instant.now()));
        line.put("level", level.word());
        line.put("message", message);
        Call call = Call.current();
        if (call != null) {
            line.put("request_id", call.requestId());
            line.put("trace_id", call.traceId());
            line.put("span_id", call.spanId());
        }
        line.putAll(fields);
        return Json.write(line) + "\n";
    }
}
