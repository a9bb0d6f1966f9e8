"""llama.cpp in process, with trtllm-bench's subcommands, options and report keys."""

import argparse
import ctypes
import json
import time
from pathlib import Path
from statistics import median

import llama_cpp
import numpy as np

# Tokens of one pass through the model.
PASS = 512
AUTO, OFF, ON = -1, 0, 1


class Session:
    """A model with room for `streams` sequences of `length` tokens each."""

    def __init__(self, path: str, threads: int, streams: int, length: int, flash_attention: int = AUTO):
        llama_cpp.llama_backend_init()
        llama_cpp.llama_log_set(QUIET, ctypes.c_void_p(0))
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        if not self.model:
            raise SystemExit("llama.cpp can't load the model")
        options = llama_cpp.llama_context_default_params()
        # Room for the warm-up too.
        options.n_ctx = max(streams * length, PASS)
        options.n_batch = options.n_ubatch = PASS
        options.n_seq_max = streams
        options.kv_unified = True
        # As its programs have it: layers with a sliding window keep no more than the window.
        options.swa_full = False
        options.flash_attn_type = flash_attention
        options.n_threads = options.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, options)
        if not self.context:
            raise SystemExit("llama.cpp can't make a context")
        self.vocabulary_size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        self.batch = llama_cpp.llama_batch_init(PASS, 0, 1)

    def close(self):
        llama_cpp.llama_batch_free(self.batch)
        llama_cpp.llama_free(self.context)
        llama_cpp.llama_model_free(self.model)

    def clear(self):
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), False)

    def run(self, rows: list[tuple[int, int, int, bool]]) -> np.ndarray:
        """One pass over rows of (token, position, stream, wanted); the best next token of each wanted row."""
        batch = self.batch
        batch.n_tokens = len(rows)
        for index, (token, position, stream, wanted) in enumerate(rows):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = stream
            batch.logits[index] = wanted
        if (status := llama_cpp.llama_decode(self.context, batch)) != 0:
            raise SystemExit(f"llama_decode: {status}")
        count = sum(row[3] for row in rows)
        if not count:
            return np.empty(0, dtype=int)
        logits = np.ctypeslib.as_array(
            llama_cpp.llama_get_logits(self.context), shape=(count, self.vocabulary_size))
        return logits.argmax(axis=1)

    def prefill(self, prompts: list[np.ndarray]) -> np.ndarray:
        """Reads one prompt per stream, in full passes; the first generated token of each."""
        rows = [
            (int(token), position, stream, position == len(prompt) - 1)
            for stream, prompt in enumerate(prompts) for position, token in enumerate(prompt)]
        return np.concatenate([self.run(rows[start:start + PASS]) for start in range(0, len(rows), PASS)])

    def warm_up(self):
        """Touches the weights and wakes the threads."""
        self.step(self.prefill([np.zeros(128, dtype=int)]), 128)
        self.clear()

    def step(self, tokens: np.ndarray, position: int) -> np.ndarray:
        """The next token of every stream."""
        return self.run([(int(token), position, stream, True) for stream, token in enumerate(tokens)])


@llama_cpp.llama_log_callback
def QUIET(level, text, data):
    pass


def prompts(session: Session, count: int, length: int) -> list[np.ndarray]:
    return list(np.random.default_rng(1).integers(0, session.vocabulary_size, (count, length)))


def latency(options: argparse.Namespace) -> dict:
    """One stream after the other. Behind long contexts, where the kind of attention matters, both kinds are tried."""
    tried = [timed(options, attention) for attention in ([AUTO] if options.input_len <= PASS else [OFF, ON])]
    return {name: max((found[name] for found in tried if found[name]), default=None) for name in tried[0]}


def timed(options: argparse.Namespace, attention: int) -> dict:
    session = Session(options.model, options.num_threads, 1, options.input_len + options.output_len, attention)
    session.warm_up()
    first, rest = [], []
    for prompt in prompts(session, options.num_requests, options.input_len):
        session.clear()
        start = time.perf_counter()
        token = session.prefill([prompt])
        prefilled = time.perf_counter()
        for index in range(options.output_len - 1):
            token = session.step(token, options.input_len + index)
        first.append(prefilled - start)
        rest.append(time.perf_counter() - prefilled)
    session.close()
    steps = options.output_len - 1
    return {
        "prefill_tokens_per_s": options.input_len / median(first),
        "decode_tokens_per_s": steps / median(rest) if steps else None,
    }


def throughput(options: argparse.Namespace) -> dict:
    """As many streams at once as there are requests; wall time of everything."""
    streams = options.concurrency
    session = Session(options.model, options.num_threads, streams, options.input_len + options.output_len)
    texts = prompts(session, streams, options.input_len)
    session.warm_up()
    start = time.perf_counter()
    tokens = session.prefill(texts)
    for index in range(options.output_len - 1):
        tokens = session.step(tokens, options.input_len + index)
    seconds = time.perf_counter() - start
    return {
        "output_tokens_per_s": streams * options.output_len / seconds,
        "total_tokens_per_s": streams * (options.input_len + options.output_len) / seconds,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["latency", "throughput"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--report_json", type=Path, required=True)
    for name in ("input_len", "output_len", "num_requests", "num_threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--concurrency", type=int, default=1)
    options = parser.parse_args()
    measure = {"latency": latency, "throughput": throughput}[options.command]
    options.report_json.write_text(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
