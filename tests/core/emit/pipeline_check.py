# Judges pipelines: pipeline_check.py SYSTEM FILE… [--schema SCHEMA], SYSTEM github, gitlab or circleci. By the schema where
# one is given, and each by what its system refuses late: a job that waits for one that is not there, a shell that does not
# parse, an action that is not pinned by a whole hash, a job that may do more than it says. Exit 1 on an error.
import functools
import json
import re
import subprocess
import sys

import jsonschema
import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C where it is

system, *paths = sys.argv[1:]
schema = None
if "--schema" in paths:
    at = paths.index("--schema")
    schema = jsonschema.Draft7Validator(json.load(open(paths[at + 1])))
    del paths[at : at + 2]
failed = 0


def complain(path, text):
    global failed
    failed += 1
    if failed < 20:
        print(f"{path}: {text}")


@functools.cache
def refusal(text):
    done = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True)
    return f"exit {done.returncode}: {done.stderr}" if done.returncode else ""


def shell(path, text):
    if refusal(text):
        complain(path, f"no shell takes {text!r}: {refusal(text)}")


def github(path, document, text):
    for line in re.findall(r"uses: (.*)", text):
        if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line):
            complain(path, f"not pinned: {line}")
    if document["permissions"] != {"contents": "read"}:
        complain(path, "permissions")
    for name, job in document["jobs"].items():
        for needed in job.get("needs", []):
            if needed not in document["jobs"]:
                complain(path, f"{name} needs {needed}")
        if "write" in json.dumps(job["permissions"]) and not re.search(r"upload-sarif|ghcr\.io", json.dumps(job)):
            complain(path, f"{name} may write")
        for step in job["steps"]:
            shell(path, step.get("run", ""))


def gitlab(path, document, text):
    for name, job in document.items():
        if name in ("stages", "workflow", "include"):
            continue
        if job["stage"] not in document["stages"]:
            complain(path, f"{name} is in stage {job['stage']}")
        shell(path, "\n".join(job["script"]))


def circleci(path, document, text):
    for step in (step for job in document["jobs"].values() for step in job["steps"]):
        if "run" in step:
            shell(path, step["run"]["command"])
    for workflow in document["workflows"].values():
        seen = set()
        for entry in workflow["jobs"]:
            name, body = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
            for needed in body.get("requires", []):
                if needed not in seen:
                    complain(path, f"{name} requires {needed}")
            if body.get("type") != "approval" and name not in document["jobs"]:
                complain(path, f"there is no job {name}")
            seen.add(name)


for path in paths:
    text = open(path).read()
    document = yaml.load(text, Loader)
    errors = list(schema.iter_errors(document)) if schema else []
    for error in errors:
        complain(path, f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    if errors:
        continue
    {"github": github, "gitlab": gitlab, "circleci": circleci}[system](path, document, text)
print(f"judged {len(paths)} files, {failed} errors")
sys.exit(1 if failed else 0)
