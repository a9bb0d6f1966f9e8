"""Generated tokens per second over the number of streams."""

from matplotlib.figure import Figure
from reading import points

from .style import model_colors, panel, plain_ticks

FIGURE = "output_tokens_per_s_over_streams"


def draw(data: dict) -> Figure | None:
    curves = {model: found for model in data["models"] if (found := points(data, model, FIGURE))}
    if not curves:
        return None
    figure, axes = panel("Throughput over streams, 128 + 128 tokens each", "streams", "generated tokens per second")
    colors = model_colors(data)
    for model, found in curves.items():
        axes.plot(*zip(*found), "-o", color=colors[model], label=model)
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    plain_ticks(axes.xaxis, sorted({x for found in curves.values() for x, _ in found}))
    plain_ticks(axes.yaxis)
    axes.legend(fontsize=9)
    return figure
