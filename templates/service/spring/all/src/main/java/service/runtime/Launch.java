package service.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * The service from its start to its graceful end.
 *
 * <p>Draining: /readyz turns 503 and every answer closes its connection; after `drainDelay`, when load balancers have
 * noticed, no connection is taken any more; what runs is finished.
 */
public final class Launch {
    private static final Logger LOG = LoggerFactory.getLogger(Launch.class);

    private final ConfigurableApplicationContext context;
    private final Config config;
    private final int port;

    private Launch(ConfigurableApplicationContext context, Config config) {
        this.context = context;
        this.config = config;
        this.port = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    }

    /** `beans` are added by their types. */
    @SafeVarargs
    public static <T> Launch start(Class<?> application, Config config, T... beans) {
        SpringApplication spring = new SpringApplication(application);
        spring.setRegisterShutdownHook(false); // drain() closes it
        spring.setDefaultProperties(properties(config));
        spring.addInitializers(context -> {
            for (T bean : beans) {
                register((GenericApplicationContext) context, bean);
            }
        });
        Launch launch = new Launch(spring.run(), config);
        LOG.info("listening on {}:{}", config.host(), launch.port);
        return launch;
    }

    public int port() {
        return port;
    }

    /** All of them as "GET /items/{id}". */
    public List<String> routes() {
        List<String> routes = new ArrayList<>();
        context.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .keySet()
                .forEach(mapping -> mapping.getMethodsCondition()
                        .getMethods()
                        .forEach(method -> mapping.getPatternValues().forEach(path -> routes.add(method + " " + path))));
        return routes;
    }

    /** The exit status. */
    public int drain() {
        context.getBean(Health.class).drain();
        LOG.info("draining");
        try {
            Thread.sleep(config.drainDelay().toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        context.close();
        LOG.info("stopped");
        return 0;
    }

    @SuppressWarnings("unchecked")
    private static <T> void register(GenericApplicationContext context, T bean) {
        context.registerBean((Class<T>) bean.getClass(), () -> bean);
    }

    private static Map<String, Object> properties(Config config) {
        String level = config.logLevel() == Log.Level.WARNING ? "warn" : config.logLevel().word();
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("server.address", config.host());
        properties.put("server.port", config.port());
        properties.put("server.tomcat.threads.max", config.threads());
        properties.put("spring.lifecycle.timeout-per-shutdown-phase", config.drainTimeout().toMillis() + "ms");
        properties.put("logging.level.root", config.logLevel() == Log.Level.ERROR ? "error" : "warn");
        properties.put("logging.level.service", level);
        return properties;
    }
}
