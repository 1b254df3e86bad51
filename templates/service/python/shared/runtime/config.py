"""Settings from the environment, read once at the start; a wrong one ends the program with a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")


class ConfigError(Exception):
    """A variable that is missing or says something impossible."""


@dataclass(frozen=True)
class Config:
    host: str = "127.0.0.1"
    port: int = 8080
    log_level: str = "info"
    threads: int = 16  # requests at once; connections that wait cost none
    max_connections: int = 1000
    max_body_bytes: int = 1 << 20
    read_timeout: float = 10.0  # seconds for one read or write of a client
    keep_alive: float = 75.0  # seconds that a connection may be idle
    drain_delay: float = 1.0  # seconds from SIGTERM, /readyz 503 all along, until no new connection is taken
    drain_timeout: float = 20.0  # seconds from SIGTERM until what still runs is cut

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        level = environment.get("LOG_LEVEL", cls.log_level).lower()
        if level not in LOG_LEVELS:
            raise ConfigError(f"LOG_LEVEL is {level!r}: give one of {', '.join(LOG_LEVELS)}")
        return cls(
            host=environment.get("HOST", cls.host),
            port=int(_number(environment, "PORT", cls.port, 0, 65535)),
            log_level=level,
            threads=int(_number(environment, "THREADS", cls.threads, 1, 1000)),
            drain_delay=_number(environment, "DRAIN_DELAY_SECONDS", cls.drain_delay, 0, 600),
            drain_timeout=_number(environment, "DRAIN_TIMEOUT_SECONDS", cls.drain_timeout, 0, 3600),
        )


def service_url(environment: Mapping[str, str], variable: str) -> str:
    """The address of another service, as `apigw run` and the deployment set it: STOCK_URL=http://127.0.0.1:9001."""
    url = environment.get(variable, "").rstrip("/")
    if not url:
        raise ConfigError(f"{variable} is not set: `apigw run` sets it for each of the service's `calls:`")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"{variable} is {url!r}: give an address such as http://127.0.0.1:9001")
    return url


def seconds(environment: Mapping[str, str], variable: str, default: float) -> float:
    return _number(environment, variable, default, 0, 86400)


def _number(environment: Mapping[str, str], variable: str, default: float, least: float, most: float) -> float:
    text = environment.get(variable, "")
    if not text:
        return default
    try:
        number = float(text) if isinstance(default, float) else int(text)
    except ValueError:
        raise ConfigError(f"{variable} is {text!r}: give a number") from None
    if not least <= number <= most:
        raise ConfigError(f"{variable} is {text}: give a number from {least} to {most}")
    return number
