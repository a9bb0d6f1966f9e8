"""What a second thread is worth for a prompt of 512 tokens."""

from bench import Bench
from catalogue import Model
from figures import divided
from results import OURS


def measure(bench: Bench, model: Model):
    speeds: dict[int, float | None] = {}
    for count in (1, 2):
        found = bench.run(OURS, "latency", model, count, input_len=512, output_len=1, num_requests=2)
        speeds[count] = found.get("prefill_tokens_per_s")
        bench.record(model, "prefill_tokens_per_s_over_threads", OURS, speeds[count], count, found.get("error", ""))
    bench.record(model, "prefill_two_threads_over_one", OURS, divided(speeds[2], speeds[1]))
