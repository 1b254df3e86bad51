//! openapi.json and the code say the same: paths, methods, and the rules of an item.

use serde_json::{json, Value};
use service::items::NewItem;

use crate::support::{send, service};

fn document() -> Value {
    serde_json::from_str(&std::fs::read_to_string("openapi.json").unwrap()).unwrap()
}

/// Axum tells no routes, so each path is asked what it takes.
#[tokio::test]
async fn paths_and_methods() {
    let app = service();
    for (path, operations) in document()["paths"].as_object().unwrap() {
        let refused = send(&app, "TRACE", &path.replace("{id}", "1"), &[], "").await;
        assert_eq!(refused.status, 405, "{path} is not there");
        let mut allowed: Vec<&str> = refused.header("allow").split(',').filter(|method| *method != "HEAD").collect();
        allowed.sort_unstable();
        let mut described: Vec<String> = operations.as_object().unwrap().keys().map(|key| key.to_uppercase()).collect();
        described.retain(|method| method != "PARAMETERS");
        described.sort();
        assert_eq!(described, allowed, "{path}");
    }
}

#[test]
fn the_schema_of_a_new_item() {
    let document = document();
    let schema = &document["components"]["schemas"]["NewItem"];
    assert_eq!(schema["required"], json!(["name"]));
    assert_eq!(schema["additionalProperties"], false);
    let limit = |field: &str, name: &str| schema["properties"][field][name].as_i64().unwrap();
    let (shortest, longest) = (limit("name", "minLength"), limit("name", "maxLength"));
    for (size, fits) in [(shortest - 1, false), (shortest, true), (longest, true), (longest + 1, false)] {
        let value = json!({"name": "x".repeat(size as usize)});
        assert_eq!(NewItem::try_from(value).is_ok(), fits, "{size}");
    }
    let (least, most) = (limit("quantity", "minimum"), limit("quantity", "maximum"));
    for (number, fits) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
        let value = json!({"name": "x", "quantity": number});
        assert_eq!(NewItem::try_from(value).is_ok(), fits, "{number}");
    }
    assert_eq!(NewItem::try_from(json!({"name": "x"})).unwrap().quantity, limit("quantity", "default"));
}
