# Asks a proxy what apigw's router would answer: proxy_check.py nginx|haproxy FOLDER. FOLDER holds apigw.conf or haproxy.cfg, in
# which the proxy listens at port 41001 and every service is at 41002 (both are replaced by free ones), and table.json, a
# list of {method, target, host, headers, status, echo, location}: the status that must come, and what the service must have
# seen (the route's header x-route, a space, the target) or the location of a redirect; null where there is none.
# Exit 1 on a difference.
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time

program, folder = sys.argv[1:]


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece: two wait for each other (Nagle)

    def answer(self):
        body = f"{self.headers.get('x-route')} {self.path}".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = answer

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


echo = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
threading.Thread(target=echo.serve_forever, daemon=True).start()
port = free_port()
name = {"nginx": "apigw.conf", "haproxy": "haproxy.cfg"}[program]
text = open(f"{folder}/{name}").read()
text = text.replace(":41001", f":{port}").replace(":41002", f":{echo.server_address[1]}")
open(f"{folder}/{name}", "w").write(text)
if program == "nginx":
    open(f"{folder}/nginx.conf", "w").write(
        f"pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; client_body_temp_path {folder}/a; "
        f"proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e; "
        f"variables_hash_max_size 4096; include {folder}/apigw.conf; }}"
    )
    command = ["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"]
    check, start = command + ["-t"], command + ["-g", "daemon off; master_process off;"]
else:
    command = ["haproxy", "-f", f"{folder}/haproxy.cfg"]
    check, start = command + ["-c"], command + ["-db"]

checked = subprocess.run(check, capture_output=True, text=True)
if checked.returncode != 0 or "[WARNING]" in checked.stderr or "[warn]" in checked.stderr:
    print(checked.stdout + checked.stderr)
    sys.exit(1)
log = open(f"{folder}/log", "w")
process = subprocess.Popen(start, stdout=log, stderr=log)
failed = asked = 0
try:
    for _ in range(200):
        if process.poll() is not None:
            print(open(f"{folder}/log").read()[-2000:])
            sys.exit(1)
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    for row in json.load(open(f"{folder}/table.json")):
        asked += 1
        head = f"{row['method']} {row['target']} HTTP/1.1\r\nhost: {row['host']}\r\nconnection: close\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in row["headers"].items())
        with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
            s.sendall((head + "content-length: 0\r\n\r\n").encode())
            data = b""
            while block := s.recv(65536):
                data += block
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1]) if lines[0] else 0
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        if "chunked" in headers.get("transfer-encoding", ""):
            body = body.split(b"\r\n")[1] if body else body
        got = status, body.decode() if row["echo"] and row["method"] != "HEAD" else None, headers.get("location")
        want = row["status"], row["echo"] if row["method"] != "HEAD" else None, row["location"]
        if got != want:
            failed += 1
            if failed < 10:
                print(row, "got", got)
finally:
    process.terminate()
    process.wait(10)
print(f"asked {asked}, {failed} differences")
if failed:
    print(open(f"{folder}/log").read()[-2000:])
sys.exit(1 if failed else 0)
