"""Runs one measuring program to its end and reads its report."""

import json
import subprocess
import tempfile
from pathlib import Path

SECONDS = 900


def report(command: list) -> dict:
    """The program's JSON report, or {"error": reason}: a peer that crashes doesn't end the run."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        arguments = [str(part) for part in command] + ["--report_json", str(file)]
        try:
            done = subprocess.run(
                arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                errors="replace", timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return {"error": f"not done after {SECONDS} s"}
        if done.returncode == 0 and file.exists():
            return json.loads(file.read_text())
        return {"error": reason(done.stdout) if done.returncode > 0 else f"status {done.returncode}"}


def reason(output: str) -> str:
    """The line that calls itself an error, or the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["nothing said"]
    return next((line for line in lines if line.startswith("Error")), lines[-1])[:300]


def flags(**options) -> list:
    """--name value for every option, and the name alone of what is true."""
    return [part for name, value in options.items() for part in ([f"--{name}"] if value is True else [f"--{name}", value])]
