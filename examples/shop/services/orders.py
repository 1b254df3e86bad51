"""Takes an order, {"product": 1, "quantity": 2}, and asks the catalogue for its price."""
import json
import os
import urllib.error
import urllib.request
from itertools import count

from shop_http import serve

numbers = count(1)


def order(body):
    try:
        with urllib.request.urlopen(f"{os.environ['CATALOGUE_URL']}/products/{int(body['product'])}", timeout=5) as reply:
            product = json.load(reply)
    except urllib.error.HTTPError as problem:
        return 422, {"error": f"the catalogue says {problem.code}"}
    quantity = int(body.get("quantity", 1))
    return 201, {"order": next(numbers), "product": product["name"], "quantity": quantity,
                 "total": quantity * product["price"]}


serve([
    ("GET", "/healthz", lambda body: (200, {"ok": True})),
    ("POST", "/orders", order),
])
