"""Draws benchmarks/plots from benchmarks/results.json: each as SVG and as PNG."""

import json

from charts import context, load, peers, roofline, streams
from charts.style import save
from places import PLOTS, RESULTS

CHARTS = {
    "roofline": roofline,
    "ratios": peers,
    "latency-over-load": load,
    "decode-over-context": context,
    "throughput-over-streams": streams,
}


if __name__ == "__main__":
    data = json.loads(RESULTS.read_text())
    for name, chart in CHARTS.items():
        if figure := chart.draw(data):
            save(figure, PLOTS, name)
            print(PLOTS / f"{name}.svg")
