//! The rules of an item, without HTTP.

use service::items::{parse_item, Items, NewItem, MOST_NAME, MOST_QUANTITY};
use service::runtime::json::Json;

fn pointers(text: &str) -> Vec<String> {
    let problem = parse_item(&Json::parse(text).unwrap()).unwrap_err();
    assert_eq!(problem.status, 422);
    problem.errors.into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn valid_items() {
    let item = |name: &str, quantity| NewItem { name: name.to_string(), quantity };
    assert_eq!(parse_item(&Json::object([("name", "cup".into())])).unwrap(), item("cup", 0));
    let longest = "\u{1f375}".repeat(MOST_NAME);
    let value = Json::object([("name", longest.as_str().into()), ("quantity", MOST_QUANTITY.into())]);
    assert_eq!(parse_item(&value).unwrap(), item(&longest, MOST_QUANTITY));
}

#[test]
fn each_fault_has_its_pointer() {
    assert_eq!(pointers("[]"), [""]);
    assert_eq!(pointers("null"), [""]);
    assert_eq!(pointers("{}"), ["/name"]);
    assert_eq!(pointers(r#"{"name": "", "quantity": -1, "color": "red"}"#), ["/name", "/quantity", "/color"]);
    for quantity in ["true", "1.5", "\"1\"", "null", "1000001", "18446744073709551615"] {
        assert_eq!(pointers(&(r#"{"name": "cup", "quantity": "#.to_string() + quantity + "}")), ["/quantity"]);
    }
}

#[test]
fn items_are_kept() {
    let items = Items::default();
    let cup = items.add(NewItem { name: "cup".to_string(), quantity: 2 });
    assert_eq!(items.get(cup.id), Some(cup.clone()));
    assert_eq!(items.all(), vec![cup.clone()]);
    assert!(items.remove(cup.id));
    assert!(!items.remove(cup.id));
}
