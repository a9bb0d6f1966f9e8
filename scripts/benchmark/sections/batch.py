"""Generated tokens per second over the number of streams."""

from bench import Bench
from catalogue import Model
from results import OURS


def measure(bench: Bench, model: Model):
    for streams in (1, 2, 4, 8, 16, 32):
        found = bench.run(
            OURS, "throughput", model, input_len=128, output_len=128, concurrency=streams, num_requests=streams)
        speed = found.get("output_tokens_per_s")
        bench.record(model, "output_tokens_per_s_over_streams", OURS, speed, streams, found.get("error", ""))
