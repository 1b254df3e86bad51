#!/usr/bin/env python3
"""Judges what a gateway sends to Amazon Bedrock by AWS's own library, botocore.

    tests/clients/bedrock.py PROGRAM

A server that stands for Bedrock signs each request again with botocore, from what arrived and the secret, and answers
403 where the signature is another one; its streams are first decoded by botocore. The gateway is asked by a client of
OpenAI's dialect and by one of Anthropic's, plain and streamed, with a lasting key, a temporary one, and a model whose
id holds a slash; streams that break do so for them too. Closes with `N passed, M failed`; exit 77 with a printed skip without botocore.
"""
import datetime
import http.client
import http.server
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest.mock
import zlib

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
    import botocore.eventstream
except ImportError:
    print("SKIP bedrock: python3 has no botocore")
    sys.exit(77)

KEY, SECRET, TOKEN, REGION = "AKIDEXAMPLE", "a-secret-of-aws-that-is-never-sent", "temporary/token+==", "eu-central-1"


def signature(request):
    """The authorization that botocore gives the same request at the time that it says."""
    when = datetime.datetime.strptime(request["headers"]["x-amz-date"], "%Y%m%dT%H%M%SZ")

    class Then(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return when

        @classmethod
        def now(cls, tz=None):
            return when.replace(tzinfo=tz)

    temporary = "x-amz-security-token" in request["headers"]
    again = botocore.awsrequest.AWSRequest(
        method="POST", url=f"http://{request['headers']['host']}{request['path']}", data=request["body"],
        headers={"content-type": request["headers"]["content-type"]})
    credentials = botocore.credentials.Credentials(KEY, SECRET, TOKEN if temporary else None)
    auth = botocore.auth.SigV4Auth(credentials, "bedrock", REGION)
    if hasattr(botocore.auth, "get_current_datetime"):
        patched = unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: when)
    else:
        patched = unittest.mock.patch("botocore.auth.datetime.datetime", Then)
    with patched:
        auth.add_auth(again)
    return again.headers["Authorization"], when


def message(kind, payload, of="event"):
    headers = b""
    for name, value in ((f":{of}-type", kind), (":content-type", "application/json"), (":message-type", of)):
        headers += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    body = json.dumps(payload).encode()
    begin = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    begin += struct.pack(">I", zlib.crc32(begin)) + headers + body
    return begin + struct.pack(">I", zlib.crc32(begin))


STREAM = [message("messageStart", {"role": "assistant"}),
          message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "hel"}}),
          message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "lo"}}),
          message("contentBlockStop", {"contentBlockIndex": 0}),
          message("messageStop", {"stopReason": "end_turn"}),
          message("metadata", {"usage": {"inputTokens": 4, "outputTokens": 2, "totalTokens": 6}})]
DAMAGED = bytearray(STREAM[2])
DAMAGED[-10] ^= 1
# Each after the answer has begun: a sum that does not fit, an exception, an end in the middle of a message, no end.
FAULTS = {"damaged": [*STREAM[:2], bytes(DAMAGED), *STREAM[3:]],
          "exception": [*STREAM[:2], message("throttlingException", {"message": "slow down"}, "exception")],
          "halved": [*STREAM[:2], STREAM[2][:20]],
          "endless": STREAM[:3]}
REPLY = {"output": {"message": {"role": "assistant", "content": [{"text": "hello"}]}}, "stopReason": "end_turn",
         "usage": {"inputTokens": 4, "outputTokens": 2, "totalTokens": 6}}
seen = []


