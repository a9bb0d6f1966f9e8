"""What every section measures with: the programs of each side, and the results."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from catalogue import Model
from children import flags, report
from results import LLAMA_CPP, OPENVINO, OURS, Results

PROGRAMS = Path(__file__).parent / "peers"


@dataclass
class Bench:
    binaries: Path
    threads: int
    results: Results
    probe: dict = field(default_factory=dict)
    """This round's limits of the machine."""
    failed: bool = False
    """Whether any of our own programs failed."""

    def program(self, side: str) -> list:
        """Every side's program has the subcommands, options and report keys of trtllm-bench."""
        if side == OURS:
            return [self.binaries / "trtllm-bench"]
        return [sys.executable, PROGRAMS / {LLAMA_CPP: "llama_cpp_peer.py", OPENVINO: "openvino_peer.py"}[side]]

    def refresh_probe(self):
        self.probe = report([self.binaries / "trtllm-bench", "probe", *flags(num_threads=self.threads)])
        if "error" in self.probe:
            raise SystemExit(f"trtllm-bench probe: {self.probe['error']}")

    def run(self, side: str, command: str, model: Model, num_threads: int | None = None, **options) -> dict:
        """One measurement in a process of its own."""
        options = flags(model=model.path, num_threads=num_threads or self.threads, **options)
        # Ours also says what memory gave meanwhile: on a shared machine that changes from second to second.
        extra = ["--with_read_bandwidth"] if side == OURS and command == "latency" else []
        found = report([*self.program(side), command, *options, *extra])
        if "error" in found:
            say(f"  {model.name}, {side}, {command}: {found['error']}")
            self.failed = self.failed or side == OURS
        elif side == OURS:
            facts = ("layer_weights", "head_weights", "packed_layer_bytes", "packed_head_bytes", "kv_bytes_per_token")
            self.results.facts(model.name, file_bytes=model.file_bytes, **{fact: found[fact] for fact in facts})
        return found

    def record(
        self, model: Model, figure: str, side: str, value: float | None, x: int | None = None, error: str = ""
    ):
        self.results.add(model.name, figure, side, value, x, error)
        place = "" if x is None else f" at {x}"
        say(f"  {model.name}, {figure}{place}, {side}: {'-' if value is None else f'{value:,.4g}'}")

    def compare(
        self, model: Model, figure: str, key: str, sides: list[str], command: str, x: int | None = None, **options
    ) -> dict:
        """Measures one side after the other, records what each reports under `key`, and returns our report."""
        found = {side: self.run(side, command, model, **options) for side in sides}
        for side, values in found.items():
            self.record(model, figure, side, values.get(key), x, values.get("error", ""))
        ours = found[OURS].get(key)
        for side, values in found.items():
            if side != OURS and ours and values.get(key):
                say(f"  -> {ours / values[key]:.2f} times {side}")
        return found[OURS]


def say(text: str):
    print(text, flush=True)
