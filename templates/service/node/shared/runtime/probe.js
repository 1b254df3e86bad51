// For the container's HEALTHCHECK: `node runtime/probe.js` ends with 0 when /healthz answers 200.

const url = `http://127.0.0.1:${process.env.PORT || 8080}/healthz`;
try {
  const reply = await fetch(url, { signal: AbortSignal.timeout(2000) });
  process.exitCode = reply.status === 200 ? 0 : 1;
} catch {
  process.exitCode = 1;
}
