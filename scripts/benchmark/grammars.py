"""Measures llguidance and xgrammar on the schemas that `trtllm-bench grammar` was measured on.

    trtllm-bench grammar --vocabulary MODEL.gguf --schemas DIR --report_json ours.json --write_inputs inputs.json
    pip install -r scripts/benchmark/grammars-requirements.txt
    python scripts/benchmark/grammars.py --inputs inputs.json --schemas DIR --ours ours.json

Each schema is compiled, then each instance walked token by token: the mask, then the token. Prints the rows of the table
in docs/json-schema.md. Times are the thread's CPU time, so that what else runs on the machine doesn't count. Each program
runs in a process of its own; where a file takes it more than --seconds, or it crashes, that is killed, the file counts
as one that doesn't compile, and the next file begins in a new one.
"""
import argparse
import json
import multiprocessing
import os
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
        start = time.thread_time()
        program.fill(matcher)
        times.append((time.thread_time() - start) * 1e6)
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


def measure(program, data, instances):
    """What comes of one file: its figures, and the microseconds of each mask and of compiling."""
    figures = dict.fromkeys(FIGURES, 0) | {"files": 1}
    masks, compiles = [], []
    try:
        start = time.thread_time()
        grammar = program.compile(data["schema"])
        compiles.append((time.thread_time() - start) * 1e6)
        for test, tokens in zip(data["tests"], instances, strict=True):
            if walk(program, grammar, tokens, masks) != test["valid"]:
                figures["validation_errors" if test["valid"] else "invalidation_errors"] += 1
        figures["passing"] = int(not figures["validation_errors"] and not figures["invalidation_errors"])
    except Exception:
        return failed(), masks, []
    return figures, masks, compiles


def failed():
    """The figures of a file that can't be compiled."""
    return dict.fromkeys(FIGURES, 0) | {"files": 1, "compile_errors": 1}


def worker(name, words, special, connection):
    """Measures the files that come through a connection, one after the other, in a process of its own."""
    program = PROGRAMS[name](words, special)
    connection.send("ready")
    while True:
        connection.send(measure(program, *connection.recv()))


class Worker:
    """A process that measures one program."""

    def __init__(self, name, words, special):
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=worker, args=(name, words, special, theirs), daemon=True)
        self.process.start()
        theirs.close()
        if not self.connection.poll(600):
            raise TimeoutError(f"{name} doesn't start")
        self.connection.recv()

    def measure(self, data, instances, seconds):
        """What comes of a file; None where it takes more seconds of CPU time or the process crashes."""
        limit = self.cpu_seconds() + seconds
        self.connection.send((data, instances))
        try:
            while not self.connection.poll(0.5):
                if self.cpu_seconds() > limit:
                    return None
            return self.connection.recv()
        except (EOFError, OSError):
            return None

    def cpu_seconds(self):
        """Seconds of CPU time that the process has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.kill()
        self.process.join()


def run(name, arguments):
    """The report of one program, in the form of trtllm-bench's, and the files that were killed."""
    inputs = json.loads(Path(arguments.inputs).read_text(encoding="utf-8"))
    special = {int(number): text for number, text in inputs["special"].items()}
    words = [bytes.fromhex(word) for word in inputs["tokens"]]
    total = dict.fromkeys(FIGURES, 0)
    masks, compiles, killed = [], [], []
    process = Worker(name, words, special)
    for file, instances in list(inputs["files"].items())[:: arguments.every]:
        data = json.loads((Path(arguments.schemas) / file).read_text(encoding="utf-8"))
        result = process.measure(data, instances, arguments.seconds)
        if result is None:
            killed.append(file)
            process.stop()
            process = Worker(name, words, special)
            result = failed(), [], []
        for figure in FIGURES:
            total[figure] += result[0][figure]
        masks += result[1]
        compiles += result[2]
    process.stop()
    return total | {"mask_us": distribution(masks), "compile_us": distribution(compiles), "killed": killed}


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
    parser.add_argument("--seconds", type=int, default=30, help="most CPU time for one file")
    parser.add_argument("--every", type=int, default=1, help="measure only every n-th file")
    parser.add_argument("--only", choices=PROGRAMS, action="append", help="measure this program; default: all")
    parser.add_argument("--report_json")
    arguments = parser.parse_args()
    reports = {}
    if arguments.ours:
        reports["this project"] = json.loads(Path(arguments.ours).read_text())
    for name in arguments.only or PROGRAMS:
        reports[name] = run(name, arguments)
    print("| | passing | don't compile | valid refused | invalid accepted | mask us p50 / p99 / max | compile us p50 / p99 / max |")
    print("|---|---|---|---|---|---|---|")
    for name, report in reports.items():
        print(row(name, report))
    if arguments.report_json:
        Path(arguments.report_json).write_text(json.dumps(reports, indent=1))


if __name__ == "__main__":
    main()
