"""OpenVINO GenAI in process, with the options and report keys of `trtllm-bench latency`."""

import argparse
import json
from pathlib import Path
from statistics import median

import numpy as np
import openvino
import openvino_genai

# Ids below this are ordinary tokens of every model.
VOCABULARY = 32000


def latency(options: argparse.Namespace) -> dict:
    """One stream after the other, as the library's own clock sees it."""
    pipeline = openvino_genai.LLMPipeline(options.model, "CPU", INFERENCE_NUM_THREADS=options.num_threads)
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = config.min_new_tokens = options.output_len
    config.ignore_eos = True
    config.do_sample = False
    config.apply_chat_template = False
    random = np.random.default_rng(1)
    first, rest = [], []
    # The first request warms up.
    for _ in range(1 + options.num_requests):
        prompt = random.integers(0, VOCABULARY, (1, options.input_len), dtype=np.int64)
        found = pipeline.generate(openvino.Tensor(prompt), config).perf_metrics
        if found.get_num_generated_tokens() != options.output_len:
            raise SystemExit(f"generated {found.get_num_generated_tokens()} tokens of {options.output_len}")
        first.append(found.get_ttft().mean / 1000)
        rest.append(found.get_tpot().mean / 1000)
    return {
        "prefill_tokens_per_s": options.input_len / median(first[1:]),
        "decode_tokens_per_s": 1 / median(rest[1:]) if options.output_len > 1 else None,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["latency"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--report_json", type=Path, required=True)
    for name in ("input_len", "output_len", "num_requests", "num_threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    try:
        found = latency(options)
    except RuntimeError as error:
        # The reason is the last line of OpenVINO's many.
        raise SystemExit(str(error).strip().splitlines()[-1])
    options.report_json.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
