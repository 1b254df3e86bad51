"""What the shop sells."""
from shop_http import serve

PRODUCTS = {
    "1": {"id": 1, "name": "teapot", "price": 24.5},
    "2": {"id": 2, "name": "cup", "price": 6},
}

serve([
    ("GET", "/healthz", lambda body: (200, {"ok": True})),
    ("GET", "/products", lambda body: (200, list(PRODUCTS.values()))),
    ("GET", "/products/([^/]+)",
     lambda id, body: (200, PRODUCTS[id]) if id in PRODUCTS else (404, {"error": f"no product {id}"})),
])
