# Judges Compose files: compose_check.py SCHEMA FILE…, each valid against the Compose specification, with every service that
# another waits for there, and every config and secret that is granted declared. One with the gateway in it is ours: services
# keep the health check of their image there. Exit 1 on an error.
import json
import sys

import jsonschema
import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where it is

schema = json.load(open(sys.argv[1]))
schema["$schema"] = "http://json-schema.org/draft-07/schema#"
validator = jsonschema.Draft7Validator(schema)
failed = 0


def complain(path, text):
    global failed
    failed += 1
    if failed < 20:
        print(f"{path}: {text}")


for path in sys.argv[2:]:
    document = yaml.load(open(path), Loader)
    for error in validator.iter_errors(document):
        complain(path, f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    if "version" in document:
        complain(path, "version: is obsolete")
    ours = "gateway" in document["services"]
    for name, service in document["services"].items():
        for other, how in service.get("depends_on", {}).items():
            if other not in document["services"]:
                complain(path, f"{name} waits for {other}")
            if ours and how != {"condition": "service_started"}:
                complain(path, f"{name} waits for {other} otherwise")
        if ours and ("healthcheck" in service) != (name == "gateway"):
            complain(path, f"{name}: another health check than its image's")
        for kind in ("configs", "secrets"):
            for grant in service.get(kind, []):
                if grant["source"] not in document.get(kind, {}):
                    complain(path, f"{name} is granted {grant['source']}, which is not declared")
print(f"judged {len(sys.argv) - 2} files, {failed} errors")
sys.exit(1 if failed else 0)
