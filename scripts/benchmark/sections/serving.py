"""What HTTP costs on top of the engine, and how long requests wait when more of them come."""

from bench import Bench, say
from catalogue import Model
from children import flags, report
from figures import divided
from results import OURS
from server import Server

STREAMS = 16
REQUESTS = 64
LENGTHS = {"input_len": 128, "output_len": 128}
PERCENTS_OF_CAPACITY = (25, 50, 75, 90)
# Long enough for a queue to build up, and for a hundred requests of a small model.
LOAD_SECONDS = 25


def measure(bench: Bench, model: Model):
    """The same load through the server and in process, one after the other."""
    with Server(bench, model) as server:
        served = load(bench, model, server, concurrency=STREAMS, num_requests=REQUESTS)
        idle = server.idle_cpu_seconds(2)
    engine = bench.run(OURS, "throughput", model, concurrency=STREAMS, num_requests=REQUESTS, **LENGTHS)
    speeds = [found.get("output_tokens_per_s") for found in (served, engine)]
    for figure, speed, found in zip(("server_tokens_per_s", "engine_tokens_per_s"), speeds, (served, engine)):
        bench.record(model, figure, OURS, speed, error=found.get("error", ""))
    bench.record(model, "server_over_engine", OURS, divided(*speeds))
    bench.record(model, "idle_cpu_s", OURS, idle)


def measure_load(bench: Bench, model: Model):
    """Latencies at shares of the rate that the server can keep up with."""
    with Server(bench, model) as server:
        capacity = load(bench, model, server, concurrency=STREAMS, num_requests=REQUESTS)
        if "error" in capacity:
            return
        for percent in PERCENTS_OF_CAPACITY:
            rate = capacity["request_throughput_per_s"] * percent / 100
            count = max(32, round(rate * LOAD_SECONDS))
            # The rate alone limits how many requests are under way.
            found = load(bench, model, server, request_rate=f"{rate:.4f}", num_requests=count, concurrency=count)
            if "error" in found:
                continue
            for name in ("ttft_ms", "itl_ms"):
                for tail in ("p50", "p99"):
                    bench.record(model, "latency_over_load", f"{name}_{tail}", found[name][tail], percent)
            bench.record(model, "latency_over_load", "request_rate_per_s", rate, percent)
            bench.record(model, "latency_over_load", "failed_requests", found["failed_requests"], percent)


def load(bench: Bench, model: Model, server: Server, **options) -> dict:
    """What `trtllm-bench serve` reports of a load on the server."""
    found = report([
        bench.binaries / "trtllm-bench", "serve",
        *flags(base_url=server.url, vocabulary_size=model.vocabulary_size, **LENGTHS, **options)])
    if "error" in found:
        say(f"  {model.name}, serve: {found['error']}")
        bench.failed = True
    return found
