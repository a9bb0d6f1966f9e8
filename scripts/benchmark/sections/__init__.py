"""The parts of a run, in their order. Each measures one round of one model."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import Bench
from catalogue import MIDDLE, SMALLEST, Model

from . import batch, bfloat, context, experts, logits, memory, serving, single_stream, start, streams, threads

EVERY_ROUND = 1000


@dataclass(frozen=True)
class Section:
    name: str
    measure: Callable[[Bench, Model], None]
    models: tuple[str, ...] | None = None
    """The models that it is about; all unless given."""
    most_rounds: int = EVERY_ROUND
    """Sections that take minutes, or that repeat their measurement themselves, run in the first round only."""


SECTIONS = [
    Section("prefill", single_stream.prefill),
    Section("decode", single_stream.decode),
    Section("streams", streams.measure),
    Section("sampling", logits.sampling),
    Section("scoring", logits.scoring),
    Section("threads", threads.measure),
    Section("bf16", bfloat.measure, (MIDDLE,)),
    Section("experts", experts.measure, (SMALLEST,)),
    Section("serving", serving.measure, (SMALLEST,)),
    Section("context", context.measure, most_rounds=1),
    Section("batch", batch.measure, (SMALLEST, MIDDLE), most_rounds=1),
    Section("load", serving.measure_load, (SMALLEST,), most_rounds=1),
    Section("start", start.measure, (SMALLEST,), most_rounds=1),
    Section("memory", memory.measure, most_rounds=1),
]
