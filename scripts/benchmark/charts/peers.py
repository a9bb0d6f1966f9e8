"""How many times as fast as the fastest peer we are."""

from matplotlib.figure import Figure
from reading import best_ratio

from .style import GREY, model_colors, panel

FIGURES = {
    "prefill_tokens_per_s": "prefill\n512 tokens",
    "decode_tokens_per_s": "decode\none stream",
    "streams16_tokens_per_s": "16 streams\n128 + 128 tokens",
}


def draw(data: dict) -> Figure | None:
    ratios = {
        model: [best_ratio(data, model, figure) for figure in FIGURES] for model in data["models"]}
    ratios = {model: found for model, found in ratios.items() if any(found)}
    if not ratios:
        return None
    figure, axes = panel("Speed beside the fastest peer on the same file", "", "times the peer's speed", height=4.8)
    width = 0.8 / len(ratios)
    colors = model_colors(data)
    for index, (model, found) in enumerate(ratios.items()):
        places = [place + (index - (len(ratios) - 1) / 2) * width for place in range(len(FIGURES))]
        bars = axes.bar(
            places, [ratio or 0 for ratio in found], width * 0.9, color=colors[model], label=model)
        labels = axes.bar_label(bars, [f"{ratio:.2f}" if ratio else "" for ratio in found], padding=2, fontsize=8)
        for label in labels:
            # Readable where the line at 1 passes behind it.
            label.set(zorder=3, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    axes.axhline(1, color=GREY, linewidth=1.2)
    axes.annotate("as fast", (len(FIGURES) - 0.45, 1), xytext=(0, 3), textcoords="offset points", color=GREY,
                  fontsize=8, ha="right")
    axes.set_xticks(range(len(FIGURES)), FIGURES.values())
    axes.set_xlim(-0.55, len(FIGURES) - 0.45)
    axes.grid(axis="x", visible=False)
    axes.tick_params(axis="x", length=0)
    axes.margins(y=0.12)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    return figure
