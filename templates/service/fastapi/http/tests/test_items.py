"""The resource over HTTP, and what is refused."""

import pytest
from fastapi.testclient import TestClient


def test_life_of_an_item(client: TestClient) -> None:
    created = client.post("/items", json={"name": "cup", "quantity": 2})
    assert (created.status_code, created.headers["location"]) == (201, "/items/1")
    assert created.json() == {"id": 1, "name": "cup", "quantity": 2}
    assert client.get("/items").json() == [created.json()]
    assert client.get("/items/1").json() == created.json()
    head = client.head("/items/1")
    assert (head.status_code, head.content) == (200, b"")
    assert client.delete("/items/1").status_code == 204
    assert client.get("/items/1").status_code == 404
    assert client.delete("/items/1").status_code == 404


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("status", "method", "path", "body", "headers"),
    [
        (400, "POST", "/items", "{", JSON),
        (400, "POST", "/items", "", JSON),
        (404, "GET", "/nothing", None, {}),
        (404, "GET", "/items/x", None, {}),
        (404, "GET", "/items/7", None, {}),
        (405, "PUT", "/items", "{}", JSON),
        (413, "POST", "/items", "x" * 1001, JSON),
        (415, "POST", "/items", "{}", {"content-type": "text/plain"}),
        (422, "POST", "/items", '{"name": ""}', JSON),
    ],
)
def test_problems(
    client: TestClient, status: int, method: str, path: str, body: str | None, headers: dict[str, str]
) -> None:
    answer = client.request(method, path, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    if status == 405:
        assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ([], [""]),
        ({}, ["/name"]),
        ({"name": "", "quantity": -1, "color": "red"}, ["/name", "/quantity", "/color"]),
        ({"name": "x" * 101}, ["/name"]),
        *(({"name": "cup", "quantity": quantity}, ["/quantity"]) for quantity in (True, 1.5, "1", None, 1_000_001)),
    ],
)
def test_each_fault_has_its_pointer(client: TestClient, value: object, pointers: list[str]) -> None:
    answer = client.post("/items", json=value)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
