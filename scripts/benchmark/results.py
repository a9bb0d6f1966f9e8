"""benchmarks/results.json: every figure with its rounds; benchmarks/README.md explains the structure."""

import json
import re
from datetime import date
from pathlib import Path

from figures import median, ratios

OURS = "ours"
LLAMA_CPP = "llama.cpp"
OPENVINO = "OpenVINO GenAI"
PEERS = [LLAMA_CPP, OPENVINO]


class Results:
    """The file's content. A run replaces the figures that it measures and keeps the others."""

    def __init__(self, path: Path):
        self.path = path
        self.data = json.loads(path.read_text()) if path.exists() else {"models": {}}
        self.touched: set[tuple] = set()

    def describe(self, machine: dict, peers: dict):
        """Says where the figures come from. Figures of two machines don't belong in one file."""
        known = self.data.get("machine")
        if known and any(known[key] != machine[key] for key in ("cpu", "cores", "threads", "kernels")):
            raise SystemExit(f"{self.path} is of another machine: {known}\nDelete it, or name another with --results.")
        self.data = {
            "date": date.today().isoformat(), "machine": machine, "peers": peers, "models": self.data["models"]}

    def facts(self, model: str, **facts):
        """What is known of a model without measuring."""
        self.data["models"].setdefault(model, {}).setdefault("facts", {}).update(facts)

    def add(self, model: str, figure: str, side: str, value: float | None, x: int | None = None, error: str = ""):
        """One round's value. Every side adds one in every round, so that rounds of two sides can be compared."""
        entry = self.data["models"].setdefault(model, {})
        if x is None:
            sides = entry.setdefault("figures", {}).setdefault(figure, {})
        else:
            sides = entry.setdefault("curves", {}).setdefault(figure, {}).setdefault(str(x), {})
        key = (model, figure, x, side)
        if key not in self.touched:
            self.touched.add(key)
            sides[side] = {"rounds": []}
        cell = sides[side]
        # More digits than these are noise.
        cell["rounds"].append(None if value is None else float(f"{value:.5g}"))
        cell["median"] = median(cell["rounds"])
        if error:
            cell["error"] = error
        compare(sides)

    def save(self):
        """Writes the file, with the smallest model first whatever was measured first."""
        models = self.data["models"].items()
        self.data["models"] = dict(sorted(models, key=lambda item: item[1].get("facts", {}).get("file_bytes", 0)))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # A list of rounds on one line.
        text = json.dumps(self.data, indent=1)
        text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)
        self.path.write_text(text + "\n")


def compare(sides: dict):
    """Adds to each peer's cell how many times as fast we are."""
    if OURS not in sides:
        return
    for side, cell in sides.items():
        if side != OURS:
            times = [value and round(value, 3) for value in ratios(sides[OURS]["rounds"], cell["rounds"])]
            cell["ours_over_this"] = {"rounds": times, "median": median(times)}
