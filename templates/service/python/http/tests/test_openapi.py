"""openapi.json and the code say the same: paths, methods, and the rules of an item."""

import json
import unittest
from pathlib import Path

from items import parse_item
from main import build
from runtime.problem import Problem

DOCUMENT = json.loads((Path(__file__).parent.parent / "openapi.json").read_text())


class OpenApi(unittest.TestCase):
    def test_paths_and_methods(self) -> None:
        described = {
            (method.upper(), path)
            for path, operations in DOCUMENT["paths"].items()
            for method in operations
            if method != "parameters"
        }
{{#if calls}}
        self.assertEqual(described, build({}).router.routes())
{{else}}
        self.assertEqual(described, build().router.routes())
{{/if}}

    def test_the_schema_of_a_new_item(self) -> None:
        schema = DOCUMENT["components"]["schemas"]["NewItem"]
        name, quantity = schema["properties"]["name"], schema["properties"]["quantity"]
        self.assertEqual((schema["required"], schema["additionalProperties"]), (["name"], False))
        for size, fits in [
            (name["minLength"] - 1, False),
            (name["minLength"], True),
            (name["maxLength"], True),
            (name["maxLength"] + 1, False),
        ]:
            self.assertEqual(self.accepts({"name": "x" * size}), fits, size)
        for number, fits in [
            (quantity["minimum"] - 1, False),
            (quantity["minimum"], True),
            (quantity["maximum"], True),
            (quantity["maximum"] + 1, False),
        ]:
            self.assertEqual(self.accepts({"name": "x", "quantity": number}), fits, number)
        self.assertEqual(parse_item({"name": "x"}).quantity, quantity["default"])

    def accepts(self, value: object) -> bool:
        try:
            parse_item(value)
        except Problem:
            return False
        return True
