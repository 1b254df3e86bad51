# Parity of what `emit nginx` and `emit haproxy` write with `apigw serve`: parity.py APIGW [nginx|haproxy…]
#
# One config, one table of requests. Each request is sent, byte for byte, to all three, which have the same upstream behind
# them; status, location, body, and what the upstream received (method, target, host, the route's headers, body) must be the
# same. What may differ stands in parity.differences with its reason; a line there that no request needs any more is a failure.
# Closes with `N passed, N failed, N skipped`.
import fnmatch
import hashlib
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
apigw, programs = os.path.abspath(sys.argv[1]), sys.argv[2:] or ["nginx", "haproxy"]
SEEN = ("x-added", "x-removed", "x-kept", "content-type", "content-length", "transfer-encoding", "accept", "range", "cookie")

CONFIG = """apigw: 1
listen: 127.0.0.1:%(front)d
defaults: { auth: none }
services:
  echo: http://127.0.0.1:%(echo)d
  based: http://127.0.0.1:%(echo)d/base
  slow: { url: "http://127.0.0.1:%(echo)d", timeout: 1s }
  gone: http://127.0.0.1:9
routes:
  GET /items: echo
  POST /items: echo
  GET /items/{id}: echo
  PUT /items/{id}: echo
  DELETE /items/{id}: echo
  /all/**: echo
  /based/**: based
  GET /exact: { to: echo, rewrite: /other/place }
  /moved/**: { to: echo, rewrite: "/new/{rest}" }
  GET /swap/{a}/{b}: { to: echo, rewrite: "/{b}/{a}" }
  /old/**: { redirect: "https://new.shop.example/{rest}" }
  GET /once/{id}: { redirect: { to: "/items/{id}", status: 307 } }
  /headers/**: { to: echo, set: { x-added: "yes" }, remove: [x-removed] }
  POST /small: { to: echo, body: 1kB }
  /slow/**: slow
  /gone/**: gone
  /z/**: { to: based, strip: /z }
  GET /a$b: echo
  GET /semi;x: echo
  GET /q'q: echo
  GET /a(b)+/{id}: echo
  GET /when: { to: echo, when: { query: { q: "z$" } } }
  POST /told: { to: echo, body: 1kB, response: { set: { x-told: "yes" } } }
"""


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: two wait for each other (Nagle)

    def answer(self):
        length = self.headers.get("content-length")
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(length)) if length else b""
        if "/sleep/" in self.path:
            time.sleep(float(self.path.split("/sleep/")[1].split("?")[0]))
        status = int(self.path.split("/status/")[1].split("?")[0][:3]) if "/status/" in self.path else 200
        seen = {"method": self.command, "target": self.path, "body": hashlib.sha256(body).hexdigest()[:16] if body else ""}
        # How a body is framed may be changed on the way; which headers arrive may not.
        seen["headers"] = {k: self.headers.get_all(k) for k in SEEN[:4] + SEEN[6:] if self.headers.get_all(k)}
        answer = json.dumps(seen, sort_keys=True).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-upstream", "echo")
        if status in (204, 304):
            self.end_headers()
            return
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def requests():
    """name → bytes; the name says what is shown."""
    out = {}

    def add(name, method, target, headers=(), body=None, raw=None):
        head = f"{method} {target} HTTP/1.1\r\nhost: api.shop.example\r\nconnection: close\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in headers)
        if body is not None and raw is None:
            head += f"content-length: {len(body)}\r\n"
        assert name not in out, name
        out[name] = head.encode("latin-1") + b"\r\n" + (raw if raw is not None else body or b"")

    paths = ["/items", "/items/", "/items/7", "/items/7/", "/items/7/parts", "/items/a%20b", "/items/%C3%A9", "/items/a%2Bb", "/items/a+b",
             "/items/%7E", "/items/~", "/items/a;b=c", "/items/a,b", "/items/a:b@c", "/items/$&'()*=!", "/items/%41", "/items/%zz", "/items/%",
             "/items/a%2Fb", "/items/a%5Cb", "/items/a%00b", "/items/%2e%2e", "/items/..", "/items/.", "/items//7", "//items", "/all", "/all/",
             "/all/a", "/all/a/", "/all/a/b/c/d", "/all/a//b", "/all/./b", "/all/../items", "/all/%2e/b", "/all/a%3Fb", "/all/a%23b", "/all/a%25b",
             "/all/a%20b/c%20d", "/all/%E2%82%AC", "/all/" + "x" * 200, "/all/" + "y" * 2000, "/based", "/based/", "/based/a", "/based/a%20b?x=1",
             "/exact", "/exact/", "/exact?x=1", "/moved", "/moved/", "/moved/a", "/moved/a/b?x=%20y", "/moved/a%20b", "/swap/1/2", "/swap/1/2?q=3",
             "/swap/a%20b/c", "/swap/1", "/old", "/old/", "/old/a/b?x=1", "/old/a%20b", "/once/7", "/once/7?x=1", "/once/a%20b", "/headers/a", "/none", "/",
             "/none/x", "/ITEMS", "/Items/7", "/items/status/404", "/all/status/404", "/all/status/500", "/all/status/503", "/all/status/204",
             "/all/status/304", "/all/status/201", "/all/status/418", "/gone/a", "/slow/sleep/0.1", "/slow/sleep/3",
             "/all/%0d%0aX", "/all/%1F", "/all/%7f", "/old/%0d%0ax", "/all/..;x/b", "/all/.;/b", "/all/%2E%2e;x", "/all/...", "/all/.a", "/all/a..",
             "/all/%c0%ae", "/all/%ff", "/all/%C3", "/all/%80", "/all/a%C3%A9%A9", "/all/%E2%82", "/all/%E2%82%AC%80", "/all/%E0%9F%BF",
             "/all/%ED%A0%80", "/all/%ED%9F%BF", "/all/%F0%9F%98%80", "/all/%F0%9F%98", "/all/%F0%8F%BF%BF", "/all/%F4%8F%BF%BF", "/all/%F4%90%80%80",
             "/all/%F5%80%80%80", "/all/%C3%A9%C3%A9%E2%82%AC%F0%9F%98%80%C3%A9", "/all/%e2%82%ac", "/all/%E2%82?x", "/all/a|b", '/all/a"b', "/all/a<b>",
             "/all/a^b", "/all/a`b", "/all/{a}", "/all/a\u00e9", "/all/a#b", "/all/a\\b", "/all/a%", "/all/a%2?x", "/all/[a]", "/z", "/z/", "/z/a", "/z?x=1",
             "/z/..;x/b", "/a$b", "/a%24b", "/semi;x", "/semi%3Bx", "/q'q", "/q%27q", "/a(b)+/1", "/a%28b%29+/1", "/when", "/when?q=z$", "/when?q=z%24",
             "/when?q=a&q=z$", "/when?q=z$&q=a", "/when?q=b", "/when?Q=z$", "/items/7?a#b", "/items/7?a=\u00e9"]
    for path in paths:
        add(f"GET {path[:60]}{'…' if len(path) > 60 else ''}", "GET", path)
    for path in ["/items", "/items/7", "/all/a", "/exact", "/old/a", "/none", "/moved/a", "/based/a", "/all/status/404", "/all/status/204"]:
        add(f"HEAD {path}", "HEAD", path)
        add(f"OPTIONS {path}", "OPTIONS", path)
    for path in ["/items", "/items/7", "/exact", "/swap/1/2", "/small", "/once/7", "/all/a", "/none"]:
        for method in ["POST", "PUT", "DELETE", "PATCH"]:
            add(f"{method} {path}", method, path, [("content-type", "application/json")], b'{"a":1}')
    add("OPTIONS *", "OPTIONS", "*")
    for method in ["PURGE", "QUERY", "get", "M-SEARCH"]:
        add(f"{method} /all/a", method, "/all/a")
        add(f"{method} /items", method, "/items")
    for query in ["", "a=1", "a=1&a=2", "a", "a=", "=a", "&&", "a=%20", "a=+", "a=%C3%A9", "a=b?c=d", "a=/../x", "a=%00", "a[]=1", "a={}", "%", "a=%zz",
                  "x" * 500, "y" * 3000]:
        for path in ["/items/7", "/all/a", "/moved/a"]:
            add(f"GET {path}?{query[:30]}{'…' if len(query) > 30 else ''}", "GET", f"{path}?{query}")
    for n in [1, 100, 1023, 1024, 1025, 5000]:
        add(f"POST /small of {n} bytes", "POST", "/small", [], b"x" * n)
    for n in [10, 5000]:
        add(f"POST /told of {n} bytes", "POST", "/told", [], b"x" * n)
    for n in [0, 1, 65536, 1 << 20]:
        add(f"POST /items of {n} bytes", "POST", "/items", [], b"y" * n)
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in [b"y" * n] if c) + b"0\r\n\r\n"
        add(f"POST /items of {n} bytes in chunks", "POST", "/items", [("transfer-encoding", "chunked")], raw=chunks)
    add("POST /items after 100-continue", "POST", "/items", [("expect", "100-continue")], b"z" * 10)
    add("POST /small too large after 100-continue", "POST", "/small", [("expect", "100-continue")], b"z" * 5000)
    add("POST /none after 100-continue", "POST", "/none", [("expect", "100-continue")], b"z" * 10)
    for n in [100, 1000, 4000, 7000]:
        add(f"a header of {n} bytes", "GET", "/all/a", [("x-kept", "h" * n)])
    add("a header of 40000 bytes", "GET", "/all/a", [("x-kept", "h" * 40000)])
    add("60 headers", "GET", "/all/a", [(f"x-h{i}", "v") for i in range(60)])
    add("a header twice", "GET", "/all/a", [("x-kept", "1"), ("x-kept", "2")])
    add("an empty header", "GET", "/all/a", [("x-kept", "")])
    add("a header of Latin-1", "GET", "/all/a", [("x-kept", "caf\u00e9")])
    add("headers set and removed", "GET", "/headers/a", [("x-added", "mine"), ("x-removed", "mine"), ("x-kept", "mine")])
    add("cookies", "GET", "/all/a", [("cookie", "a=1; b=2")])
    add("a range", "GET", "/all/a", [("range", "bytes=0-3")])
    add("connection names a header", "GET", "/all/a", [("connection", "x-kept"), ("x-kept", "hop")])
    add("te and trailer", "GET", "/all/a", [("te", "trailers"), ("trailer", "x-kept")])
    add("absolute form", "GET", "http://api.shop.example/items/7?x=1")
    add("absolute form of another host", "GET", "http://other.example/items/7")
    add("a length twice", "POST", "/items", [("content-length", "1"), ("content-length", "1")], raw=b"x")
    add("two lengths", "POST", "/items", [("content-length", "1"), ("content-length", "2")], raw=b"xy")
    add("length and chunks", "POST", "/items", [("content-length", "3"), ("transfer-encoding", "chunked")], raw=b"0\r\n\r\n")
    add("an unknown coding", "POST", "/items", [("transfer-encoding", "gzip")], raw=b"")
    add("a name with a space", "GET", "/all/a", [("x kept", "1")])
    out["no host"] = b"GET /items HTTP/1.1\r\nconnection: close\r\n\r\n"
    out["two hosts"] = b"GET /items HTTP/1.1\r\nhost: a.example\r\nhost: b.example\r\nconnection: close\r\n\r\n"
    out["HTTP/1.0"] = b"GET /items HTTP/1.0\r\n\r\n"
    out["HTTP/1.0 with host"] = b"GET /items/7 HTTP/1.0\r\nhost: api.shop.example\r\n\r\n"
    out["HTTP/3.0"] = b"GET /items HTTP/3.0\r\nhost: api.shop.example\r\nconnection: close\r\n\r\n"
    out["a folded header"] = b"GET /all/a HTTP/1.1\r\nhost: api.shop.example\r\nx-kept: a\r\n b\r\nconnection: close\r\n\r\n"
    out["bare line feeds"] = b"GET /all/a HTTP/1.1\nhost: api.shop.example\nconnection: close\n\n"
    out["a blank line in front"] = b"\r\nGET /all/a HTTP/1.1\r\nhost: api.shop.example\r\nconnection: close\r\n\r\n"
    out["a space in the target"] = b"GET /all/a b HTTP/1.1\r\nhost: api.shop.example\r\nconnection: close\r\n\r\n"
    out["no HTTP"] = b"hello\r\n\r\n"
    return out


