"""Serves JSON on PORT with the standard library: a table of (method, pattern, function) and nothing else."""
import json
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def serve(routes):
    """Each function gets the pattern's groups and the body's JSON; it returns (status, value)."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            status, value = 404, {"error": "no such path"}
            for method, pattern, function in routes:
                match = re.fullmatch(pattern, self.path.split("?")[0])
                if match and method == self.command:
                    try:
                        status, value = function(*match.groups(), json.loads(body) if body else None)
                    except (ValueError, KeyError, TypeError) as problem:
                        status, value = 400, {"error": f"bad request: {problem}"}
                    break
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, text, *values):
            print(text % values, flush=True)

    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
