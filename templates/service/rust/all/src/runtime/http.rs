//! Requests, responses, and the table of routes. Knows no socket.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use super::json::Json;
use super::problem::Problem;

pub type Headers = BTreeMap<String, String>; // names in lower case

pub const UNMATCHED: &str = "unmatched"; // the route of a request that fits no template

#[derive(Clone, Default)]
pub struct Request {
    pub method: String,
    pub target: String, // path and query as sent
    pub headers: Headers,
    pub body: Vec<u8>,                        // whole
    pub parameters: BTreeMap<String, String>, // of the path: {"id": "7"}
}

impl Request {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A header; empty: there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A part of the path: "id" of `/items/{id}`.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The body as JSON, or a Problem that says what is wrong with it.
    pub fn json(&self) -> Result<Json, Problem> {
        let media_type = self.header("content-type").split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(415, "send the body as application/json"));
        }
        let text =
            std::str::from_utf8(&self.body).map_err(|_| Problem::new(400, "the body is not JSON: it is not UTF-8"))?;
        Json::parse(text).map_err(|reason| Problem::new(400, format!("the body is not JSON: {reason}")))
    }
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Response {
    pub fn empty(status: u16) -> Response {
        Response { status, headers: Headers::new(), body: Vec::new() }
    }

    pub fn json(status: u16, value: &Json) -> Response {
        Response { status, headers: Headers::new(), body: format!("{value}\n").into_bytes() }
            .with("content-type", "application/json")
    }

    /// Sets a header, whose name is in lower case.
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Response {
        self.headers.insert(name.to_string(), text.into());
        self
    }
}

/// What a handler returns: a response, or why not: a Problem, or any other error, which is a 500.
pub type Answer = Result<Response, Box<dyn Error + Send + Sync>>;
pub type Handler = Box<dyn Fn(&Request) -> Answer + Send + Sync>;

/// Templates such as `/items/{id}`; a segment in braces matches one segment of the path, decoded.
#[derive(Default)]
pub struct Router {
    routes: Vec<(String, BTreeMap<String, Handler>)>,
}

impl Router {
    /// A GET answers HEAD too.
    pub fn add(&mut self, method: &str, route: &str, handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) {
        let place = self.routes.iter().position(|(known, _)| known == route).unwrap_or_else(|| {
            self.routes.push((route.to_string(), BTreeMap::new()));
            self.routes.len() - 1
        });
        self.routes[place].1.insert(method.to_string(), Box::new(handler));
    }

    /// All of them as "GET /items/{id}".
    pub fn routes(&self) -> BTreeSet<String> {
        let named = |(route, methods): &(String, BTreeMap<String, Handler>)| -> Vec<String> {
            methods.keys().map(|method| format!("{method} {route}")).collect()
        };
        self.routes.iter().flat_map(named).collect()
    }

    /// The template that fits, and the handler; fills the request's parameters.
    pub fn find(&self, request: &mut Request) -> (&str, Result<&Handler, Problem>) {
        let path = request.path().to_string();
        for (route, methods) in &self.routes {
            if let Some(parameters) = matched(route, &path) {
                request.parameters = parameters;
                let method = if request.method == "HEAD" { "GET" } else { request.method.as_str() };
                return (route, methods.get(method).ok_or_else(|| not_allowed(&path, methods)));
            }
        }
        (UNMATCHED, Err(Problem::new(404, format!("there is no {path}"))))
    }
}

fn not_allowed(path: &str, methods: &BTreeMap<String, Handler>) -> Problem {
    let mut allowed: BTreeSet<&str> = methods.keys().map(String::as_str).collect();
    if allowed.contains("GET") {
        allowed.insert("HEAD");
    }
    let allow = allowed.into_iter().collect::<Vec<_>>().join(", ");
    let mut problem = Problem::new(405, format!("{path} takes {allow}"));
    problem.allow = Some(allow);
    problem
}

fn matched(route: &str, path: &str) -> Option<BTreeMap<String, String>> {
    if route.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (wanted, given) in route.split('/').zip(path.split('/')) {
        if wanted.starts_with('{') && !given.is_empty() {
            parameters.insert(wanted[1..wanted.len() - 1].to_string(), decoded(given));
        } else if wanted != given {
            return None;
        }
    }
    Some(parameters)
}

/// Percent-decoded; a broken escape stays as it is.
fn decoded(segment: &str) -> String {
    let raw = segment.as_bytes();
    let digit = |at: usize| raw.get(at).and_then(|byte| (*byte as char).to_digit(16));
    let mut bytes = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        match (raw[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
