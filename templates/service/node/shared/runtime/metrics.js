// Counters, gauges and histograms in the Prometheus text format. Base units; counters end in `_total`.
//
// A label must take few values: a route's template, never a path.

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const escaped = (text) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

class Metric {
  constructor(name, help, kind, labels) {
    Object.assign(this, { name, help, kind, labels });
    this.cells = new Map(); // by the labels as text: method="GET",route="/items"
  }

  key(values) {
    if (values.length !== this.labels.length) throw new Error(`${this.name} takes ${this.labels.length} labels`);
    return this.labels.map((label, i) => `${label}="${escaped(String(values[i]))}"`).join(",");
  }

  render() {
    const keys = [...this.cells.keys()].sort();
    return [
      `# HELP ${this.name} ${this.help}`,
      `# TYPE ${this.name} ${this.kind}`,
      ...keys.flatMap((key) => this.samples(key, this.cells.get(key))),
    ];
  }

  sample(suffix, key, value) {
    return `${this.name}${suffix}${key ? `{${key}}` : ""} ${value}`;
  }
}

class Value extends Metric {
  constructor(name, help, kind, labels) {
    super(name, help, kind, labels);
    if (labels.length === 0) this.cells.set("", 0);
  }

  add(amount, ...values) {
    const key = this.key(values);
    this.cells.set(key, (this.cells.get(key) ?? 0) + amount);
  }

  set(number, ...values) {
    this.cells.set(this.key(values), number);
  }

  samples(key, number) {
    return [this.sample("", key, number)];
  }
}

class Histogram extends Metric {
  observe(number, ...values) {
    const key = this.key(values);
    const cell = this.cells.get(key) ?? { counts: new Array(SECONDS.length + 1).fill(0), sum: 0 };
    const at = SECONDS.findIndex((bound) => number <= bound);
    cell.counts[at < 0 ? SECONDS.length : at] += 1;
    cell.sum += number;
    this.cells.set(key, cell);
  }

  samples(key, { counts, sum }) {
    let total = 0;
    const buckets = counts.map((count, i) => {
      total += count;
      return this.sample("_bucket", `${key}${key && ","}le="${SECONDS[i] ?? "+Inf"}"`, total);
    });
    return [...buckets, this.sample("_sum", key, sum), this.sample("_count", key, total)];
  }
}

/** All metrics of a process, in the order in which they were made. */
export class Metrics {
  #all = [];

  constructor() {
    const started = Date.now() / 1000 - process.uptime();
    this.gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.").set(started);
  }

  counter(name, help, labels = []) {
    return this.#add(new Value(name, help, "counter", labels));
  }

  gauge(name, help, labels = []) {
    return this.#add(new Value(name, help, "gauge", labels));
  }

  histogram(name, help, labels = []) {
    return this.#add(new Histogram(name, help, "histogram", labels));
  }

  render() {
    return this.#all.flatMap((metric) => metric.render()).map((line) => `${line}\n`).join("");
  }

  #add(metric) {
    this.#all.push(metric);
    return metric;
  }
}
