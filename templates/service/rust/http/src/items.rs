//! The example resource: items with a name and a quantity, kept in memory. Replace it with yours.
//!
//! openapi.json describes what this file does; tests/all/openapi.rs compares the two.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::runtime::http::{Request, Response, Router};
use crate::runtime::json::Json;
use crate::runtime::problem::{Fault, Problem};

pub const MOST_NAME: usize = 100; // characters
pub const MOST_QUANTITY: i64 = 1_000_000;

#[derive(Clone, Debug, PartialEq)]
pub struct NewItem {
    pub name: String,
    pub quantity: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: i64,
    pub name: String,
    pub quantity: i64,
}

impl Item {
    fn json(&self) -> Json {
        Json::object([("id", self.id.into()), ("name", self.name.as_str().into()), ("quantity", self.quantity.into())])
    }
}

/// Safe for many threads.
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

/// Every fault at once, each with a JSON pointer to its place.
pub fn parse_item(value: &Json) -> Result<NewItem, Problem> {
    let members = match value {
        Json::Object(members) => members,
        _ => return Err(invalid(vec![fault("", "must be an object")])),
    };
    let mut faults = Vec::new();
    let name = value.get("name").and_then(Json::as_str).filter(|name| (1..=MOST_NAME).contains(&name.chars().count()));
    if value.get("name").is_none() {
        faults.push(fault("/name", "is missing"));
    } else if name.is_none() {
        faults.push(fault("/name", format!("must be a text of 1 to {MOST_NAME} characters")));
    }
    let quantity = value.get("quantity").map_or(Some(0), Json::as_whole);
    let quantity = quantity.filter(|quantity| (0..=MOST_QUANTITY).contains(quantity));
    if quantity.is_none() {
        faults.push(fault("/quantity", format!("must be a whole number from 0 to {MOST_QUANTITY}")));
    }
    for (key, _) in members {
        if key != "name" && key != "quantity" {
            faults.push(fault(&format!("/{key}"), "is not known"));
        }
    }
    match (name, quantity) {
        (Some(name), Some(quantity)) if faults.is_empty() => Ok(NewItem { name: name.to_string(), quantity }),
        _ => Err(invalid(faults)),
    }
}

fn fault(pointer: &str, detail: impl Into<String>) -> Fault {
    Fault { pointer: pointer.to_string(), detail: detail.into() }
}

fn invalid(faults: Vec<Fault>) -> Problem {
    Problem::new(422, "the item is not valid").with_errors(faults)
}

pub fn add_items(router: &mut Router, items: Arc<Items>) {
    let all = items.clone();
    router.add("GET", "/items", move |_| {
        Ok(Response::json(200, &Json::List(all.all().iter().map(Item::json).collect())))
    });
    let all = items.clone();
    router.add("POST", "/items", move |request| {
        let item = all.add(parse_item(&request.json()?)?);
        Ok(Response::json(201, &item.json()).with("location", format!("/items/{}", item.id)))
    });
    let all = items.clone();
    router.add("GET", "/items/{id}", move |request| {
        let item = all.get(id_of(request)).ok_or_else(|| missing(request))?;
        Ok(Response::json(200, &item.json()))
    });
    router.add("DELETE", "/items/{id}", move |request| {
        if !items.remove(id_of(request)) {
            return Err(missing(request).into());
        }
        Ok(Response::empty(204))
    });
}

/// 0, which no item has, for what is no number.
fn id_of(request: &Request) -> i64 {
    request.parameter("id").parse().unwrap_or(0)
}

fn missing(request: &Request) -> Problem {
    Problem::new(404, format!("there is no item {}", request.parameter("id")))
}
