"""How every plot looks, and how it is written so that the same figures give the same bytes."""

from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

COLORS = ["#1f6fb4", "#d9702b", "#3a9a5b", "#8a5bb0", "#b04a5a", "#6b6b6b"]
MARKERS = {"decode": "o", "16 streams": "s", "prefill": "^"}
GREY = "#777777"

pyplot.rcParams.update({
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": "#999999",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.labelcolor": "#333333",
    "grid.color": "#e6e6e6",
    "font.size": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    # Names of the drawing's parts are derived from this instead of being random.
    "svg.hashsalt": "trtllm-serve",
})


def panel(title: str, x: str, y: str, width: float = 7.2, height: float = 4.4) -> tuple[Figure, Axes]:
    figure, axes = pyplot.subplots(figsize=(width, height), layout="constrained")
    label(axes, title, x, y)
    return figure, axes


def label(axes: Axes, title: str, x: str, y: str):
    axes.set(title=title, xlabel=x, ylabel=y)


def plain_ticks(axis, ticks: list[float] | None = None):
    """Numbers as people write them, also on a logarithmic axis."""
    if ticks is not None:
        axis.set_ticks(ticks)
        axis.set_ticks([], minor=True)
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))


def model_colors(data: dict) -> dict[str, str]:
    """A model has the same colour in every plot."""
    return dict(zip(data["models"], COLORS))


def save(figure: Figure, folder: Path, name: str):
    folder.mkdir(parents=True, exist_ok=True)
    # Without dates and program versions, so that only figures change the files.
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
    figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})
    pyplot.close(figure)
