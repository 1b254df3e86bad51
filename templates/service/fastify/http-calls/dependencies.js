// How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours.
//
// The request id and the trace of the call that is being answered go along by themselves.

export function addDependencies(api, clients) {
  api.get("/dependencies", async () => {
    const states = Object.entries(clients).map(async ([name, client]) => [name, await state(client)]);
    return Object.fromEntries(await Promise.all(states));
  });
}

async function state(client) {
  try {
    return (await client.get("/healthz")).status === 200 ? "up" : "down";
  } catch {
    return "down";
  }
}
