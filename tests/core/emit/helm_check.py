# Renders charts and compares: helm_check.py HELM FOLDER…. Each FOLDER holds a chart, perhaps with values-other.yaml, and for
# either the objects of `emit k8s`, one JSON document a line, in chart.jsonl and other.jsonl. The one difference that is
# meant: app.kubernetes.io/managed-by is Helm. A mistyped value must be refused. Exit 1 on a difference.
import concurrent.futures
import json
import os
import subprocess
import sys

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where it is

complaints = []


def complain(*text):
    complaints.append(text)
    if len(complaints) < 20:
        print(*text)


def by_name(documents):
    return {(d["kind"], d["metadata"]["name"]): d for d in documents}


def helm(*arguments):
    return subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True)


def as_written(value):
    """managed-by as `emit k8s` says it."""
    if isinstance(value, dict):
        return {
            key: "apigw" if key == "app.kubernetes.io/managed-by" and below == "Helm" else as_written(below)
            for key, below in value.items()
        }
    return [as_written(item) for item in value] if isinstance(value, list) else value


def judge(folder):
    """How many charts were rendered."""
    rendered = 0
    chart = folder + "/chart"
    lint = helm("lint", "--strict", "--kube-version", "1.99.0", chart)
    if lint.returncode != 0:
        complain(folder, lint.stdout + lint.stderr)
    typo = helm("template", "x", chart, "--kube-version", "1.99.0", "--set", "gateway.replica=3")
    if typo.returncode == 0 or "replica" not in typo.stderr:
        complain(folder, "a mistyped value is taken", typo.stderr)
    for values, expected in (("", "chart.jsonl"), ("values-other.yaml", "other.jsonl")):
        if not os.path.exists(f"{folder}/{expected}"):
            continue
        want = by_name([json.loads(line) for line in open(f"{folder}/{expected}")])
        spaces = {d["metadata"].get("namespace") for d in want.values()}
        space = spaces.pop()
        arguments = ["template", "x", chart, "--kube-version", "1.99.0", "-n", space or "default"]
        run = helm(*arguments, *(["-f", f"{chart}/{values}"] if values else []))
        rendered += 1
        if run.returncode != 0:
            complain(folder, values, run.stderr[:1000])
            continue
        got = by_name([as_written(d) for d in yaml.load_all(run.stdout, Loader) if d])
        if space is None:
            for document in got.values():
                del document["metadata"]["namespace"]
        for key in sorted(got.keys() ^ want.keys()):
            complain(folder, values, key, "only here" if key in got else "is missing")
        for key in sorted(got.keys() & want.keys()):
            if got[key] != want[key]:
                complain(folder, values, key, "differs")
                print(json.dumps(got[key], sort_keys=True))
                print(json.dumps(want[key], sort_keys=True))
    return rendered


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    rendered = sum(pool.map(judge, sys.argv[2:]))
print(f"rendered {rendered}, {len(complaints)} errors")
sys.exit(1 if complaints else 0)
