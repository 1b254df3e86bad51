package runtime

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Level orders the lines of the log.
type Level int

const (
	Debug Level = iota
	Info
	Warning
	Error
)

var levels = []string{"debug", "info", "warning", "error"}

func levelFrom(word string) (Level, error) {
	if word == "" {
		return Info, nil
	}
	for level, name := range levels {
		if name == word {
			return Level(level), nil
		}
	}
	return Info, fmt.Errorf("LOG_LEVEL is %q: give one of debug, info, warning, error", word)
}

// Fields are what a line says beside its message.
type Fields map[string]any

// Log writes one JSON object a line, with the ids of the call that the context carries. Safe for many goroutines.
type Log struct {
	mutex sync.Mutex
	out   io.Writer
	least Level
}

func NewLog(out io.Writer, least Level) *Log {
	return &Log{out: out, least: least}
}

func (log *Log) Write(ctx context.Context, level Level, message string, fields Fields) {
	if level < log.least {
		return
	}
	line := map[string]any{
		"time":    time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		"level":   levels[level],
		"message": message,
	}
	if call, ok := callOf(ctx); ok {
		line["request_id"], line["trace_id"], line["span_id"] = call.RequestID, call.TraceID, call.SpanID
	}
	for name, value := range fields {
		line[name] = value
	}
	text, err := json.Marshal(line)
	if err != nil { // a field that JSON cannot hold
		text, _ = json.Marshal(map[string]string{"level": levels[level], "message": message, "error": err.Error()})
	}
	log.mutex.Lock()
	defer log.mutex.Unlock()
	_, _ = log.out.Write(append(text, '\n')) // where the log cannot be written, nobody can be told
}
