"""The server's most memory under a load, beside what the model's file and the KV cache explain."""

from bench import Bench
from catalogue import Model
from results import OURS
from server import Server

from .serving import STREAMS, load


def measure(bench: Bench, model: Model):
    with Server(bench, model) as server:
        found = load(bench, model, server, concurrency=STREAMS, num_requests=STREAMS)
        peak, cache = server.peak_bytes(), server.cache_bytes()
    bound = 1.1 * model.file_bytes + cache + 300e6
    bench.record(model, "peak_memory_bytes", OURS, peak, error=found.get("error", ""))
    bench.record(model, "kv_cache_bytes", OURS, cache)
    bench.record(model, "peak_memory_over_bound", OURS, peak / bound)
