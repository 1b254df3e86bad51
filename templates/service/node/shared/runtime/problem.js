// Refusals as application/problem+json (RFC 9457): throw a Problem anywhere in a handler.

import { STATUS_CODES } from "node:http";

export class Problem extends Error {
  /** `errors`, of a 422: [{ pointer: "/name", detail: "is missing" }] */
  constructor(status, detail, { errors = [], headers = {} } = {}) {
    super(detail);
    Object.assign(this, { status, errors, headers });
  }

  toJSON() {
    const { status, errors } = this;
    const value = { type: "about:blank", title: STATUS_CODES[status], status, detail: this.message };
    return errors.length > 0 ? { ...value, errors } : value;
  }
}
