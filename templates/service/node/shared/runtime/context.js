// The call that is being answered: its ids go into the log and along with calls to other services.
//
// A request id is kept when a client or gateway sent a usable one. The trace is the client's (W3C Trace Context); the
// span is this service's own part of it.

import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

const REQUEST_ID = /^[A-Za-z0-9._~-]{1,128}$/;
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

const storage = new AsyncLocalStorage();

const hex = (bytes) => randomBytes(bytes).toString("hex");

/** Fresh ids, for work that no request began. */
export function newCall() {
  return { requestId: hex(16), traceId: hex(16), spanId: hex(8), flags: "00", tracestate: "" };
}

export function callFrom(headers) {
  const call = newCall();
  if (REQUEST_ID.test(headers["x-request-id"] ?? "")) call.requestId = headers["x-request-id"];
  const trace = TRACEPARENT.exec(headers.traceparent ?? "");
  if (trace) {
    [, call.traceId, call.flags] = trace;
    call.tracestate = headers.tracestate ?? "";
  }
  return call;
}

/** Runs `work` with the ids known to logs and clients, also behind every await. */
export function withCall(call, work) {
  return storage.run(call, work);
}

export function currentCall() {
  return storage.getStore();
}

/** What a call to another service carries. */
export function headersOf(call) {
  const headers = {
    "x-request-id": call.requestId,
    traceparent: `00-${call.traceId}-${call.spanId}-${call.flags}`,
  };
  if (call.tracestate) headers.tracestate = call.tracestate;
  return headers;
}
