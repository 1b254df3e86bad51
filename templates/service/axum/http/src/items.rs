//! The example resource: items with a name and a quantity, kept in memory. Replace it with yours.
//!
//! openapi.json describes what this file does; tests/all/openapi.rs compares the two.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Path, State};
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::Router;
use serde::Serialize;
use serde_json::Value;

use crate::runtime::body::{json, Valid};
use crate::runtime::problem::{Fault, Problem};

pub const MOST_NAME: usize = 100; // characters
pub const MOST_QUANTITY: i64 = 1_000_000;

#[derive(Clone, Debug, PartialEq)]
pub struct NewItem {
    pub name: String,
    pub quantity: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    pub id: i64,
    pub name: String,
    pub quantity: i64,
}

/// Safe for many tasks.
#[derive(Default)]
pub struct Items {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    items: BTreeMap<i64, Item>,
    last: i64,
}

impl Items {
    pub fn all(&self) -> Vec<Item> {
        self.lock().items.values().cloned().collect()
    }

    pub fn get(&self, id: i64) -> Option<Item> {
        self.lock().items.get(&id).cloned()
    }

    pub fn add(&self, made: NewItem) -> Item {
        let mut kept = self.lock();
        kept.last += 1;
        let item = Item { id: kept.last, name: made.name, quantity: made.quantity };
        kept.items.insert(item.id, item.clone());
        item
    }

    pub fn remove(&self, id: i64) -> bool {
        self.lock().items.remove(&id).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl TryFrom<Value> for NewItem {
    type Error = Problem;

    /// Every fault at once, each with a JSON pointer to its place.
    fn try_from(value: Value) -> Result<NewItem, Problem> {
        let Value::Object(members) = value else {
            return Err(invalid(vec![fault("", "must be an object")]));
        };
        let mut faults = Vec::new();
        let name = members.get("name").and_then(Value::as_str);
        let name = name.filter(|name| (1..=MOST_NAME).contains(&name.chars().count()));
        if !members.contains_key("name") {
            faults.push(fault("/name", "is missing"));
        } else if name.is_none() {
            faults.push(fault("/name", format!("must be a text of 1 to {MOST_NAME} characters")));
        }
        let quantity = members.get("quantity").map_or(Some(0), Value::as_i64);
        let quantity = quantity.filter(|quantity| (0..=MOST_QUANTITY).contains(quantity));
        if quantity.is_none() {
            faults.push(fault("/quantity", format!("must be a whole number from 0 to {MOST_QUANTITY}")));
        }
        for key in members.keys().filter(|key| *key != "name" && *key != "quantity") {
            faults.push(fault(&format!("/{key}"), "is not known"));
        }
        match (name, quantity) {
            (Some(name), Some(quantity)) if faults.is_empty() => Ok(NewItem { name: name.to_string(), quantity }),
            _ => Err(invalid(faults)),
        }
    }
}

fn fault(pointer: &str, detail: impl Into<String>) -> Fault {
    Fault { pointer: pointer.to_string(), detail: detail.into() }
}

fn invalid(faults: Vec<Fault>) -> Problem {
    Problem::new(422, "the item is not valid").with_errors(faults)
}

pub fn routes() -> Router {
    Router::new()
        .route("/items", get(list).post(create))
        .route("/items/{id}", get(show).delete(remove))
        .with_state(Arc::new(Items::default()))
}

async fn list(State(items): State<Arc<Items>>) -> Response {
    json(StatusCode::OK, &items.all())
}

async fn create(State(items): State<Arc<Items>>, Valid(made): Valid<NewItem>) -> Response {
    let item = items.add(made);
    ([(header::LOCATION, format!("/items/{}", item.id))], json(StatusCode::CREATED, &item)).into_response()
}

async fn show(State(items): State<Arc<Items>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let item = items.get(number(&id)).ok_or_else(|| missing(&id))?;
    Ok(json(StatusCode::OK, &item))
}

async fn remove(State(items): State<Arc<Items>>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    match items.remove(number(&id)) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(missing(&id)),
    }
}

/// 0, which no item has, for what is no number.
fn number(id: &str) -> i64 {
    id.parse().unwrap_or(0)
}

fn missing(id: &str) -> Problem {
    Problem::new(404, format!("there is no item {id}"))
}
