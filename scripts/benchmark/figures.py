"""The arithmetic behind the figures: medians, ratios, and shares of what the machine can do at most."""

from statistics import median as middle

Rounds = list[float | None]


def median(rounds: Rounds) -> float | None:
    """The middle of the rounds that succeeded."""
    found = [value for value in rounds if value is not None]
    return middle(found) if found else None


def ratios(ours: Rounds, theirs: Rounds) -> Rounds:
    """Round by round, since only what ran one after the other had the same machine."""
    return [divided(a, b) for a, b in zip(ours, theirs)]


def divided(a: float | None, b: float | None) -> float | None:
    """a / b, or nothing where either is missing."""
    return a / b if a is not None and b else None


def share_of_peak(layer_weights: int, tokens_per_s: float | None, giga_operations: float | None) -> float | None:
    """The share of the multiply-add peak that a prefill reaches; a weight costs two operations per token."""
    return divided(tokens_per_s, giga_operations and giga_operations * 1e9 / (2 * layer_weights))


def share_of_bandwidth(weight_bytes: int, tokens_per_s: float | None, giga_bytes: float | None) -> float | None:
    """The share of the read bandwidth that decoding one stream reaches; a token reads every weight once."""
    return divided(tokens_per_s, giga_bytes and giga_bytes * 1e9 / weight_bytes)
