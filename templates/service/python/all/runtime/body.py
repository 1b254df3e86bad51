"""The body of a request, whole and bounded. Framing that could be read in two ways is refused (RFC 9112, 6.3)."""

from __future__ import annotations

from email.message import Message
from io import BufferedIOBase

from .problem import Problem

MOST_CHUNK_LINE = 256  # bytes of a chunk's size with its extensions
MOST_TRAILERS = 64


def read(stream: BufferedIOBase, headers: Message, limit: int) -> bytes:
    codings = headers.get_all("transfer-encoding") or []
    lengths = headers.get_all("content-length") or []
    if headers.defects or (codings and lengths) or len(lengths) > 1:
        raise Problem(400, "the request's header section is malformed")
    if codings:
        if [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise Problem(501, "of transfer codings only chunked is taken")
        return _read_chunked(stream, limit)
    if not lengths:
        return b""
    text = lengths[0].strip()
    if not (text.isascii() and text.isdigit()):
        raise Problem(400, "content-length is no number")
    if len(text) > 18 or int(text) > limit:
        raise _too_large(limit)
    return _exactly(stream, int(text))


def _read_chunked(stream: BufferedIOBase, limit: int) -> bytes:
    body = b""
    while True:
        size = _chunk_size(stream)
        if len(body) + size > limit:
            raise _too_large(limit)
        if size == 0:
            break
        body += _exactly(stream, size)
        if _exactly(stream, 2) != b"\r\n":
            raise Problem(400, "a chunk does not end where it says")
    for _ in range(MOST_TRAILERS):
        if stream.readline(65537) in (b"\r\n", b"\n", b""):
            return body
    raise Problem(400, "too many trailers")


def _chunk_size(stream: BufferedIOBase) -> int:
    line = stream.readline(MOST_CHUNK_LINE)
    digits = line.partition(b";")[0].strip()
    if not line.endswith(b"\n") or not digits or len(digits) > 15 or digits.strip(b"0123456789abcdefABCDEF"):
        raise Problem(400, "a chunk's size is no number")
    return int(digits, 16)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise Problem(400, "the body ends early")
    return data


def _too_large(limit: int) -> Problem:
    return Problem(413, f"a body has at most {limit} bytes")
