"""openapi.json and the code say the same: paths, methods, and the rules of an item."""

import json
from pathlib import Path
from typing import Any

from items import Item, NewItem
from tests.conftest import make

DOCUMENT = json.loads((Path(__file__).parent.parent / "openapi.json").read_text())


def operations(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(method, path) for path, of in document["paths"].items() for method in of if method != "parameters"}


def test_paths_and_methods() -> None:
    assert operations(DOCUMENT) == operations(make().api.openapi())


def test_schemas() -> None:
    described = DOCUMENT["components"]["schemas"]
    for model in (NewItem, Item):
        written, made = described[model.__name__], model.model_json_schema()
        assert written["required"] == made["required"]
        assert written.get("additionalProperties", True) == made.get("additionalProperties", True)
        assert set(written["properties"]) == set(made["properties"])
        for name, rules in made["properties"].items():
            for rule in ("type", "minLength", "maxLength", "minimum", "maximum", "default"):
                assert written["properties"][name].get(rule) == rules.get(rule), (name, rule)
