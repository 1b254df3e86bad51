package service.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counters, gauges and histograms in the Prometheus text format. Base units; counters end in `_total`. A label must take
 * few values: a route's template, never a path. Safe for many threads.
 */
public final class Metrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double[] SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

    private final List<Metric> all = new ArrayList<>();

    public Metrics() {
        gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.")
                .set(System.currentTimeMillis() / 1e3);
    }

    public Value counter(String name, String help, String... labels) {
        return add(new Value(name, help, "counter", labels));
    }

    public Value gauge(String name, String help, String... labels) {
        return add(new Value(name, help, "gauge", labels));
    }

    /** Counts seconds. */
    public Histogram histogram(String name, String help, String... labels) {
        return add(new Histogram(name, help, labels));
    }

    public synchronized String render() {
        StringBuilder out = new StringBuilder();
        for (Metric metric : all) {
            metric.render(out);
        }
        return out.toString();
    }

    private synchronized <M extends Metric> M add(M metric) {
        all.add(metric);
        return metric;
    }

    abstract static class Metric {
        private final String name;
        private final String help;
        private final String kind;
        private final String[] labels;

        Metric(String name, String help, String kind, String[] labels) {
            this.name = name;
            this.help = help;
            this.kind = kind;
            this.labels = labels.clone();
        }

        abstract void samples(StringBuilder out);

        synchronized void render(StringBuilder out) {
            out.append("# HELP ").append(name).append(' ').append(help).append('\n');
            out.append("# TYPE ").append(name).append(' ').append(kind).append('\n');
            samples(out);
        }

        /** `method="GET",route="/items"` */
        String key(String... values) {
            if (values.length != labels.length) {
                throw new IllegalArgumentException(name + " takes " + labels.length + " labels");
            }
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < values.length; i++) {
                String text = values[i].replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
                out.append(i > 0 ? "," : "").append(labels[i]).append("=\"").append(text).append('"');
            }
            return out.toString();
        }

        void sample(StringBuilder out, String suffix, String key, double number) {
            String text = number == Math.rint(number) && Math.abs(number) < 1e15
                    ? Long.toString((long) number)
                    : Double.toString(number);
            out.append(name).append(suffix).append(key.isEmpty() ? "" : "{" + key + "}").append(' ').append(text);
            out.append('\n');
        }
    }

    /** A counter or a gauge, with one number for each combination of its labels' values. */
    public static final class Value extends Metric {
        private final Map<String, Double> cells = new TreeMap<>();

        Value(String name, String help, String kind, String[] labels) {
            super(name, help, kind, labels);
            if (labels.length == 0) {
                cells.put("", 0.0);
            }
        }

        public synchronized void add(double amount, String... values) {
            cells.merge(key(values), amount, Double::sum);
        }

        public synchronized void set(double number, String... values) {
            cells.put(key(values), number);
        }

        @Override
        void samples(StringBuilder out) {
            cells.forEach((key, number) -> sample(out, "", key, number));
        }
    }

    public static final class Histogram extends Metric {
        private static final class Cell {
            private final long[] counts = new long[SECONDS.length + 1]; // one a bound, and what is above them
            private double sum;
        }

        private final Map<String, Cell> cells = new TreeMap<>();

        Histogram(String name, String help, String[] labels) {
            super(name, help, "histogram", labels);
        }

        public synchronized void observe(double seconds, String... values) {
            Cell cell = cells.computeIfAbsent(key(values), unused -> new Cell());
            int at = 0;
            while (at < SECONDS.length && seconds > SECONDS[at]) {
                at++;
            }
            cell.counts[at]++;
            cell.sum += seconds;
        }

        @Override
        void samples(StringBuilder out) {
            cells.forEach((key, cell) -> {
                long total = 0;
                for (int i = 0; i <= SECONDS.length; i++) {
                    total += cell.counts[i];
                    String bound = i < SECONDS.length ? Double.toString(SECONDS[i]) : "+Inf";
                    sample(out, "_bucket", key + (key.isEmpty() ? "" : ",") + "le=\"" + bound + "\"", total);
                }
                sample(out, "_sum", key, cell.sum);
                sample(out, "_count", key, total);
            });
        }
    }
}
