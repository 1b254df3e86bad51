// One JSON object a line on stdout, with the ids of the call that is being answered.

import { currentCall } from "./context.js";

const ORDER = { debug: 0, info: 1, warning: 2, error: 3 };

/** `write` takes a line; the tests give their own. */
export function createLog(least, write = (line) => process.stdout.write(line)) {
  const log = (level, message, fields) => {
    if (ORDER[level] < ORDER[least]) return;
    const call = currentCall();
    const ids = call && { request_id: call.requestId, trace_id: call.traceId, span_id: call.spanId };
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...ids, ...fields })}\n`);
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warning: (message, fields) => log("warning", message, fields),
    error: (message, fields) => log("error", message, fields),
  };
}