def ask(port, request):
    """status, location, what the upstream saw; status 0 is a connection that ended without an answer."""
    data = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
            try:
                s.sendall(request)
            except OSError:
                pass  # refused before it was read; the answer may be there
            while block := s.recv(65536):
                data += block
    except OSError:
        pass
    while data.startswith(b"HTTP/1.1 100"):
        data = data.split(b"\r\n\r\n", 1)[1]
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not lines[0].startswith("HTTP/"):
        return {"status": 0}
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
    if headers.get("transfer-encoding") == "chunked":
        whole, rest = b"", body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            whole, rest = whole + rest[: int(size, 16)], rest[int(size, 16) + 2:]
        body = whole
    got = {"status": int(lines[0].split()[1])}
    if "location" in headers:
        got["location"] = headers["location"]
    if "x-told" in headers:
        got["x-told"] = headers["x-told"]
    if headers.get("x-upstream"):
        got["upstream"] = json.loads(body) if body else "without a body"
    return got


class Program:
    def __init__(self, name, folder, echo):
        self.port = free_port()
        os.makedirs(folder)
        open(f"{folder}/apigw.yaml", "w").write(CONFIG % {"front": self.port, "echo": echo})
        if name == "apigw":
            command = [apigw, "serve", "-c", f"{folder}/apigw.yaml"]
        else:
            subprocess.run([apigw, "emit", name, "-q", "-c", f"{folder}/apigw.yaml", "--to", f"{folder}/out"], check=True, stdout=subprocess.DEVNULL)
            file = f"{folder}/out/" + {"nginx": "apigw.conf", "haproxy": "haproxy.cfg"}[name]
            text = open(file).read()
            text = text.replace("0.0.0.0:8082", f"127.0.0.1:{free_port()}")
            text = re.sub(r"0\.0\.0\.0:%d|\*:%d|127\.0\.0\.1:%d" % ((self.port,) * 3), f"127.0.0.1:{self.port}", text)
            open(file, "w").write(text)
            if name == "nginx":
                open(f"{folder}/nginx.conf", "w").write(
                    f"pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; client_body_temp_path {folder}/a; "
                    f"proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e; "
                    f"variables_hash_max_size 4096; include {file}; }}")
                command = ["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-g", "daemon off; master_process off;"]
            else:
                command = ["haproxy", "-f", file, "-db"]
        self.log = open(f"{folder}/log", "w")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        for _ in range(200):
            if self.process.poll() is not None:
                sys.exit(f"{name} ended: " + open(f"{folder}/log").read()[-2000:])
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{name} does not listen at {self.port}")


