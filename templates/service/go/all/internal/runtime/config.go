package runtime

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config is read from the environment once, at the start.
type Config struct {
	Host         string
	Port         int
	LogLevel     Level
	MaxBodyBytes int64
	ReadTimeout  time.Duration // for a request, from its first byte to the end of its body
	KeepAlive    time.Duration // that a connection may be idle
	DrainDelay   time.Duration // from SIGTERM, /readyz 503 all along, until no new connection is taken
	DrainTimeout time.Duration // for what still runs then
}

// ConfigFrom reads the settings; the error is a sentence about the first wrong one.
func ConfigFrom(getenv func(string) string) (Config, error) {
	config := Config{Host: "127.0.0.1", MaxBodyBytes: 1 << 20, ReadTimeout: 30 * time.Second, KeepAlive: 75 * time.Second}
	if host := getenv("HOST"); host != "" {
		config.Host = host
	}
	port := "8080"
	if text := getenv("PORT"); text != "" {
		port = text
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return config, fmt.Errorf("PORT is %q: give a number from 0 to 65535", port)
	}
	config.Port = int(number)
	if config.LogLevel, err = levelFrom(getenv("LOG_LEVEL")); err != nil {
		return config, err
	}
	if config.DrainDelay, err = Seconds(getenv, "DRAIN_DELAY_SECONDS", time.Second); err != nil {
		return config, err
	}
	config.DrainTimeout, err = Seconds(getenv, "DRAIN_TIMEOUT_SECONDS", 20*time.Second)
	return config, err
}

// Seconds reads a variable such as INTERVAL_SECONDS=0.5.
func Seconds(getenv func(string) string, variable string, usual time.Duration) (time.Duration, error) {
	text := getenv(variable)
	if text == "" {
		return usual, nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !(number >= 0 && number <= 86400) {
		return 0, fmt.Errorf("%s is %q: give a number from 0 to 86400", variable, text)
	}
	return time.Duration(number * float64(time.Second)), nil
}

// ServiceURL is the address of another service, as `apigw run` and the deployment set it: STOCK_URL=http://127.0.0.1:9001.
func ServiceURL(getenv func(string) string, variable string) (string, error) {
	text := strings.TrimRight(getenv(variable), "/")
	if text == "" {
		return "", fmt.Errorf("%s is not set: `apigw run` sets it for each of the service's `calls:`", variable)
	}
	parts, err := url.Parse(text)
	if err != nil || (parts.Scheme != "http" && parts.Scheme != "https") || parts.Host == "" {
		return "", fmt.Errorf("%s is %q: give an address such as http://127.0.0.1:9001", variable, text)
	}
	return text, nil
}
