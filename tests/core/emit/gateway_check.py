# Judges objects of the Gateway API: gateway_check.py CRDS FILE…. CRDS is the folder of the definitions; a FILE is a stream of
# YAML. Every document of a group that CRDS has must be valid under the schema of its version with unknown fields refused,
# the keys of map lists unique, and where npm's @bufbuild/cel is there (CEL=FOLDER with node_modules) its CEL rules must
# hold; other documents are counted as not judged. Exit 1 on an error.
import collections
import glob
import json
import os
import subprocess
import sys

import jsonschema
import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where it is

definitions = {}
for path in glob.glob(sys.argv[1] + "/*.crd.yaml"):
    crd = yaml.load(open(path), Loader)
    for version in crd["spec"]["versions"]:
        key = crd["spec"]["group"] + "/" + version["name"], crd["spec"]["names"]["kind"]
        definitions[key] = version["schema"]["openAPIV3Schema"]


def close(schema):
    if "properties" in schema and "additionalProperties" not in schema:
        schema["additionalProperties"] = False
    for below in schema.get("properties", {}).values():
        close(below)
    if isinstance(schema.get("items"), dict):
        close(schema["items"])
    return schema


for definition in definitions.values():
    close(definition)
    definition["properties"]["metadata"] = {"type": "object"}

failed = judged = 0
unjudged = collections.Counter()
cel = {}  # by rule and value: what many documents have in common is judged once


def complain(path, text):
    global failed
    failed += 1
    if failed < 20:
        print(f"{path}: {text}")


def walk(path, schema, value, where):
    """Applies defaults, looks at map lists, and collects what CEL has to judge."""
    if isinstance(value, dict):
        for name, below in schema.get("properties", {}).items():
            if name not in value and "default" in below:
                value[name] = json.loads(json.dumps(below["default"]))
            if name in value:
                walk(path, below, value[name], f"{where}/{name}")
    if isinstance(value, list):
        keys = schema.get("x-kubernetes-list-map-keys")
        if keys:
            seen = [json.dumps([item.get(key) for key in keys]) for item in value]
            if len(seen) != len(set(seen)):
                complain(path, f"{where}: two items of one {keys}")
        for index, item in enumerate(value):
            walk(path, schema["items"], item, f"{where}/{index}")
    for rule in schema.get("x-kubernetes-validations", []):
        if "oldSelf" not in rule["rule"]:
            place = {"where": f"{path}: {where}", "rule": rule["rule"], "self": value}
            cel.setdefault((rule["rule"], json.dumps(value, sort_keys=True)), place)


for path in sys.argv[2:]:
    for document in yaml.load_all(open(path), Loader):
        key = document.get("apiVersion"), document.get("kind")
        if key not in definitions:
            if "." in key[0].split("/")[0] and "k8s.io" not in key[0]:
                unjudged[key[1]] += 1
            continue
        judged += 1
        for error in jsonschema.Draft4Validator(definitions[key]).iter_errors(document):
            complain(path, f"{key[1]}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
        walk(path, definitions[key], document, key[1])

if os.environ.get("CEL"):
    run = subprocess.run(
        ["node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "cel_check.mjs"), os.environ["CEL"]],
        input=json.dumps(list(cel.values())), capture_output=True, text=True,
    )
    print(run.stdout + run.stderr, end="")
    failed += run.returncode != 0
print(f"judged {judged} documents, {failed} errors; not judged: {dict(unjudged)}")
sys.exit(1 if failed else 0)
