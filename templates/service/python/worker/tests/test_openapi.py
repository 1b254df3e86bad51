"""openapi.json names exactly the paths that the worker answers."""

import json
import unittest
from pathlib import Path

from main import build
from runtime.metrics import Metrics


class OpenApi(unittest.TestCase):
    def test_paths_and_methods(self) -> None:
        document = json.loads((Path(__file__).parent.parent / "openapi.json").read_text())
        described = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
        self.assertEqual(described, build(Metrics()).router.routes())
