"""Looks things up in the results, where anything may be missing."""

from results import OURS, PEERS


def cell(data: dict, model: str, figure: str, side: str = OURS, x: str | None = None) -> dict:
    """A side's rounds, median and error; empty where it wasn't measured."""
    entry = data["models"].get(model, {})
    sides = entry.get("figures", {}).get(figure, {}) if x is None else curve(data, model, figure).get(x, {})
    return sides.get(side, {})


def value(data: dict, model: str, figure: str, side: str = OURS, x: str | None = None) -> float | None:
    return cell(data, model, figure, side, x).get("median")


def curve(data: dict, model: str, figure: str) -> dict[str, dict]:
    """The sides at each x."""
    return data["models"].get(model, {}).get("curves", {}).get(figure, {})


def points(data: dict, model: str, figure: str, side: str = OURS) -> list[tuple[float, float]]:
    """(x, median) of the points that were measured, in order."""
    found = [(float(x), sides.get(side, {}).get("median")) for x, sides in curve(data, model, figure).items()]
    return sorted((x, y) for x, y in found if y is not None)


def best_ratio(data: dict, model: str, figure: str) -> float | None:
    """How many times as fast as the fastest peer we are."""
    found = [cell(data, model, figure, peer).get("ours_over_this", {}).get("median") for peer in PEERS]
    return min((ratio for ratio in found if ratio is not None), default=None)
