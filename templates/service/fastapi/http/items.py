"""The example resource: items with a name and a quantity, kept in memory. Replace it with yours.

openapi.json describes what this file does; tests/test_openapi.py compares the two.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from runtime.problem import Problem


class NewItem(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: str = Field(min_length=1, max_length=100)
    quantity: int = Field(default=0, ge=0, le=1_000_000)


class Item(BaseModel):
    id: int
    name: str
    quantity: int


Number = Annotated[int, Path(alias="id", ge=0, le=2**63 - 1)]


class Items:
    """Of one event loop: a handler that is a plain function and not `async def` would need a lock."""

    def __init__(self) -> None:
        self._items: dict[int, Item] = {}
        self._last = 0

    def all(self) -> list[Item]:
        return list(self._items.values())

    def get(self, number: int) -> Item:
        if number not in self._items:
            raise Problem(404, f"there is no item {number}")
        return self._items[number]

    def add(self, new: NewItem) -> Item:
        self._last += 1
        item = self._items[self._last] = Item(id=self._last, name=new.name, quantity=new.quantity)
        return item

    def remove(self, number: int) -> None:
        del self._items[self.get(number).id]


def add_items(api: FastAPI, items: Items) -> None:
    router = APIRouter(prefix="/items", tags=["items"])

    @router.get("")
    async def listed() -> list[Item]:
        return items.all()

    @router.post("", status_code=201)
    async def created(new: NewItem, response: Response) -> Item:
        item = items.add(new)
        response.headers["location"] = f"/items/{item.id}"
        return item

    @router.get("/{id}")
    async def shown(number: Number) -> Item:
        return items.get(number)

    @router.delete("/{id}", status_code=204)
    async def removed(number: Number) -> None:
        items.remove(number)

    api.include_router(router)
