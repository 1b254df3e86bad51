package service.runtime;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.logging.structured.StructuredLogFormatter;

/** What is logged with SLF4J, by this service and by Spring, as the lines of Log. */
public final class JsonLines implements StructuredLogFormatter<ILoggingEvent> {
    @Override
    public String format(ILoggingEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                fields.put(pair.key, plain(pair.value));
            }
        }
        if (event.getThrowableProxy() != null) {
            fields.put("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return Log.line(levelOf(event), event.getFormattedMessage(), fields);
    }

    private static Object plain(Object value) {
        return value instanceof Number || value instanceof Boolean || value == null ? value : value.toString();
    }

    private static Log.Level levelOf(ILoggingEvent event) {
        return switch (event.getLevel().levelStr) {
            case "ERROR" -> Log.Level.ERROR;
            case "WARN" -> Log.Level.WARNING;
            case "INFO" -> Log.Level.INFO;
            default -> Log.Level.DEBUG;
        };
    }
}
