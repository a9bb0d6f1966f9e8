"""How decoding slows down behind a long context."""

from bench import Bench
from catalogue import MIDDLE, SMALLEST, Model
from figures import divided
from results import LLAMA_CPP, OURS

SHORT, LONG = 128, 8064
CURVE = [SHORT, 512, 1024, 2048, 4096, LONG]


def measure(bench: Bench, model: Model):
    """The curve of two models, llama.cpp's ends of it, and of the others the ends alone."""
    whole = model.name in (SMALLEST, MIDDLE)
    ends: dict[int, dict[str, float | None]] = {SHORT: {}, LONG: {}}
    for length in CURVE if whole else [SHORT, LONG]:
        for side in [OURS, LLAMA_CPP] if whole and length in ends else [OURS]:
            found = bench.run(side, "latency", model, input_len=length, output_len=32, num_requests=1)
            speed = found.get("decode_tokens_per_s")
            bench.record(model, "decode_tokens_per_s_over_context", side, speed, length, found.get("error", ""))
            if length in ends:
                ends[length][side] = speed
    for side, speed in ends[LONG].items():
        bench.record(model, "decode_at_8064_over_128", side, divided(speed, ends[SHORT][side]))
