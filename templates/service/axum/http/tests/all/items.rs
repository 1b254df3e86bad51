//! The rules of an item, without HTTP.

use serde_json::{json, Value};
use service::items::{Items, NewItem, MOST_NAME, MOST_QUANTITY};

fn pointers(value: Value) -> Vec<String> {
    let problem = NewItem::try_from(value).unwrap_err();
    assert_eq!(problem.status, 422);
    problem.errors.into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn valid_items() {
    let item = |name: &str, quantity| NewItem { name: name.to_string(), quantity };
    assert_eq!(NewItem::try_from(json!({"name": "cup"})).unwrap(), item("cup", 0));
    let longest = "\u{1f375}".repeat(MOST_NAME);
    let value = json!({"name": longest, "quantity": MOST_QUANTITY});
    assert_eq!(NewItem::try_from(value).unwrap(), item(&longest, MOST_QUANTITY));
}

#[test]
fn each_fault_has_its_pointer() {
    assert_eq!(pointers(json!([])), [""]);
    assert_eq!(pointers(json!(null)), [""]);
    assert_eq!(pointers(json!({})), ["/name"]);
    assert_eq!(pointers(json!({"name": "", "quantity": -1, "color": "red"})), ["/name", "/quantity", "/color"]);
    for quantity in [json!(true), json!(1.5), json!("1"), json!(null), json!(1_000_001), json!(u64::MAX)] {
        assert_eq!(pointers(json!({"name": "cup", "quantity": quantity})), ["/quantity"]);
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
