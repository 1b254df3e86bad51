//! Refusals as application/problem+json (RFC 9457): `Err(Problem::new(404, "there is none").into())` in a handler.

use std::fmt;

use super::http::Response;
use super::json::Json;

#[derive(Clone, Debug)]
pub struct Problem {
    pub status: u16,
    pub detail: String,
    pub errors: Vec<Fault>,
    pub allow: Option<String>, // of a 405
}

/// One of the things that are wrong with a body, at a JSON pointer into it.
#[derive(Clone, Debug)]
pub struct Fault {
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    pub fn new(status: u16, detail: impl Into<String>) -> Problem {
        Problem { status, detail: detail.into(), errors: Vec::new(), allow: None }
    }

    pub fn with_errors(mut self, errors: Vec<Fault>) -> Problem {
        self.errors = errors;
        self
    }

    pub fn response(&self) -> Response {
        let mut members = vec![
            ("type".to_string(), "about:blank".into()),
            ("title".to_string(), title(self.status).into()),
            ("status".to_string(), self.status.into()),
            ("detail".to_string(), self.detail.as_str().into()),
        ];
        if !self.errors.is_empty() {
            let fault = |fault: &Fault| {
                Json::object([("pointer", fault.pointer.as_str().into()), ("detail", fault.detail.as_str().into())])
            };
            members.push(("errors".to_string(), Json::List(self.errors.iter().map(fault).collect())));
        }
        let response = Response::json(self.status, &Json::Object(members));
        match &self.allow {
            Some(allow) => response.with("allow", allow),
            None => response,
        }
        .with("content-type", "application/problem+json")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}

/// The phrase of a status.
pub fn title(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}