class Bedrock(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        request = {"path": self.path, "body": body, "headers": {k.lower(): v for k, v in self.headers.items()}}
        seen.append(request)
        expected, when = signature(request)
        late = abs((datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - when).total_seconds()) > 300
        request["fits"] = request["headers"].get("authorization") == expected and not late
        if not request["fits"]:
            request["expected"] = expected
            return self.answer(403, json.dumps({"message": "The signature does not match."}).encode())
        if self.path.endswith("/converse-stream"):
            stream = STREAM
            for word, faulty in FAULTS.items():
                if f"/model/{word}/" in self.path:
                    stream = faulty
            return self.answer(200, b"".join(stream), "application/vnd.amazon.eventstream")
        self.answer(200, json.dumps(REPLY).encode())

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask(port, path, body):
    """Status, text, and whether the body came to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    reply = connection.getresponse()
    try:
        return reply.status, reply.read().decode(), True
    except http.client.IncompleteRead as cut:
        return reply.status, cut.partial.decode(), False


def main():
    program = sys.argv[1]
    passed, failed = 0, []

    def check(label, holds, more=""):
        nonlocal passed
        if holds:
            passed += 1
        else:
            failed.append(f"{label}: {more}")

    buffer = botocore.eventstream.EventStreamBuffer()
    for piece in STREAM:
        buffer.add_data(piece)
    check("botocore reads the stream that is sent", [m.headers[":event-type"] for m in buffer][-1] == "metadata")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bedrock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    upstream, port = server.server_address[1], free_port()
    model = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"
    profile = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/x"
    key = "access_key_id: env:KEY_ID, secret_access_key: env:KEY_SECRET"
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "apigw.yaml")
        with open(config, "w", encoding="utf-8") as out:
            out.write(f"""apigw: 1
listen: 127.0.0.1:{port}
defaults: {{ auth: none }}
providers:
  lasting: {{ dialect: bedrock, url: "http://127.0.0.1:{upstream}", region: {REGION}, aws: {{ {key} }} }}
  temporary: {{ dialect: bedrock, url: "http://127.0.0.1:{upstream}", region: {REGION}, aws: {{ {key}, session_token: env:TOKEN }} }}
models:
  lasting: lasting/{model}
  temporary: temporary/{model}
  profile: lasting/{profile}
  damaged: lasting/damaged
  exception: lasting/exception
  halved: lasting/halved
  endless: lasting/endless
""")
        environment = dict(os.environ, KEY_ID=KEY, KEY_SECRET=SECRET, TOKEN=TOKEN)
        with open(os.path.join(folder, "log"), "wb") as log:
            gateway = subprocess.Popen([program, "serve", "-c", config], env=environment, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 10
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 0.2).close()
                    break
                except OSError:
                    if time.monotonic() > until or gateway.poll() is not None:
                        print(open(os.path.join(folder, "log"), encoding="utf-8").read(), file=sys.stderr)
                        print("tests/clients/bedrock.py: the gateway did not start", file=sys.stderr)
                        return 1
                    time.sleep(0.05)
            for name in ("lasting", "temporary", "profile"):
                for path, more in (("/v1/chat/completions", {}), ("/v1/messages", {"max_tokens": 9})):
                    for stream in (False, True):
                        label = f"{name} {path} {'streamed' if stream else 'plain'}"
                        body = {"model": name, "stream": stream, **more,
                                "messages": [{"role": "user", "content": "é \"x\""}]}
                        status, text, whole = ask(port, path, body)
                        check(f"{label}: signed as botocore does", seen[-1]["fits"], json.dumps(
                            {k: str(v) for k, v in seen[-1].items()}))
                        check(f"{label}: answered", whole and status == 200 and ("hello" in text or "lo" in text), text[:300])
                        check(f"{label}: no secret is sent", SECRET not in str(seen[-1]) and SECRET not in text)
            for word in FAULTS:
                for path, end in (("/v1/chat/completions", "[DONE]"), ("/v1/messages", "message_stop")):
                    status, text, whole = ask(port, path, {"model": word, "stream": True, "max_tokens": 9,
                                                           "messages": [{"role": "user", "content": "x"}]})
                    check(f"{word} {path}: what came is given, then an error, then a broken end",
                          status == 200 and "hel" in text and "error" in text and end not in text and not whole, text[-400:])
        finally:
            gateway.terminate()
            gateway.wait(20)
    server.shutdown()
    for line in failed:
        print("FAIL", line)
    print(f"bedrock: {passed} passed, {len(failed)} failed")
    return 1 if failed else 0


sys.exit(main())
