"""Measures llguidance and xgrammar on the schemas that `trtllm-bench grammar` was measured on.

    trtllm-bench grammar --vocabulary MODEL.gguf --schemas DIR --report_json ours.json --write_inputs inputs.json
    pip install llguidance xgrammar torch numpy
    python scripts/benchmark/grammars.py --inputs inputs.json --schemas DIR --ours ours.json

Each schema is compiled, then each instance walked token by token: the mask, then the token. Prints the rows of the table
in docs/structured-output.md. A schema that takes a program longer than --seconds counts as one that doesn't compile; each
program runs in a process of its own.
"""
import argparse
import json
import multiprocessing
import signal
import time
from pathlib import Path

FIGURES = ("files", "passing", "compile_errors", "validation_errors", "invalidation_errors")
SHARES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999, "max": 1}


class LLGuidance:
    """The package llguidance; its slices are those for JSON."""

    def __init__(self, tokens, special):
        import llguidance
        import llguidance.numpy

        class Words:
            eos_token_id = min(special)
            bos_token_id = None
            special_token_ids = list(special)

            def __init__(self):
                self.tokens = [b"\xff" + special[i].encode() if i in special else word for i, word in enumerate(tokens)]

            def __call__(self, text):
                return []

        wrapped = llguidance.TokenizerWrapper(Words())
        self.tokenizer = llguidance.LLTokenizer(wrapped, slices=llguidance.LLTokenizer.json_slices())
        self.library = llguidance
        self.mask = llguidance.numpy.allocate_token_bitmask(1, len(tokens))

    def compile(self, schema):
        # Masks of forced text would allow only the tokens into which the library's own tokenizer cuts it.
        grammar = '%llguidance {"no_forcing": true}\nstart: %json ' + json.dumps(schema)
        matcher = self.library.LLMatcher(self.tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise ValueError(matcher.get_error())
        return matcher

    def start(self, grammar):
        return grammar.deep_copy()

    def fill(self, matcher):
        self.library.numpy.fill_next_token_bitmask(matcher, self.mask, 0)

    def advance(self, matcher, token):
        return matcher.consume_token(token)

    def is_complete(self, matcher):
        return matcher.is_accepting()


class XGrammar:
    """The package xgrammar, one thread, with its standard settings."""

    def __init__(self, tokens, special):
        import xgrammar
        info = xgrammar.TokenizerInfo(tokens, vocab_size=len(tokens), stop_token_ids=list(special))
        self.compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)
        self.library = xgrammar
        self.mask = xgrammar.allocate_token_bitmask(1, len(tokens))

    def compile(self, schema):
        return self.compiler.compile_json_schema(json.dumps(schema), strict_mode=False)

    def start(self, grammar):
        return self.library.GrammarMatcher(grammar, terminate_without_stop_token=True)

    def fill(self, matcher):
        matcher.fill_next_token_bitmask(self.mask)

    def advance(self, matcher, token):
        return matcher.accept_token(token)

    def is_complete(self, matcher):
        return matcher.is_completed()


PROGRAMS = {"llguidance": LLGuidance, "xgrammar": XGrammar}


def allowed(program, token):
    """Whether a token's bit is set in the mask."""
    return bool(int(program.mask[0][token // 32]) >> (token % 32) & 1)


def walk(program, grammar, tokens, times):
    """Whether the masks allow all tokens of an instance, and its end."""
    matcher = program.start(grammar)
    for token in tokens:
        start = time.perf_counter()
        program.fill(matcher)
        times.append((time.perf_counter() - start) * 1e6)
        if not allowed(program, token) or not program.advance(matcher, token):
            return False
    return program.is_complete(matcher)


def distribution(times):
    """Mean and percentiles, between ranks interpolated."""
    if not times:
        return {}
    ordered = sorted(times)
    figures = {"mean": sum(ordered) / len(ordered)}
    for name, share in SHARES.items():
        rank = share * (len(ordered) - 1)
        low = int(rank)
        high = min(low + 1, len(ordered) - 1)
        figures[name] = ordered[low] + (rank - low) * (ordered[high] - ordered[low])
    return figures


def measure(name, arguments):
    """The report of one program, in the form of trtllm-bench's."""
    inputs = json.loads(Path(arguments.inputs).read_text(encoding="utf-8"))
    special = {int(number): text for number, text in inputs["special"].items()}
    program = PROGRAMS[name]([bytes.fromhex(word) for word in inputs["tokens"]], special)
    report = dict.fromkeys(FIGURES, 0)
    masks, compiles = [], []

    def stop(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    for file, instances in inputs["files"].items():
        data = json.loads((Path(arguments.schemas) / file).read_text(encoding="utf-8"))
        report["files"] += 1
        signal.alarm(arguments.seconds)
        try:
            start = time.perf_counter()
            grammar = program.compile(data["schema"])
            compiles.append((time.perf_counter() - start) * 1e6)
            passes = True
            for test, tokens in zip(data["tests"], instances, strict=True):
                if walk(program, grammar, tokens, masks) != test["valid"]:
                    report["validation_errors" if test["valid"] else "invalidation_errors"] += 1
                    passes = False
            report["passing"] += passes
        except Exception:
            report["compile_errors"] += 1
        finally:
            signal.alarm(0)
    return report | {"mask_us": distribution(masks), "compile_us": distribution(compiles)}


def worker(name, arguments, queue):
    """Measures in a process of its own: what crashes doesn't end the run."""
    queue.put(measure(name, arguments))


def row(name, report):
    """A row of the table."""
    cells = [name] + [f"{report[figure]:,}" for figure in FIGURES[1:]]
    for times in (report["mask_us"], report["compile_us"]):
        cells.append(" / ".join(f"{times.get(share, 0):,.0f}" for share in ("p50", "p99", "max")))
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", required=True)
    parser.add_argument("--schemas", required=True)
    parser.add_argument("--ours", help="report of trtllm-bench grammar")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--only", choices=PROGRAMS, action="append", help="measure this program; default: all")
    parser.add_argument("--report_json")
    arguments = parser.parse_args()
    reports = {}
    if arguments.ours:
        reports["this project"] = json.loads(Path(arguments.ours).read_text())
    for name in arguments.only or PROGRAMS:
        queue = multiprocessing.Queue()
        process = multiprocessing.Process(target=worker, args=(name, arguments, queue))
        process.start()
        while process.is_alive() and queue.empty():
            time.sleep(1)
        if not queue.empty():
            reports[name] = queue.get()
        process.join()
    print("| | passing | don't compile | valid refused | invalid accepted | mask us p50 / p99 / max | compile us p50 / p99 / max |")
    print("|---|---|---|---|---|---|---|")
    for name, report in reports.items():
        print(row(name, report))
    if arguments.report_json:
        Path(arguments.report_json).write_text(json.dumps(reports, indent=1))


if __name__ == "__main__":
    main()
