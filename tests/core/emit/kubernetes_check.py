# Judges objects of Kubernetes: kubernetes_check.py DEFINITIONS FILE…. A file is YAML, or JSON Lines when it ends in .jsonl.
#
# Every document must be valid against the definition of its group, version and kind, with unknown fields refused: the
# definitions themselves leave objects open. Prints each error, and how many documents were judged; exit 1 on an error.
import json
import re
import sys

import jsonschema
import yaml

QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"
definitions = json.load(open(sys.argv[1]))["definitions"]
kinds = {}
for name, definition in definitions.items():
    for kind in definition.get("x-kubernetes-group-version-kind", []):
        version = kind["version"] if not kind["group"] else kind["group"] + "/" + kind["version"]
        kinds[version, kind["kind"]] = name
    if "properties" in definition:
        definition["additionalProperties"] = False
definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = {"type": ["integer", "string"]}
definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {
    "type": ["number", "string"],
    "pattern": QUANTITY,
}
validators = {}


def validator(key):
    if key not in validators:
        schema = {"$ref": "#/definitions/" + kinds[key], "definitions": definitions}
        validators[key] = jsonschema.Draft4Validator(schema)
    return validators[key]


def documents(path):
    text = open(path).read()
    if path.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return list(yaml.safe_load_all(text))


def shape(value):
    """What the definitions can see of a value: two documents of one shape are judged alike, and judged once."""
    if isinstance(value, dict):
        return {key: shape(below) for key, below in value.items()}
    if isinstance(value, list):
        shapes = {json.dumps(shape(item), sort_keys=True) for item in value}
        return [json.loads(text) for text in sorted(shapes)]
    if isinstance(value, str):
        return "1" if re.match(QUANTITY, value) else "text"
    return value if isinstance(value, bool) else 1


failed = judged = 0
seen = set()
for path in sys.argv[2:]:
    for document in documents(path):
        judged += 1
        key = document.get("apiVersion"), document.get("kind")
        document = shape(document)
        form = json.dumps([key, document], sort_keys=True)
        if form in seen:
            continue
        seen.add(form)
        errors = (
            [f"unknown kind {key}"]
            if key not in kinds
            else [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator(key).iter_errors(document)]
        )
        for error in errors:
            failed += 1
            if failed < 20:
                print(f"{path}: {key[1]}: {error}")
print(f"judged {judged} documents, {failed} errors")
sys.exit(1 if failed else 0)
