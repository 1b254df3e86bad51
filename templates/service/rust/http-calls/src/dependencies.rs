//! How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours.
//!
//! The request id and the trace of the call that is being answered go along by themselves.

use crate::runtime::client::Client;
use crate::runtime::http::{Response, Router};
use crate::runtime::json::Json;
use crate::Clients;

pub fn add_dependencies(router: &mut Router, clients: Clients) {
    router.add("GET", "/dependencies", move |_| {
        let states = clients.iter().map(|(name, client)| (name.to_string(), state(client).into()));
        Ok(Response::json(200, &Json::Object(states.collect())))
    });
}

fn state(client: &Client) -> &'static str {
    match client.get("/healthz") {
        Ok(reply) if reply.status == 200 => "up",
        _ => "down",
    }
}
