# Judges the JSON of ECS: ecs_check.py FOLDER. Every *.task.json in it and below must be what RegisterTaskDefinition takes and every *.service.json
# what CreateService takes, by botocore's own models; a key that they do not know is an error. Exit 1 on one.
import glob
import json
import sys

import botocore.session
from botocore.validate import ParamValidator

model = botocore.session.get_session().get_service_model("ecs")
failed = judged = 0
for pattern, operation in (("task", "RegisterTaskDefinition"), ("service", "CreateService")):
    for path in sorted(glob.glob(f"{sys.argv[1]}/**/*.{pattern}.json", recursive=True)):
        judged += 1
        report = ParamValidator().validate(json.load(open(path)), model.operation_model(operation).input_shape)
        if report.has_errors():
            failed += 1
            print(f"{path}: {report.generate_report()}")
print(f"judged {judged} files, {failed} errors")
sys.exit(1 if failed or not judged else 0)
