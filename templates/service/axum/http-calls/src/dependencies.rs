//! How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours.
//!
//! The request id and the trace of the call that is being answered go along by themselves.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::Router;
use futures_util::future::join_all;

use crate::runtime::body::json;
use crate::runtime::client::Client;
use crate::Clients;

pub fn routes(clients: Clients) -> Router {
    Router::new().route("/dependencies", get(states)).with_state(clients)
}

async fn states(State(clients): State<Clients>) -> Response {
    let found = join_all(clients.iter().map(|(_, client)| state(client))).await;
    let names = clients.iter().map(|(name, _)| *name);
    json(StatusCode::OK, &names.zip(found).collect::<BTreeMap<_, _>>())
}

async fn state(client: &Client) -> &'static str {
    match client.get("/healthz").await {
        Ok(reply) if reply.status == 200 => "up",
        _ => "down",
    }
}
