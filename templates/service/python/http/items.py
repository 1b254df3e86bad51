"""The example resource: items with a name and a quantity, kept in memory. Replace it with yours.

openapi.json describes what this file does; tests/test_openapi.py compares the two.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any

from runtime.http import Request, Response, Router
from runtime.problem import Problem

MOST_NAME = 100  # characters
MOST_QUANTITY = 1_000_000


@dataclass(frozen=True)
class NewItem:
    name: str
    quantity: int = 0


@dataclass(frozen=True)
class Item:
    id: int
    name: str
    quantity: int


class Items:
    """Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[int, Item] = {}
        self._last = 0

    def all(self) -> list[Item]:
        with self._lock:
            return list(self._items.values())

    def get(self, number: int) -> Item | None:
        with self._lock:
            return self._items.get(number)

    def add(self, new: NewItem) -> Item:
        with self._lock:
            self._last += 1
            item = self._items[self._last] = Item(self._last, new.name, new.quantity)
            return item

    def remove(self, number: int) -> bool:
        with self._lock:
            return self._items.pop(number, None) is not None


def parse_item(value: Any) -> NewItem:
    """Every fault at once, each with a JSON pointer to its place."""
    if not isinstance(value, dict):
        raise Problem(422, "the item is not valid", [{"pointer": "", "detail": "must be an object"}])
    errors = [
        *_name_faults(value),
        *_quantity_faults(value.get("quantity", 0)),
        *({"pointer": f"/{key}", "detail": "is not known"} for key in value if key not in ("name", "quantity")),
    ]
    if errors:
        raise Problem(422, "the item is not valid", errors)
    return NewItem(value["name"], value.get("quantity", 0))


def _name_faults(value: dict[str, Any]) -> list[dict[str, str]]:
    name = value.get("name")
    if "name" not in value:
        return [{"pointer": "/name", "detail": "is missing"}]
    if not isinstance(name, str) or not 1 <= len(name) <= MOST_NAME:
        return [{"pointer": "/name", "detail": f"must be a text of 1 to {MOST_NAME} characters"}]
    return []


def _quantity_faults(quantity: Any) -> list[dict[str, str]]:
    # In Python True is an int, in JSON it is no number.
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 <= quantity <= MOST_QUANTITY:
        return [{"pointer": "/quantity", "detail": f"must be a whole number from 0 to {MOST_QUANTITY}"}]
    return []


def add_items(router: Router, items: Items) -> None:
    def listed(_: Request) -> Response:
        return Response.of_json([asdict(item) for item in items.all()])

    def created(request: Request) -> Response:
        item = items.add(parse_item(request.json()))
        return Response.of_json(asdict(item), 201, {"location": f"/items/{item.id}"})

    def shown(request: Request) -> Response:
        item = items.get(_number(request))
        if item is None:
            raise _missing(request)
        return Response.of_json(asdict(item))

    def removed(request: Request) -> Response:
        if not items.remove(_number(request)):
            raise _missing(request)
        return Response(204)

    router.add("GET", "/items", listed)
    router.add("POST", "/items", created)
    router.add("GET", "/items/{id}", shown)
    router.add("DELETE", "/items/{id}", removed)


def _number(request: Request) -> int:
    text = request.parameters["id"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _missing(request)
    return int(text)


def _missing(request: Request) -> Problem:
    return Problem(404, f"there is no item {request.parameters['id']}")
