"""Decode speed over the length of the context."""

from matplotlib.figure import Figure
from reading import points
from results import LLAMA_CPP, OURS

from .style import model_colors, panel, plain_ticks

FIGURE = "decode_tokens_per_s_over_context"


def draw(data: dict) -> Figure | None:
    # Two ends alone aren't a curve.
    curves = {model: points(data, model, FIGURE) for model in data["models"]}
    curves = {model: found for model, found in curves.items() if len(found) > 2}
    if not curves:
        return None
    figure, axes = panel("Decode of one stream over the context", "tokens of context", "tokens per second", height=4.8)
    colors = model_colors(data)
    lengths = sorted({x for found in curves.values() for x, _ in found})
    for model, found in curves.items():
        axes.plot(*zip(*found), "-o", color=colors[model], label=f"{model}, {OURS}")
        if theirs := points(data, model, FIGURE, LLAMA_CPP):
            axes.plot(*zip(*theirs), ":s", color=colors[model], label=f"{model}, {LLAMA_CPP}")
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    plain_ticks(axes.xaxis, lengths)
    plain_ticks(axes.yaxis)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, handlelength=4)
    return figure