def differences():
    """[(program, glob of request names, reason)]"""
    out = []
    for line in open(f"{here}/parity.differences", encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            program, name, reason = line.rstrip("\n").split(" | ")
            out.append((program.strip(), name.strip(), reason))
    return out


def main():
    passed = failed = skipped = 0
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    upstream.daemon_threads = True
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    folder = tempfile.mkdtemp(prefix="apigw-parity-")
    echo = upstream.server_address[1]
    table, running = requests(), []
    try:
        ours = Program("apigw", f"{folder}/apigw", echo)
        running.append(ours)
        want = {name: ask(ours.port, request) for name, request in table.items()}
        allowed = differences()
        used = set()
        for name in programs:
            if not shutil.which(name):
                print(f"SKIP {name}: needs Debian's {name}")
                skipped += 1
                continue
            proxy = Program(name, f"{folder}/{name}", echo)
            running.append(proxy)
            for shown, request in table.items():
                got = ask(proxy.port, request)
                if got == want[shown]:
                    passed += 1
                    continue
                row = next((d for d in allowed if d[0] in (name, "both") and fnmatch.fnmatchcase(shown, d[1])), None)
                if row:
                    used.add((name, row))
                    passed += 1
                    continue
                failed += 1
                print(f"FAIL {name}: {shown}\n  apigw {json.dumps(want[shown])}\n  {name} {json.dumps(got)}")
            for row in allowed:
                if row[0] in (name, "both") and (name, row) not in used:
                    failed += 1
                    print(f"FAIL {name}: no request differs any more as parity.differences says: {row[1]}")
    finally:
        for program in running:
            program.process.terminate()
        for program in running:
            program.process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(table)} requests")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


sys.exit(main())
