# Builds folders of Kustomize and compares: kustomize_check.py KUBECTL FOLDER…. Each FOLDER holds base, perhaps
# overlays/other, and for either the objects that must come out, one JSON document a line, in base.jsonl and other.jsonl:
# ConfigMaps without their hash, no namespace. Exit 1 on a difference.
import concurrent.futures
import json
import os
import re
import subprocess
import sys

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where it is


def normal(documents):
    text = json.dumps(documents)
    for document in documents:
        name = document["metadata"]["name"]
        if document["kind"] == "ConfigMap" and re.search(r"-[a-z0-9]{10}$", name):
            text = text.replace(json.dumps(name), json.dumps(name[:-11]))
    documents = json.loads(text)
    for document in documents:
        document["metadata"].pop("namespace", None)
    return sorted(documents, key=lambda d: (d["kind"], d["metadata"]["name"]))


def judge(folder):
    """How many were built, and how many of these are not what they must be."""
    failed = built = 0
    for below, expected in (("base", "base.jsonl"), ("overlays/other", "other.jsonl")):
        if not os.path.isdir(f"{folder}/{below}"):
            continue
        run = subprocess.run([sys.argv[1], "kustomize", f"{folder}/{below}"], capture_output=True, text=True)
        built += 1
        if run.returncode != 0:
            failed += 1
            print(f"{folder}/{below}: {run.stderr[:500]}")
            continue
        got = normal(list(yaml.load_all(run.stdout, Loader)))
        want = normal([json.loads(line) for line in open(f"{folder}/{expected}")])
        if [d["kind"] + d["metadata"]["name"] for d in got] != [d["kind"] + d["metadata"]["name"] for d in want]:
            failed += 1
            print(f"{folder}/{below}: other objects")
            continue
        for one, other in zip(got, want):
            if one != other:
                failed += 1
                print(f"{folder}/{below}: {one['kind']}/{one['metadata']['name']} differs")
                print(json.dumps(one, sort_keys=True))
                print(json.dumps(other, sort_keys=True))
    return built, failed


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    built, failed = map(sum, zip(*pool.map(judge, sys.argv[2:])))
print(f"built {built}, {failed} errors")
sys.exit(1 if failed else 0)
