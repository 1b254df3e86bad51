#!/usr/bin/env python3
"""Published OpenAPI documents become configs and come back.

    tests/oracles/documents.py APIGW FOLDER [SPEC_VALIDATOR]

Each document below FOLDER is imported as a config that is valid, its operations judging requests where the gateway can
read the document (8 MiB); and what `emit openapi` then says of them differs from the document only in what the gateway
adds or keeps to itself. SPEC_VALIDATOR: where Python finds openapi_spec_validator; what it accepts of the documents it
accepts of what comes back. Ends with `N passed, N failed, N skipped`.
"""
import json, os, re, shutil, subprocess, sys, tempfile

apigw, folder, validator = os.path.realpath(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
sys.path[:0] = [validator] if validator else []
judge = None
if validator:
    import yaml
    from openapi_spec_validator import validate as judge

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

passed = failed = 0

# What changes between a document and what comes back: (noun, change, words of the field), the gateway's own: its title,
# address and keys, and what it answers by itself.
EXPECTED = [
    ("document", "changed", "title|version|description|summary|termsOfService|contact|license|servers|tags|externalDocs"),
    ("operation", "changed", "security"),
    ("operation", "added", r"answer (400|401|415|422)( application/problem\+json)?"),
    ("operation", "added", "answer default"),  # where a document names no answer
]
# Of Swagger 2, said in the words of OpenAPI 3.1.
EXPECTED_OF_SWAGGER = [
    ("operation", "changed", r"query parameter '.*' (collectionFormat|explode|style)"),
    ("operation", "removed", r"formData parameter '.*'"),
    ("operation", "added", "body"),
    ("operation", "added", r"answer \d+ \S+"),  # of whose media types the document has examples alone
    ("document", "changed", "host|basePath|schemes"),
]
READABLE = 8 << 20  # bytes of a document that a config may name
# Operations that no route names: their path or their schemas are not to be had by the gateway (each a finding of import).
UNNAMED = r"(answer .*|description|summary|tags|deprecated|body.*|path|(query|path|header|cookie) parameter .*|)"


def run(*argv, cwd):
    return subprocess.run([apigw, *argv], cwd=cwd, capture_output=True, text=True, timeout=120)


def unexpected(changes, named, swagger):
    for change in changes:
        field = change.get("field", "")
        row = (change["noun"], change["change"])
        expected = EXPECTED + (EXPECTED_OF_SWAGGER if swagger else [])
        if any(e[:2] == row and re.fullmatch(e[2], field) for e in expected):
            continue
        # One that had none has one.
        if row == ("operation", "changed") and field == "operationId" and not change.get("before"):
            continue
        if change["noun"] == "operation" and change["name"] not in named and re.fullmatch(UNNAMED, field):
            continue
        yield f"{change['name']}: {change['change']} {field} ({change.get('reason', '')})"


def back(document, work):
    given = os.path.join(work, "given" + os.path.splitext(document)[1])
    shutil.copy(document, given)
    name = os.path.basename(given)
    for argv in (["import", "openapi", "-q", name, "--to", "apigw.yaml", "--force"], ["validate", "-q", "apigw.yaml"]):
        done = run(*argv, cwd=work)
        if done.returncode != 0:
            return f"{argv[0]}: {done.stdout}{done.stderr}"
    if os.path.getsize(given) > READABLE:
        return None
    emitted = run("emit", "openapi", "-q", "-c", "apigw.yaml", cwd=work)
    if emitted.returncode != 0:
        return "emit: " + emitted.stderr
    with open(os.path.join(work, "back.yaml"), "w") as f:
        f.write(emitted.stdout)
    config = open(os.path.join(work, "apigw.yaml")).read()
    named = {m[1] for m in re.finditer(r"^  ([A-Z]+ \S+): \{.*operation: ", config, re.M)}
    different = run("diff", "-o", "json", name, "back.yaml", cwd=work)
    if different.returncode not in (0, 1):
        return "diff: " + different.stderr
    with open(given, errors="replace") as f:
        swagger = re.search(r'^ *"?swagger"?:', f.read(1 << 20), re.M) is not None
    wrong = list(unexpected(json.loads(different.stdout)["changes"], named, swagger))
    if wrong:
        return "\n".join(wrong[:10])
    if judge and named:
        try:
            judge(yaml.load(open(given), loader))
        except Exception:
            return None  # it is not accepted as it was published
        try:
            judge(yaml.load(emitted.stdout, loader))
        except Exception as e:
            return "not accepted: " + str(e)[:300]
    return None


documents = []
for at, _, names in os.walk(folder):
    for name in names:
        path = os.path.join(at, name)
        if name.endswith((".json", ".yaml")) and not name.endswith(".deref.json"):
            with open(path, errors="replace") as f:
                if re.search(r'^ *"?(openapi|swagger)"?: *"?[23]', f.read(4 << 20), re.M):
                    documents.append(path)
for document in sorted(documents):
    with tempfile.TemporaryDirectory() as work:
        said = back(document, work)
    passed, failed = passed + (said is None), failed + (said is not None)
    if said is not None:
        print(f"FAIL {os.path.relpath(document, folder)}\n{said}")
print(f"{passed} passed, {failed} failed, 0 skipped")
sys.exit(failed > 0)
