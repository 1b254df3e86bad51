package runtime

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// Listen takes the port that the settings name.
func Listen(config Config) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort(config.Host, strconv.Itoa(config.Port)))
}

// Serve answers until `stop` is done and everything is drained: /readyz turns 503 and every answer closes its
// connection; after DrainDelay, when load balancers have noticed, no connection is taken any more; what runs is
// finished. An error says that something had to be cut, or that serving failed.
func Serve(stop context.Context, config Config, app *App, listener net.Listener) error {
	server := &http.Server{
		Handler:        app,
		ReadTimeout:    config.ReadTimeout,
		IdleTimeout:    config.KeepAlive,
		MaxHeaderBytes: 32 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	app.Log.Write(stop, Info, "listening on "+listener.Addr().String(), nil)
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	app.Log.Write(stop, Info, "draining", nil)
	app.Drain()
	time.Sleep(config.DrainDelay)
	limit, cancel := context.WithTimeout(context.Background(), config.DrainTimeout)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		return fmt.Errorf("cut what still ran: %w", err)
	}
	app.Log.Write(stop, Info, "stopped", nil)
	return nil
}

// StopSignals is done at the first SIGTERM or SIGINT.
func StopSignals() context.Context {
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	return stop
}

// Probe is for the container's HEALTHCHECK: whether /healthz of this very service answers 200.
func Probe(config Config) bool {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/healthz", config.Port))
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
