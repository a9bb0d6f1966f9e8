"""One stream beside every peer, and its share of what the machine can do at most."""

from bench import Bench
from catalogue import Model
from figures import share_of_bandwidth, share_of_peak
from results import LLAMA_CPP, OPENVINO, OURS

SIDES = [OURS, LLAMA_CPP, OPENVINO]
PROMPT = 512


def prefill(bench: Bench, model: Model, sides: list[str] = SIDES, peak: str = "int8_gops"):
    """A prompt of 512 tokens. `peak` names the probe's figure for the arithmetic of the model's weights."""
    ours = bench.compare(
        model, "prefill_tokens_per_s", "prefill_tokens_per_s", sides, "latency", input_len=PROMPT, output_len=1,
        num_requests=2)
    if "error" not in ours:
        share = share_of_peak(ours["layer_weights"], ours["prefill_tokens_per_s"], bench.probe[peak])
        bench.record(model, "prefill_share_of_peak", OURS, share)


def decode(bench: Bench, model: Model, sides: list[str] = SIDES):
    """128 tokens behind a prompt of 128."""
    ours = bench.compare(
        model, "decode_tokens_per_s", "decode_tokens_per_s", sides, "latency", input_len=128, output_len=128,
        num_requests=2)
    if "error" not in ours:
        weight_bytes = ours["packed_layer_bytes"] + ours["packed_head_bytes"]
        share = share_of_bandwidth(weight_bytes, ours["decode_tokens_per_s"], ours["read_gb_per_s"])
        bench.record(model, "read_gb_per_s", OURS, ours["read_gb_per_s"])
        bench.record(model, "decode_share_of_bandwidth", OURS, share)
