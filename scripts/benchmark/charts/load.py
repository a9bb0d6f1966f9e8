"""How long requests wait for their first and their next token when more requests come."""

from matplotlib.figure import Figure
from reading import curve, value

from .style import COLORS, label, plain_ticks, pyplot

LATENCY = "latency_over_load"
PANELS = {"ttft_ms": "Time to first token", "itl_ms": "From one token to the next"}
TAILS = {"p50": ("median", "-"), "p99": ("99th percentile", "--")}


def series(data: dict, model: str, side: str) -> list[tuple[float, float]]:
    """(requests per second, milliseconds) in order."""
    found = [
        (value(data, model, LATENCY, "request_rate_per_s", x), value(data, model, LATENCY, side, x))
        for x in curve(data, model, LATENCY)]
    return sorted((x, y) for x, y in found if x is not None and y is not None)


def draw(data: dict) -> Figure | None:
    models = [model for model in data["models"] if curve(data, model, LATENCY)]
    if not models:
        return None
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for axes, (name, title) in zip(panels, PANELS.items()):
        for color, model in zip(COLORS, models):
            for tail, (words, line) in TAILS.items():
                points = series(data, model, f"{name}_{tail}")
                axes.plot(*zip(*points), line, marker="o", color=color, label=f"{model}, {words}")
        label(axes, title, "requests per second (128 + 128 tokens)", "milliseconds")
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        plain_ticks(axes.yaxis)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9, handlelength=4)
    return figure
