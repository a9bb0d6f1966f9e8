"""Writes the measured tables of docs/performance.md from benchmarks/results.json."""

import json
import re
from collections.abc import Callable, Iterable
from textwrap import fill

from places import DOCUMENT, RESULTS
from reading import best_ratio, cell, curve, value
from results import LLAMA_CPP, OURS, PEERS

BEGIN, END = "<!-- measured:begin -->", "<!-- measured:end -->"
NOTHING = "–"


def number(figure: float | None) -> str:
    """Three digits, and thousands with commas."""
    if figure is None:
        return NOTHING
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def times(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:.2f}"


def percent(figure: float | None) -> str:
    return NOTHING if figure is None else f"{figure:.0%}".replace("%", " %")


def table(title: str, header: list[str], rows: Iterable[list[str]]) -> str:
    """A table without the rows that say nothing; no table when nothing is left."""
    said = [row for row in rows if any(text != NOTHING for text in row[1:])]
    if not said:
        return ""
    lines = [header, ["---"] * len(header), *said]
    return f"**{title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def beside(
    data: dict, title: str, figure: str, sides: list[str] = PEERS, share: str = "", share_title: str = ""
) -> str:
    """A speed of ours and of peers, and a share of what the machine can do."""
    header = ["model", "ours", *sides, "ours / fastest peer"] + ([share_title] if share else [])
    return table(title, header, [
        [model, *(number(value(data, model, figure, side)) for side in [OURS, *sides]),
         times(best_ratio(data, model, figure))] + ([percent(value(data, model, share))] if share else [])
        for model in data["models"]])


def long_context(data: dict) -> str:
    figure = "decode_at_8064_over_128"
    return table("Decode behind 8,064 tokens, as a share of its speed behind 128", ["model", "ours", LLAMA_CPP], [
        [model, percent(value(data, model, figure)), percent(value(data, model, figure, LLAMA_CPP))]
        for model in data["models"]])


def threads(data: dict) -> str:
    figure = "prefill_tokens_per_s_over_threads"
    header = ["model", "1 thread", "2 threads", "2 / 1"]
    return table("Prefill of 512 tokens over threads (tok/s)", header, [
        [model, *(number(value(data, model, figure, x=count)) for count in ("1", "2")),
         times(value(data, model, "prefill_two_threads_over_one"))]
        for model in data["models"]])


def over_streams(data: dict) -> str:
    figure = "output_tokens_per_s_over_streams"
    counts = sorted({x for model in data["models"] for x in curve(data, model, figure)}, key=int)
    return table("Generated tokens per second over streams, prompts of 128", ["model", *counts], [
        [model, *(number(value(data, model, figure, x=count)) for count in counts)] for model in data["models"]])


def logits(data: dict) -> str:
    header = ["model", "16 streams sampled", "sampled / greedy", "prompt of 512 scored", "scored / not"]
    figures = [("sampled_tokens_per_s", number), ("sampled_over_greedy", percent),
               ("scored_prompt_tokens_per_s", number), ("scored_over_plain_prompt", percent)]
    return table("Sampling at temperature 1, top_k 50, top_p 0.9, and log-probabilities of prompts (tok/s)", header, [
        [model, *(show(value(data, model, figure)) for figure, show in figures)] for model in data["models"]])


SERVER: list[tuple[str, str, Callable[[float | None], str]]] = [
    ("16 streams through HTTP / in process", "server_over_engine", percent),
    ("processor seconds in 2 s without requests", "idle_cpu_s", number),
    ("seconds from start to the first streamed token", "start_to_first_token_s", times),
    ("most memory / (1.1 × model file + KV cache + 300 MB)", "peak_memory_over_bound", percent),
]


def server(data: dict) -> str:
    models = [model for model in data["models"] if any(value(data, model, figure) for _, figure, _ in SERVER)]
    return table("The server", ["", *models], [
        [title, *(show(value(data, model, figure)) for model in models)] for title, figure, show in SERVER])


def load(data: dict) -> str:
    columns = {"request_rate_per_s": "requests/s", "ttft_ms_p50": "TTFT p50", "ttft_ms_p99": "TTFT p99",
               "itl_ms_p50": "ITL p50", "itl_ms_p99": "ITL p99", "failed_requests": "failed"}
    return table("Latency in milliseconds over load, 128 + 128 tokens", ["model", "load", *columns.values()], [
        [model, f"{x} %", *(number(value(data, model, "latency_over_load", side, x)) for side in columns)]
        for model in data["models"] for x in sorted(curve(data, model, "latency_over_load"), key=int)])


def notes(data: dict) -> str:
    """What kept a peer from being measured, once for each reason."""
    found: dict[str, list[str]] = {}
    for model in data["models"]:
        for peer in PEERS:
            for figure in ("prefill_tokens_per_s", "decode_tokens_per_s"):
                if reason := cell(data, model, figure, peer).get("error"):
                    found.setdefault(f"{peer}: `{reason}`", []).append(model)
    return "\n".join(f"- {', '.join(dict.fromkeys(models))}: {reason}" for reason, models in found.items())


def origin(data: dict) -> str:
    machine, probe = data["machine"], data["machine"]["probe"]
    versions = ", ".join(f"{name} {number}" for packages in data["peers"].values() for name, number in packages.items())
    bf16 = f", {number(probe['bf16_gflops'])} Gflop/s with BF16" if probe.get("bf16_gflops") else ""
    apart = f", {number(probe['barrier_ns'])} ns from barrier to barrier" if probe.get("barrier_ns") else ""
    return fill(
        f"{data['date']}, {machine['cpu']}, {machine['threads']} of {machine['cores']} cores, {machine['kernels']}"
        f" kernels; peak of {number(probe['int8_gops'])} Gop/s with 8-bit integers{bf16},"
        f" {number(probe['read_gb_per_s']['128'])} GB/s of reads from memory{apart}. Peers: {versions}.",
        width=120, break_long_words=False, break_on_hyphens=False)


def tables(data: dict) -> str:
    """All that is between the markers."""
    parts = [
        origin(data),
        beside(data, "Prefill of 512 tokens (tok/s)", "prefill_tokens_per_s", share="prefill_share_of_peak",
               share_title="of the peak"),
        beside(data, "Decode, one stream behind 128 tokens (tok/s)", "decode_tokens_per_s",
               share="decode_share_of_bandwidth", share_title="of the bandwidth"),
        beside(data, "16 streams of 128 + 128 tokens, all tokens (tok/s)", "streams16_tokens_per_s", [LLAMA_CPP]),
        notes(data), long_context(data), threads(data), over_streams(data), logits(data), server(data), load(data),
    ]
    return "\n\n".join(part for part in parts if part)


def replaced(document: str, measured: str) -> str:
    """The document with other text between its markers."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(document):
        raise SystemExit(f"{DOCUMENT} has no {BEGIN} ... {END}")
    return pattern.sub(lambda _: f"{BEGIN}\n{measured}\n{END}", document)


if __name__ == "__main__":
    DOCUMENT.write_text(replaced(DOCUMENT.read_text(), tables(json.loads(RESULTS.read_text()))))
    print(DOCUMENT)
