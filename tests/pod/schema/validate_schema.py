#!/usr/bin/env python3
"""Holds manifests against what `podrun schema` prints: validate_schema.py PODRUN EXAMPLES. 77: the validator is not there."""
import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(error)
    sys.exit(77)

podrun, examples = sys.argv[1:]
schema = json.loads(subprocess.run([podrun, "schema"], check=True, capture_output=True).stdout)
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)


def faults(manifest):
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(manifest)]


failed = False
found = sorted(pathlib.Path(examples).glob("*.yaml"))
assert found, "no examples"
for path in found:
    for manifest in yaml.safe_load_all(path.read_text()):
        for fault in faults(manifest):
            failed = True
            print(f"{path.name}: {fault}")

# Null is absent, an empty object asks for nothing, and a volume may be without a source.
pod = next(each for each in yaml.safe_load_all(found[0].read_text()) if each["kind"] == "Pod")
for fine in [{"restartPolicy": None, "hostNetwork": None, "affinity": None, "dnsConfig": None, "runtimeClassName": None},
             {"volumes": [{"name": "a"}, {"name": "b", "emptyDir": None}, {"name": "c", "emptyDir": None, "nfs": None,
                                                                          "hostPath": {"path": "/a"}}]},
             {"securityContext": {"windowsOptions": {}, "seLinuxOptions": None}}]:
    for fault in faults(pod | {"spec": pod["spec"] | fine}):
        failed = True
        print(f"{fine}: {fault}")

# What is wrong must be refused, or the validator has looked at nothing.
for name, wrong in {
    "an unknown field": {"colour": "red"},
    "a wrong type": {"hostNetwork": "yes"},
    "no value of the enum": {"restartPolicy": "Sometimes"},
    "a refused field": {"runtimeClassName": "runc"},
    "two sources": {"volumes": [{"name": "a", "emptyDir": {}, "hostPath": {"path": "/a"}}]},
    "a missing name": {"volumes": [{"emptyDir": {}}]},
    "a refused source": {"volumes": [{"name": "a", "nfs": {}}]},
    "a name that is null": {"volumes": [{"name": None}]},
}.items():
    if not faults(pod | {"spec": pod["spec"] | wrong}):
        failed = True
        print(f"{name} is accepted")
sys.exit(failed)
