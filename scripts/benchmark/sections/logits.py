"""What it costs to sample, and to report the log-probabilities of prompts: each beside what is done without it."""

from bench import Bench
from catalogue import Model
from figures import divided
from results import OURS

STREAMS = 16
# A temperature and filters that many clients send.
SAMPLING = {"temperature": 1, "top_k": 50, "top_p": 0.9}


def sampling(bench: Bench, model: Model):
    """Sixteen streams of 128 prompt and 128 generated tokens, sampled and greedy."""
    speeds = speeds_of(bench, model, "output_tokens_per_s", "throughput", SAMPLING, input_len=128, output_len=128,
                       concurrency=STREAMS, num_requests=STREAMS)
    bench.record(model, "sampled_tokens_per_s", OURS, speeds[0])
    bench.record(model, "sampled_over_greedy", OURS, divided(*speeds))


def scoring(bench: Bench, model: Model):
    """A prompt of 512 tokens, scored and not."""
    speeds = speeds_of(bench, model, "prefill_tokens_per_s", "latency", {"score_prompts": True}, input_len=512,
                       output_len=1, num_requests=2)
    bench.record(model, "scored_prompt_tokens_per_s", OURS, speeds[0])
    bench.record(model, "scored_over_plain_prompt", OURS, divided(*speeds))


def speeds_of(bench: Bench, model: Model, key: str, command: str, extra: dict, **options) -> list[float | None]:
    """Our speed with the extra options, and without."""
    return [bench.run(OURS, command, model, **options, **more).get(key) for more in (extra, {})]
