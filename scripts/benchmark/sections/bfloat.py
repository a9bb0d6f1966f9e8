"""A model of BF16 matrices, whose peak is another one."""

import make_bf16
from bench import Bench
from catalogue import Model
from results import LLAMA_CPP, OURS

from . import single_stream


def measure(bench: Bench, model: Model):
    made = Model(model.name + "-bf16", make_bf16.made_from(model.path))
    single_stream.prefill(bench, made, [OURS, LLAMA_CPP], "bf16_gflops")
    single_stream.decode(bench, made, [OURS, LLAMA_CPP])
