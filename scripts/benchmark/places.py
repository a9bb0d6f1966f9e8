"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks/results.json"
PLOTS = ROOT / "benchmarks/plots"
DOCUMENT = ROOT / "docs/performance.md"
