package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"
)

// ReadJSON is the body as JSON, numbers as json.Number, or a Problem that says what is wrong with it.
func ReadJSON(r *http.Request) (any, error) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("content-type"))
	if err != nil || mediaType != "application/json" {
		return nil, NewProblem(http.StatusUnsupportedMediaType, "send the body as application/json")
	}
	text, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, NewProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("a body has at most %d bytes", tooLarge.Limit))
	}
	if err != nil {
		return nil, NewProblem(http.StatusBadRequest, "the body ends early")
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, NewProblem(http.StatusBadRequest, "the body is not JSON: "+err.Error())
	}
	if _, err := decoder.Token(); err != io.EOF || !utf8.Valid(text) {
		return nil, NewProblem(http.StatusBadRequest, "the body is not one JSON value in UTF-8")
	}
	return value, nil
}
