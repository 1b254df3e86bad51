package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const mostReply = 8 << 20 // bytes of an answer

// Client calls another service: with a time-out, and the ids of the call that is being answered go along. What fails
// is a *Problem, 502 or 504, so a handler may return it as it is.
type Client struct {
	base string
	http *http.Client
}

// Reply is an answer, read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func NewClient(base string) *Client {
	return &Client{base: base, http: &http.Client{
		Timeout:       2 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (client *Client) Get(ctx context.Context, path string) (Reply, error) {
	return client.Do(ctx, http.MethodGet, path, nil)
}

// Do sends `value` as JSON unless it is nil.
func (client *Client) Do(ctx context.Context, method, path string, value any) (Reply, error) {
	var body io.Reader
	if value != nil {
		text, err := json.Marshal(value)
		if err != nil {
			return Reply{}, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, client.base+path, body)
	if err != nil {
		return Reply{}, err
	}
	call, ok := callOf(ctx)
	if !ok {
		call = NewCall()
	}
	call.Apply(request.Header)
	request.Header.Set("accept", "application/json")
	if body != nil {
		request.Header.Set("content-type", "application/json")
	}
	return client.send(request)
}

func (client *Client) send(request *http.Request) (Reply, error) {
	answer, err := client.http.Do(request)
	if err != nil {
		return Reply{}, problemOf(request, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostReply+1))
	if err != nil {
		return Reply{}, problemOf(request, err)
	}
	if len(text) > mostReply {
		return Reply{}, NewProblem(http.StatusBadGateway, fmt.Sprintf("%s answered with more than %d bytes", request.URL.Host, mostReply))
	}
	return Reply{answer.StatusCode, answer.Header, text}, nil
}

func problemOf(request *http.Request, err error) *Problem {
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		return NewProblem(http.StatusGatewayTimeout, request.URL.Host+" did not answer in time")
	}
	return NewProblem(http.StatusBadGateway, request.URL.Host+" could not be called")
}
