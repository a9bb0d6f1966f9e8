"""Sixteen streams of 128 prompt and 128 generated tokens, from all prompts' start to all streams' end."""

from bench import Bench
from catalogue import Model
from results import LLAMA_CPP, OURS

STREAMS = 16


def measure(bench: Bench, model: Model):
    ours = bench.compare(
        model, "streams16_tokens_per_s", "total_tokens_per_s", [OURS, LLAMA_CPP], "throughput", input_len=128,
        output_len=128, concurrency=STREAMS, num_requests=STREAMS)
    if "error" not in ours:
        # The median step generates for all streams: steps with a prompt in them are the exception.
        bench.record(model, "streams16_decode_tokens_per_s", OURS, STREAMS * 1000 / ours["itl_ms"]["p50"])
