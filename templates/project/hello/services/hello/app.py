"""A greeting over HTTP: GET /hello, GET /hello/NAME, GET /healthz. Python's standard library only."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one write

    def do_GET(self):
        path = self.path.split("?", 1)[0]
        if path == "/healthz":
            self.answer(200, {"status": "ok"})
        elif path == "/hello":
            self.answer(200, {"message": "Hello, world!"})
        elif path.startswith("/hello/"):
            self.answer(200, {"message": f"Hello, {unquote(path[len('/hello/'):])}!"})
        else:
            self.answer(404, {"error": "not found"})

    def answer(self, status, value):
        body = json.dumps(value).encode() + b"\n"
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, template, *values):
        print(template % values, flush=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # connections that may wait to be taken; 5 are few


def main():
    server = Server(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Hello)
    # shutdown() waits for the loop to end, so it cannot run inside the signal handler, which interrupts the loop.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
