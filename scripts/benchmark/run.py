"""Measures the server beside its peers, and writes the figures. `scripts/bench` runs it."""

import argparse
import os
import time
from pathlib import Path

import catalogue
import machine
from bench import Bench, say
from places import RESULTS, ROOT
from results import Results
from sections import SECTIONS


def names(known: list[str]):
    """Reads a comma-separated choice among known names."""
    def read(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}; known are {', '.join(known)}")
        return chosen
    return read


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    known = [section.name for section in SECTIONS]
    parser.add_argument("--only", type=names(catalogue.NAMES), default=catalogue.NAMES, help="models, with commas")
    parser.add_argument("--sections", type=names(known), default=known, help=f"with commas: {', '.join(known)}")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", 3)))
    parser.add_argument("--threads", type=int, default=min(2, len(os.sched_getaffinity(0))))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--binaries", type=Path, default=os.environ.get("TRTLLM_SERVE_BINARIES", ROOT / ".build/release"),
        help="folder of trtllm-bench and trtllm-serve")
    return parser.parse_args()


def main():
    options = arguments()
    results = Results(options.results)
    bench = Bench(options.binaries.resolve(), options.threads, results)
    models = [catalogue.find(name) for name in options.only]
    if (busy := os.getloadavg()[0]) > 0.5:
        say(f"warning: the machine is busy (load {busy:.1f}); wait until it isn't, or the figures mean little")
    began = time.monotonic()
    for round_number in range(1, options.rounds + 1):
        bench.refresh_probe()
        results.describe(machine.describe(options.threads, bench.probe), machine.peers())
        for section in SECTIONS:
            if section.name not in options.sections or round_number > section.most_rounds:
                continue
            say(f"round {round_number}, {section.name}, {(time.monotonic() - began) / 60:.1f} min")
            for model in models:
                if section.models is None or model.name in section.models:
                    section.measure(bench, model)
                    results.save()
    say(f"{options.results}, {(time.monotonic() - began) / 60:.1f} min")
    if bench.failed:
        raise SystemExit("some of our own measurements failed, see above")


if __name__ == "__main__":
    main()
