#!/usr/bin/env python3
"""kube-score finds what the table of `apigw validate` says that its rules find.

    tests/oracles/kube_score.py APIGW KUBE_SCORE

Every rule that is on by default there is in the table, and each rule in the table refuses the bad manifest of a page that
stands for it, or one made of it where kube-score looks elsewhere. Ends with `N passed, N failed, N skipped`.
"""
import collections, json, re, subprocess, sys

apigw, score = sys.argv[1:]
SERVICE = """
---
apiVersion: v1
kind: Service
metadata: { name: orders }
spec: { selector: { app: orders }, ports: [{ port: 80 }] }
"""


def stateful(text):  # its rules are one each for Deployments and StatefulSets; the page has the first
    return text.replace("kind: Deployment", "kind: StatefulSet")


MADE = {
    # only of pods that a Service leads to
    "deployment-replicas": lambda text: text + SERVICE,
    "pod-probes": lambda text: text.replace("name: orders }", "name: orders, labels: { app: orders } }", 1) + SERVICE,
    # only a Service that is not there: its port is not compared
    "ingress-targets-service": lambda text: text.partition("---")[0],
    # of a disruption budget no version is too old
    "stable-version": lambda text: """apiVersion: extensions/v1beta1
kind: Deployment
metadata: { name: orders }
spec:
  selector: { matchLabels: { app: orders } }
  template:
    metadata: { labels: { app: orders } }
    spec: { containers: [{ name: app, image: "registry.shop.example/orders:1.4.2" }] }
""",
    # a number for a label is no manifest to it, and it knows no ConfigMap
    "label-values": lambda text: """apiVersion: v1
kind: Pod
metadata: { name: orders, labels: { version: "1 0" } }
spec: { containers: [{ name: app, image: "registry.shop.example/orders:1.4.2" }] }
""",
    "statefulset-has-host-podantiaffinity": stateful,
    "statefulset-has-poddisruptionbudget": stateful,
    "statefulset-pod-selector-labels-match-template-metadata-labels": stateful,
}


def finds(rule, manifest):
    said = subprocess.run([score, "score", "--enable-optional-test", rule, "-o", "json", "-"], input=manifest,
                          capture_output=True, text=True, timeout=60).stdout
    checks = [c for o in json.loads(said or "[]") or [] for c in o["checks"] if c["check"]["id"] == rule]
    return any(not c["skipped"] and c["grade"] < 10 for c in checks)


def bad_of(code):
    with open(f"core/diag/pages/{code}.md") as f:
        return re.search(r"^```yaml bad[^\n]*\n(.*?)^```", f.read(), re.S | re.M)[1]


rows = json.loads(subprocess.run([apigw, "validate", "--rules", "-o", "json"], capture_output=True, text=True).stdout)["items"]
codes = collections.defaultdict(list)
for row in rows:
    for rule in row["kube_score"]:
        codes[rule].append(row["code"])
listed = subprocess.run([score, "list"], capture_output=True, text=True).stdout.splitlines()
usual = [line.split(",")[0] for line in listed if line.rstrip().endswith(",default")]
failures = [f"{rule} is on by default and not in the table" for rule in usual if rule not in codes]
for rule, its in codes.items():
    made = MADE.get(rule, lambda text: text)
    if not any(finds(rule, made(bad_of(code))) for code in its):
        failures.append(f"{rule} finds nothing in {', '.join(its)}")
for failure in failures:
    print("FAIL kube-score:", failure)
print(f"{len(usual) + len(codes) - len(failures)} passed, {len(failures)} failed, 0 skipped")
sys.exit(bool(failures))
