package runtime

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// Metrics are all counters, gauges and histograms of a process, in the Prometheus text format. Base units; counters end
// in `_total`. A label must take few values: a route's template, never a path.
type Metrics struct {
	mutex sync.Mutex
	all   []renderer
}

type renderer interface{ render(out *strings.Builder) }

func NewMetrics() *Metrics {
	metrics := &Metrics{}
	metrics.Gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.").
		Set(float64(time.Now().UnixMilli()) / 1000)
	return metrics
}

func (metrics *Metrics) Counter(name, help string, labels ...string) *Value {
	return metrics.value(name, help, "counter", labels)
}

func (metrics *Metrics) Gauge(name, help string, labels ...string) *Value {
	return metrics.value(name, help, "gauge", labels)
}

// Histogram counts seconds.
func (metrics *Metrics) Histogram(name, help string, labels ...string) *Histogram {
	histogram := &Histogram{name: name, help: help, labels: labels, cells: map[string]*cell{}}
	metrics.add(histogram)
	return histogram
}

func (metrics *Metrics) Render() string {
	metrics.mutex.Lock()
	defer metrics.mutex.Unlock()
	out := &strings.Builder{}
	for _, metric := range metrics.all {
		metric.render(out)
	}
	return out.String()
}

func (metrics *Metrics) value(name, help, kind string, labels []string) *Value {
	value := &Value{name: name, help: help, kind: kind, labels: labels, cells: map[string]float64{}}
	if len(labels) == 0 {
		value.cells[""] = 0
	}
	metrics.add(value)
	return value
}

func (metrics *Metrics) add(metric renderer) {
	metrics.mutex.Lock()
	defer metrics.mutex.Unlock()
	metrics.all = append(metrics.all, metric)
}

// Value is a counter or a gauge, with one number for each combination of its labels' values.
type Value struct {
	mutex            sync.Mutex
	name, help, kind string
	labels           []string
	cells            map[string]float64
}

func (value *Value) Add(amount float64, labels ...string) {
	value.mutex.Lock()
	defer value.mutex.Unlock()
	value.cells[pairs(value.labels, labels)] += amount
}

func (value *Value) Set(number float64, labels ...string) {
	value.mutex.Lock()
	defer value.mutex.Unlock()
	value.cells[pairs(value.labels, labels)] = number
}

func (value *Value) render(out *strings.Builder) {
	value.mutex.Lock()
	defer value.mutex.Unlock()
	head(out, value.name, value.help, value.kind)
	for _, key := range sorted(value.cells) {
		sample(out, value.name, key, value.cells[key])
	}
}

var bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

type cell struct {
	counts []uint64 // one a bound, and what is above them
	sum    float64
}

type Histogram struct {
	mutex      sync.Mutex
	name, help string
	labels     []string
	cells      map[string]*cell
}

func (histogram *Histogram) Observe(took time.Duration, labels ...string) {
	histogram.mutex.Lock()
	defer histogram.mutex.Unlock()
	key := pairs(histogram.labels, labels)
	if histogram.cells[key] == nil {
		histogram.cells[key] = &cell{counts: make([]uint64, len(bounds)+1)}
	}
	histogram.cells[key].counts[sort.SearchFloat64s(bounds, took.Seconds())]++
	histogram.cells[key].sum += took.Seconds()
}

func (histogram *Histogram) render(out *strings.Builder) {
	histogram.mutex.Lock()
	defer histogram.mutex.Unlock()
	head(out, histogram.name, histogram.help, "histogram")
	for _, key := range sorted(histogram.cells) {
		total, separator := uint64(0), ","
		if key == "" {
			separator = ""
		}
		for i, count := range histogram.cells[key].counts {
			bound := "+Inf"
			if i < len(bounds) {
				bound = number(bounds[i])
			}
			total += count
			sample(out, histogram.name+"_bucket", fmt.Sprintf(`%s%sle="%s"`, key, separator, bound), float64(total))
		}
		sample(out, histogram.name+"_sum", key, histogram.cells[key].sum)
		sample(out, histogram.name+"_count", key, float64(total))
	}
}

func head(out *strings.Builder, name, help, kind string) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func sample(out *strings.Builder, name, labels string, value float64) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(out, "%s%s %s\n", name, labels, number(value))
}

func number(value float64) string {
	return strconv.FormatFloat(value, 'g', -1, 64)
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// `method="GET",route="/items"`
func pairs(names, values []string) string {
	if len(names) != len(values) {
		panic(fmt.Sprintf("%d labels for %d names", len(values), len(names)))
	}
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf(`%s="%s"`, name, escape.Replace(values[i]))
	}
	return strings.Join(parts, ",")
}

func sorted[T any](cells map[string]T) []string {
	keys := make([]string, 0, len(cells))
	for key := range cells {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
