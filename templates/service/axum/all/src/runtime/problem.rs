//! Refusals as application/problem+json (RFC 9457): `Err(Problem::new(404, "there is none"))` in a handler.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::body;

#[derive(Clone, Debug)]
pub struct Problem {
    pub status: u16,
    pub detail: String,
    pub errors: Vec<Fault>,
}

/// One of the things that are wrong with a body, at a JSON pointer into it.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    pub fn new(status: u16, detail: impl Into<String>) -> Problem {
        Problem { status, detail: detail.into(), errors: Vec::new() }
    }

    pub fn with_errors(mut self, errors: Vec<Fault>) -> Problem {
        self.errors = errors;
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut value = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "detail": self.detail,
        });
        if !self.errors.is_empty() {
            value["errors"] = json!(self.errors);
        }
        body::of_type(status, "application/problem+json", &value)
    }
}
