package service.runtime;

import java.util.function.IntSupplier;

/** The end of the process at SIGTERM and SIGINT. */
public final class Shutdown {
    private Shutdown() {}

    /**
     * At the first signal `drain` runs, and the process ends with the status that it returns. The JVM itself would end
     * with 143, so it is halted: what else has to be done at the end belongs into `drain`, not into hooks of its own.
     */
    public static void onSignal(IntSupplier drain) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            int status = 1;
            try {
                status = drain.getAsInt();
            } finally {
                Runtime.getRuntime().halt(status);
            }
        }, "shutdown"));
    }

    /** Writes why the service cannot start and ends it. */
    public static void failStart(String name, Exception reason) {
        System.err.println(name + ": " + reason.getMessage());
        System.exit(2);
    }
}
