# Checks the config's JSON Schema: schema_check.py SCHEMA SOURCE_DIR. It is valid draft-07, accepts the good example of
# every page and the examples, and rejects the bad example of every code that a schema can see.
import glob
import json
import re
import sys

import jsonschema
import yaml

schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
SEEN_BY_SCHEMA = {201, 202, 203, 205, 207, 209, 210, 212, 215, 217, 301, 302, 303, 310, 311, 403, 409}
failed = 0


def complain(text):
    global failed
    failed += 1
    print("schema:", text)


def parsed(text):
    return yaml.safe_load(text)


for page in sorted(glob.glob(sys.argv[2] + "/core/diag/pages/AGW[2-5]*.md")):
    code = int(re.search(r"AGW(\d+)\.md", page).group(1))
    blocks = dict(re.findall(r"```yaml (bad|good)\n(.*?)\n```", open(page).read(), re.S))
    good = list(validator.iter_errors(parsed(blocks["good"])))
    if good:
        complain(f"AGW{code}: good example refused: {good[0].message[:200]}")
    if code in SEEN_BY_SCHEMA and validator.is_valid(parsed(blocks["bad"])):
        complain(f"AGW{code}: bad example accepted")
for example in glob.glob(sys.argv[2] + "/examples/*/apigw.yaml"):
    for error in validator.iter_errors(parsed(open(example).read())):
        complain(f"{example}: {error.message[:200]}")
sys.exit(1 if failed else 0)
