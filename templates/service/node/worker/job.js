// The job, to be replaced by yours: take one piece of work, do it, return. It runs again after INTERVAL_SECONDS.
//
// Throw when it cannot be done: it is logged, counted, and tried again after a growing pause. A job may be cut when the
// process ends, so write it such that doing it twice does no harm.

{{#if calls}}
export function createJob(log, clients) {
  return async () => {
    for (const [service, client] of Object.entries(clients)) {
      const { status } = await client.get("/healthz");
      log.info("asked", { service, status });
    }
  };
}
{{else}}
export function createJob(log) {
  return async () => {
    log.info("nothing to do");
  };
}
{{/if}}
