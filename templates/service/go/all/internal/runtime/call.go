package runtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Call holds the ids of the call that is being answered: they go into the log and along with calls to other services.
// A request id is kept when a client or gateway sent a usable one. The trace is the client's (W3C Trace Context); the
// span is this service's own part of it.
type Call struct {
	RequestID, TraceID, SpanID, Flags, TraceState string
}

var (
	requestID   = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)
	traceParent = regexp.MustCompile(`^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$`)
)

type callKey struct{}

// NewCall has fresh ids, for work that no request began.
func NewCall() Call {
	return Call{RequestID: randomHex(16), TraceID: randomHex(16), SpanID: randomHex(8), Flags: "00"}
}

// CallFrom takes over what the headers of a request say.
func CallFrom(header http.Header) Call {
	call := NewCall()
	if id := header.Get("x-request-id"); requestID.MatchString(id) {
		call.RequestID = id
	}
	trace := traceParent.FindStringSubmatch(header.Get("traceparent"))
	if trace != nil && strings.Trim(trace[1], "0") != "" && strings.Trim(trace[2], "0") != "" {
		call.TraceID, call.Flags, call.TraceState = trace[1], trace[3], header.Get("tracestate")
	}
	return call
}

// Apply puts the ids into the headers of a call to another service.
func (call Call) Apply(header http.Header) {
	header.Set("x-request-id", call.RequestID)
	header.Set("traceparent", fmt.Sprintf("00-%s-%s-%s", call.TraceID, call.SpanID, call.Flags))
	if call.TraceState != "" {
		header.Set("tracestate", call.TraceState)
	}
}

// WithCall makes the ids known to logs and clients that are given the context.
func WithCall(ctx context.Context, call Call) context.Context {
	return context.WithValue(ctx, callKey{}, call)
}

func callOf(ctx context.Context) (Call, bool) {
	call, ok := ctx.Value(callKey{}).(Call)
	return call, ok
}

func randomHex(bytes int) string {
	buffer := make([]byte, bytes)
	if _, err := rand.Read(buffer); err != nil {
		panic(err) // the system has no randomness: nothing here would be safe
	}
	return hex.EncodeToString(buffer)
}
