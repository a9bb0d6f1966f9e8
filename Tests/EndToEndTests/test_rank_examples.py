"""The examples of launchers are what the launchers take, and start what the program understands."""

import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from rank_processes import ROOT
from server_process import run

EXAMPLES = ROOT / "examples/ranks"
SCHEMA = json.loads((Path(__file__).parent / "schemas/leaderworkerset.json").read_text())


def manifests() -> list[dict]:
    return list(yaml.safe_load_all((EXAMPLES / "leaderworkerset.yaml").read_text()))


def test_the_manifest_is_a_leader_worker_set():
    workers, service = manifests()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(workers, SCHEMA)
    assert service["kind"] == "Service"
    template = workers["spec"]["leaderWorkerTemplate"]
    pod = template["workerTemplate"]["spec"]
    container, = pod["containers"]
    assert {port["name"] for port in container["ports"]} >= {service["spec"]["ports"][0]["targetPort"]}
    assert service["spec"]["selector"]["leaderworkerset.sigs.k8s.io/name"] == workers["metadata"]["name"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    # As many ranks as pods.
    options = dict(zip(container["args"][::2], container["args"][1::2]))
    assert int(options["--tp_size"]) * int(options.get("--pp_size", 1)) == template["size"]
    # What the ranks prove to each other comes from a Secret, and is in no manifest.
    secret, = [variable for variable in container["env"] if variable["name"] == "TRTLLM_RANK_SECRET"]
    assert set(secret) == {"name", "valueFrom"} and secret["valueFrom"]["secretKeyRef"]["key"] == "secret"
    assert container["command"][:2] == ["trtllm-llmapi-launch", "trtllm-serve"]


@pytest.mark.parametrize("change", [
    lambda spec: spec.update(size="2"), lambda spec: spec.update(restartPolicy="Always"),
    lambda spec: spec["workerTemplate"]["spec"]["containers"][0].update(commands=["x"]),
    lambda spec: spec["workerTemplate"]["spec"].pop("containers"),
])
def test_the_schema_refuses_mistakes(change):
    workers = manifests()[0]
    change(workers["spec"]["leaderWorkerTemplate"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(workers, SCHEMA)


def test_the_slurm_script_has_as_many_tasks_as_ranks():
    text = (EXAMPLES / "slurm.sh").read_text()
    assert subprocess.run(["bash", "-n", EXAMPLES / "slurm.sh"]).returncode == 0
    number = {name: int(value) for name, value in re.findall(r"--(nodes|ntasks-per-node|tp_size|pp_size)[= ](\d+)", text)}
    assert number["nodes"] * number["ntasks-per-node"] == number["tp_size"] * number["pp_size"]


def test_the_slurm_script_hands_on_a_secret_of_its_own(tmp_path):
    srun = tmp_path / "srun"
    srun.write_text('#!/bin/sh\nprintf %s "$TRTLLM_RANK_SECRET"\n')
    srun.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "MODEL": "m"}
    secrets = {subprocess.run(["bash", EXAMPLES / "slurm.sh"], env=environment, capture_output=True, text=True,
                              check=True).stdout for _ in range(2)}
    assert len(secrets) == 2 and all(len(secret) == 64 for secret in secrets)


def test_the_options_of_the_examples_are_known():
    known = run("serve", "--help").stdout.decode()
    for name in ("slurm.sh", "hosts", "leaderworkerset.yaml"):
        for option in re.findall(r"--[a-z]+_[a-z_]+", (EXAMPLES / name).read_text()):
            assert option in known, f"{name}: {option}"


def test_the_tables_of_the_document_are_those_that_are_calculated():
    document = ROOT / "docs/scaling.md"
    before = document.read_text()
    try:
        subprocess.run([ROOT / "scripts/scaling-tables"], check=True)
        assert document.read_text() == before
    finally:
        document.write_text(before)
