package runtime

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Problem is a refusal as application/problem+json (RFC 9457): return one from a handler.
type Problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []Fault `json:"errors,omitempty"`

	Allow string `json:"-"` // of a 405
}

// Fault is one of the things that are wrong with a body, at a JSON pointer into it.
type Fault struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

func NewProblem(status int, detail string, errors ...Fault) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Errors: errors}
}

func (problem *Problem) Error() string { return problem.Detail }

func (problem *Problem) write(w http.ResponseWriter) {
	if problem.Allow != "" {
		w.Header().Set("allow", problem.Allow)
	}
	writeJSON(w, problem.Status, "application/problem+json", problem)
}

// WriteJSON is the answer of a handler.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	writeJSON(w, status, "application/json", value)
	return nil
}

func writeJSON(w http.ResponseWriter, status int, mediaType string, value any) {
	text, err := json.Marshal(value)
	if err != nil { // a value that JSON cannot hold is a mistake in the handler; App tells it
		panic(err)
	}
	text = append(text, '\n')
	w.Header().Set("content-type", mediaType)
	w.Header().Set("content-length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that left reads nothing
}
