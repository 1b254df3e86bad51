"""The rules of an item, without HTTP."""

import unittest

from items import MOST_NAME, MOST_QUANTITY, Items, NewItem, parse_item
from runtime.problem import Problem


class ParseItem(unittest.TestCase):
    def pointers(self, value: object) -> list[str]:
        with self.assertRaises(Problem) as caught:
            parse_item(value)
        self.assertEqual(caught.exception.status, 422)
        return [error["pointer"] for error in caught.exception.errors]

    def test_valid(self) -> None:
        self.assertEqual(parse_item({"name": "cup"}), NewItem("cup", 0))
        longest = {"name": "x" * MOST_NAME, "quantity": MOST_QUANTITY}
        self.assertEqual(parse_item(longest), NewItem("x" * MOST_NAME, MOST_QUANTITY))

    def test_each_fault_has_its_pointer(self) -> None:
        self.assertEqual(self.pointers([]), [""])
        self.assertEqual(self.pointers({}), ["/name"])
        self.assertEqual(self.pointers({"name": "", "quantity": -1, "color": "red"}), ["/name", "/quantity", "/color"])
        for quantity in (True, 1.5, "1", None, MOST_QUANTITY + 1):
            self.assertEqual(self.pointers({"name": "cup", "quantity": quantity}), ["/quantity"])


class ItemStore(unittest.TestCase):
    def test_add_get_remove(self) -> None:
        items = Items()
        cup = items.add(NewItem("cup", 2))
        self.assertEqual(items.get(cup.id), cup)
        self.assertEqual(items.all(), [cup])
        self.assertTrue(items.remove(cup.id))
        self.assertFalse(items.remove(cup.id))
        self.assertIsNone(items.get(cup.id))
