"""Where the models' work lies under the machine's two limits: arithmetic and reading weights."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator
from reading import value

from .style import GREY, MARKERS, model_colors, panel, plain_ticks

STREAMS, PROMPT = 16, 512


def work(data: dict, model: str) -> list[tuple[str, float, float]]:
    """(kind, operations per byte of weights, Gop/s) of what was measured."""
    facts = data["models"][model].get("facts")
    if not facts:
        return []
    layers, weights = facts["layer_weights"], facts["layer_weights"] + facts["head_weights"]
    layer_bytes, all_bytes = facts["packed_layer_bytes"], facts["packed_layer_bytes"] + facts["packed_head_bytes"]
    # A pass reads every weight once, however many rows it computes; only a prompt's last row needs the head.
    kinds = [
        ("decode", "decode_tokens_per_s", 2 * weights, 2 * weights / all_bytes),
        ("16 streams", "streams16_decode_tokens_per_s", 2 * weights, STREAMS * 2 * weights / all_bytes),
        ("prefill", "prefill_tokens_per_s", 2 * layers, PROMPT * 2 * layers / layer_bytes),
    ]
    speeds = [(kind, intensity, operations, value(data, model, name)) for kind, name, operations, intensity in kinds]
    return [(kind, x, operations * speed / 1e9) for kind, x, operations, speed in speeds if speed]


def draw(data: dict) -> Figure | None:
    found = {model: work(data, model) for model in data["models"]}
    if not any(found.values()):
        return None
    probe = data["machine"]["probe"]
    figure, axes = panel(
        "What the models reach of what the machine can do", "operations per byte of weights", "Gop/s", width=9)
    peaks = [("8-bit peak", probe["int8_gops"])]
    if probe.get("bf16_gflops") and any(model.endswith("-bf16") and points for model, points in found.items()):
        peaks.append(("BF16 peak", probe["bf16_gflops"]))
    bandwidth, left, right = probe["read_gb_per_s"]["128"], 0.7, 6000
    for name, peak in peaks:
        axes.plot([peak / bandwidth, right], [peak, peak], color=GREY, linewidth=1.2)
        # Between the points of streams and those of prompts.
        axes.annotate(f"{name}, {peak:,.0f} Gop/s", (260, peak), xytext=(0, 4), textcoords="offset points",
                      ha="center", color=GREY, fontsize=9)
    top = max(peak for _, peak in peaks)
    axes.plot([left, top / bandwidth], [left * bandwidth, top], color=GREY, linewidth=1.2)
    axes.annotate(f"reads from memory,\n{bandwidth:.0f} GB/s", (8, 8 * bandwidth), xytext=(-8, 0),
                  textcoords="offset points", ha="right", va="bottom", color=GREY, fontsize=9)
    colors = model_colors(data)
    for model, points in found.items():
        for kind, x, y in points:
            axes.plot(x, y, MARKERS[kind], color=colors[model], markersize=8, markeredgecolor="white")
    axes.set(xscale="log", yscale="log", xlim=(left, right), ylim=(left * bandwidth / 2, top * 2))
    plain_ticks(axes.xaxis)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    plain_ticks(axes.yaxis)
    handles = [Line2D([], [], color=colors[model], linewidth=4, label=model) for model in found if found[model]]
    handles += [Line2D([], [], color=GREY, marker=marker, linestyle="", label=kind)
                for kind, marker in MARKERS.items()]
    figure.legend(handles=handles, loc="outside right center", fontsize=9)
    return figure
