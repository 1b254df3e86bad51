//! openapi.json and the code say the same: paths, methods, and the rules of an item.

use std::collections::BTreeSet;

use service::items::parse_item;
use service::runtime::json::Json;

use crate::support::service;

fn document() -> Json {
    Json::parse(&std::fs::read_to_string("openapi.json").unwrap()).unwrap()
}

fn at<'a>(value: &'a Json, names: &[&str]) -> &'a Json {
    names.iter().fold(value, |value, name| value.get(name).unwrap())
}

fn members(value: &Json) -> &[(String, Json)] {
    match value {
        Json::Object(members) => members,
        _ => panic!("{value} is no object"),
    }
}

#[test]
fn paths_and_methods() {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, operations) in members(at(&document, &["paths"])) {
        for (method, _) in members(operations).iter().filter(|(method, _)| method != "parameters") {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert_eq!(described, service().router.routes());
}

#[test]
fn the_schema_of_a_new_item() {
    let document = document();
    let schema = at(&document, &["components", "schemas", "NewItem"]);
    assert_eq!(at(schema, &["required"]).to_string(), "[\"name\"]");
    assert_eq!(at(schema, &["additionalProperties"]), &Json::Bool(false));
    let limit = |field, name| at(schema, &["properties", field, name]).as_whole().unwrap();
    let (shortest, longest) = (limit("name", "minLength"), limit("name", "maxLength"));
    for (size, fits) in [(shortest - 1, false), (shortest, true), (longest, true), (longest + 1, false)] {
        let value = Json::object([("name", "x".repeat(size as usize).into())]);
        assert_eq!(parse_item(&value).is_ok(), fits, "{size}");
    }
    let (least, most) = (limit("quantity", "minimum"), limit("quantity", "maximum"));
    for (number, fits) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
        let value = Json::object([("name", "x".into()), ("quantity", number.into())]);
        assert_eq!(parse_item(&value).is_ok(), fits, "{number}");
    }
    let usual = parse_item(&Json::object([("name", "x".into())])).unwrap().quantity;
    assert_eq!(usual, limit("quantity", "default"));
}
