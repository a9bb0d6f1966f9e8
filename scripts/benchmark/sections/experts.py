"""A mixture of experts: only the weights of the experts that a token takes count."""

import make_experts
from bench import Bench
from catalogue import Model
from results import LLAMA_CPP, OURS

from . import single_stream


def measure(bench: Bench, model: Model):
    made = Model(make_experts.NAME, make_experts.made_in(model.path.parent))
    single_stream.prefill(bench, made, [OURS, LLAMA_CPP])
    single_stream.decode(bench, made, [OURS, LLAMA_CPP])
