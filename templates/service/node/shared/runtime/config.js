// Settings from the environment, read once at the start; a wrong one ends the program with a sentence.

const LOG_LEVELS = ["debug", "info", "warning", "error"];

/** A variable that is missing or says something impossible. */
export class ConfigError extends Error {}

export function configFrom(environment) {
  const logLevel = environment.LOG_LEVEL || "info";
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new ConfigError(`LOG_LEVEL is "${logLevel}": give one of ${LOG_LEVELS.join(", ")}`);
  }
  const port = number(environment, "PORT", 8080, 65535);
  if (!Number.isInteger(port)) throw new ConfigError(`PORT is ${port}: give a whole number`);
  return {
    host: environment.HOST || "127.0.0.1",
    port,
    logLevel,
    maxBodyBytes: 1 << 20,
    requestTimeout: 30, // seconds for a request, from its first byte to the end of its body
    keepAlive: 75, // seconds that a connection may be idle
    drainDelay: number(environment, "DRAIN_DELAY_SECONDS", 1, 600), // from SIGTERM until no new connection is taken
    drainTimeout: number(environment, "DRAIN_TIMEOUT_SECONDS", 20, 3600), // for what still runs then
  };
}

export function seconds(environment, variable, usual) {
  return number(environment, variable, usual, 86400);
}

/** The address of another service, as `apigw run` and the deployment set it: STOCK_URL=http://127.0.0.1:9001. */
export function serviceUrl(environment, variable) {
  const text = (environment[variable] || "").replace(/\/+$/, "");
  if (text === "") {
    throw new ConfigError(`${variable} is not set: \`apigw run\` sets it for each of the service's \`calls:\``);
  }
  if (!/^https?:\/\/[^/]/.test(text) || !parses(text)) {
    throw new ConfigError(`${variable} is "${text}": give an address such as http://127.0.0.1:9001`);
  }
  return text;
}

function parses(text) {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}

function number(environment, variable, usual, most) {
  const text = environment[variable];
  if (!text) return usual;
  const value = Number(text);
  if (!(value >= 0 && value <= most)) {
    throw new ConfigError(`${variable} is "${text}": give a number from 0 to ${most}`);
  }
  return value;
}
