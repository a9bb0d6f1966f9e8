"""Servers whose model several processes compute together: the same answers, and one end for all."""

import os
import re
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import mixture_model
from rank_messages import join_ranks
from rank_processes import (BINARY, LAUNCH, children, frozen_thread, rank, shared_memory_files, spin, wait_for_workers,
                            wait_until_gone, workers)
from server_process import NO_CACHE, TINY_MODEL, ServerProcess, environment_with, free_port, run

PROMPTS = ["The capital of France is", "def fibonacci(n):", "Once upon a time"]
SMALL = ("--max_seq_len", "1024", "--max_batch_size", "16")


def completions(server: ServerProcess, max_tokens: int = 48) -> list[str]:
    def complete(prompt: str) -> str:
        answer = server.client().completions.create(
            model="m", prompt=prompt, max_tokens=max_tokens, temperature=0, extra_body={"ignore_eos": True})
        return answer.choices[0].text

    with ThreadPoolExecutor(len(PROMPTS)) as threads:
        return list(threads.map(complete, PROMPTS))


@pytest.fixture(scope="module")
def expected(server) -> list[str]:
    """The answers of one process."""
    return completions(server)


LAYOUTS = [("--tp_size", "2"), ("--tp_size", "3"), ("--pp_size", "2"), ("--tp_size", "2", "--pp_size", "2"),
           ("--tp_size", "2", "--rank_transport", "tcp")]


@pytest.mark.parametrize("layout", LAYOUTS, ids=" ".join)
def test_every_layout_answers_like_one_process(model, expected, layout):
    with ServerProcess(model, *SMALL, *layout) as server:
        processes = workers(server)
        assert completions(server) == expected
        # Once more, from the cache, streamed, with what is told of tokens.
        chunks = list(server.client().completions.create(
            model="m", prompt=PROMPTS[0], max_tokens=8, temperature=0, stream=True, logprobs=1))
        assert "".join(chunk.choices[0].text for chunk in chunks) == expected[0][:len(
            "".join(chunk.choices[0].text for chunk in chunks))]
        assert chunks[0].choices[0].logprobs.token_logprobs[0] <= 0
        sampled = [server.client().completions.create(
            model="m", prompt=PROMPTS[2], max_tokens=12, temperature=1, seed=7).choices[0].text for _ in range(2)]
        assert sampled[0] == sampled[1]
        assert server.stop() == 0
    wait_until_gone(processes)


def test_ranks_load_their_parts_of_an_engine_that_one_process_has_left(model, expected, tmp_path):
    here = {"TRTLLM_SERVE_ENGINE_CACHE": str(tmp_path), "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": ""}
    with ServerProcess(model, *SMALL, environment=here) as server:
        server.wait_until_log("the engine is cached: ")
    with ServerProcess(model, *SMALL, "--tp_size", "2", environment=here) as server:
        assert server.output().count(f"opened {tmp_path}/") == 2
        assert completions(server) == expected
    file, = tmp_path.glob("*/rank0.engine")
    file.write_bytes(file.read_bytes()[:-2000])
    with ServerProcess(model, *SMALL, "--tp_size", "2", environment=here) as server:
        assert server.output().count(f"opened {model}") == 2
        assert completions(server) == expected


def test_start_up_lines_carry_ranks_and_figures_their_memory(model):
    with ServerProcess(model, *SMALL, "--tp_size", "2") as server:
        completions(server, 4)
        time.sleep(1.5)
        page = server.get("/prometheus/metrics").text
        memory = {rank: float(size) for rank, size in
                  re.findall(r'^trtllm_rank_memory_bytes\{[^}]*rank="(\d)"\} (\S+)$', page, re.MULTILINE)}
        assert set(memory) == {"0", "1"} and all(size > 30e6 for size in memory.values())
        figures = server.gauges()
        assert figures["rank_exchanges_total"] > 0 and figures["rank_sent_bytes_total"] > 0
        assert 0 < figures["iteration_exchange_seconds"] < figures["iteration_latency_seconds"]
        iterations = server.get("/metrics").json()
        assert len(iterations) >= 4
        assert all(0 < iteration["rankExchangeMS"] < iteration["iterLatencyMS"] for iteration in iterations)
        assert all(len(iteration["rankMemUsage"]) == 2 for iteration in iterations)
        assert all(size > 30e6 for size in iterations[-1]["rankMemUsage"])
        assert 0 < figures["rank_exchange_seconds_total"] < 60 and figures["iterations_total"] >= 4
        assert server.stop() == 0
    log = server.output()
    for rank in (0, 1):
        assert re.search(rf"trtllm-serve rank {rank}.*has met the others: 2 ranks on one host, data by shared memory", log)
        assert re.search(rf"trtllm-serve rank {rank}.*has loaded its part", log)
    assert re.search(r"ranks: memory \d+ MiB, \d+ MiB; \d+ exchanges of rank 0 took \d+ ms, \d+ us in each of \d+ iterations, and sent \d+ bytes",
                     log)
    # Every line says which rank it is from.
    lines = [line for line in log.splitlines() if " trtllm-serve" in line]
    assert len(lines) > 10 and all(re.search(r" trtllm-serve rank [01]\b", line) for line in lines)


@pytest.mark.parametrize("layout", [(), ("--tp_size", "2")], ids=["one", "two"])
def test_each_iteration_has_a_line_in_the_log_when_asked(model, layout):
    with ServerProcess(model, *SMALL, "--backend", "pytorch", *layout, yaml="print_iter_log: true") as server:
        completions(server, 24)
        server.wait_until(lambda now: now["num_requests_running"] == 0, "the end of all requests")
        count = int(server.gauges()["iterations_total"])
        # The statistics themselves weren't asked for.
        assert server.get("/metrics").json() == []
        server.wait_until_log(f"iter = {count}, ")
        assert server.stop() == 0
    ranks = r", rank_exchange_time = (\d+\.\d+)s, rank_memory = \[\d+, \d+\]" if layout else "()"
    lines = re.findall(r" iter = (\d+), global_rank = 0, rank = 0, currank_total_requests = (\d)/(\d), "
                       r"elapsed_time = (\d+\.\d+)s, timestamp = \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, states = "
                       r"\{'num_ctx_requests': (\d+), 'num_ctx_tokens': (\d+), 'num_generation_tokens': (\d+)\}"
                       + ranks + "$", server.output(), re.MULTILINE)
    assert [int(line[0]) for line in lines] == list(range(1, count + 1))
    assert lines[-1][1] == lines[-1][2] == "3"
    # A prompt may be read in parts.
    assert sum(int(line[4]) for line in lines) >= len(PROMPTS)
    # The first token of each comes from its prompt.
    assert sum(int(line[6]) for line in lines) == len(PROMPTS) * 23
    assert not layout or all(0 < float(line[7]) < float(line[3]) for line in lines)


def sent_for_a_token(server: ServerProcess) -> float:
    """Bytes that rank 0 sends while one stream decodes."""
    def sent(tokens: int) -> float:
        before = server.gauges()["rank_sent_bytes_total"]
        server.client().completions.create(model="m", prompt=PROMPTS[0], max_tokens=tokens, temperature=0,
                                           extra_body={"ignore_eos": True})
        return server.gauges()["rank_sent_bytes_total"] - before

    sent(4)  # the prompt
    return (sent(72) - sent(8)) / 64


# What rank 0 tells each other rank to do for a token, at most.
COMMAND_BYTES = 200


@pytest.mark.parametrize("wire,share", [("float32", 1), ("bfloat16", 2)])
def test_bytes_on_the_wire_are_those_of_the_formula(model, wire, share):
    layers, width, between = 30, 576, 1536  # SmolLM2-135M
    with ServerProcess(model, *SMALL, "--tp_size", "2", "--rank_wire", wire) as server:
        # Of heads' outputs, outputs of attention, gated numbers and outputs this rank has a half, or a little more or less; one
        # row of the embedding is added up. Beside that there are the commands of rank 0.
        heads = 6 * 64
        formula = (layers * (heads + width / 2 + between / 2 + width / 2) + width) * 4 / share
        assert formula < sent_for_a_token(server) <= formula + COMMAND_BYTES


def test_a_stage_sends_one_row_for_a_token(model):
    with ServerProcess(model, *SMALL, "--pp_size", "2") as server:
        assert 576 * 4 < sent_for_a_token(server) <= 576 * 4 + COMMAND_BYTES


def test_dealt_experts_send_their_outputs_for_a_token(tmp_path):
    # Each token uses all four experts, two of each rank.
    layers, width = 3, 256
    path = mixture_model.write(tmp_path / "mixture.gguf", hidden=width, layers=layers, experts=4, used=4)
    with ServerProcess(path, "--tp_size", "2", "--ep_size", "2") as server:
        heads = width // 32 * 64
        formula = (layers * (heads / 2 + width / 2 + 2 * width) + width) * 4
        assert formula < sent_for_a_token(server) <= formula + COMMAND_BYTES


class Streaming:
    """A long answer that is being read."""

    def __init__(self, server: ServerProcess):
        self.error = None
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self.read, args=(server,))
        self.thread.start()
        assert self.begun.wait(60)

    def read(self, server: ServerProcess):
        try:
            for _ in server.client().completions.create(
                    model="m", prompt="Count:", max_tokens=1000, temperature=0, stream=True,
                    extra_body={"ignore_eos": True}):
                self.begun.set()
        except Exception as error:
            self.error = error


@pytest.mark.parametrize("number,words", [(signal.SIGKILL, "ended by signal 9"), (signal.SIGSTOP, "hasn't answered")],
                         ids=["killed", "hanging"])
def test_a_lost_rank_ends_all_within_five_seconds(model, number, words):
    files = shared_memory_files()
    with ServerProcess(model, *SMALL, "--tp_size", "2") as server:
        lost, = workers(server)
        stream = Streaming(server)
        start = time.monotonic()
        os.kill(lost, number)
        stream.thread.join(20)
        assert time.monotonic() - start < 6
        assert "rank 1 is lost" in str(stream.error) and words in str(stream.error)
        health = server.get("/health")
        assert health.status_code == 503 and "rank 1 is lost" in health.text
        assert server.post("/v1/completions", {"model": "m", "prompt": "a"}).status_code == 503
        assert server.process.wait(20) == 1
        wait_until_gone([lost])
    assert "rank 1 is lost" in server.output().splitlines()[-1]
    assert shared_memory_files() == files


def bound_cores(server: ServerProcess) -> list[set[int]]:
    return [os.sched_getaffinity(process) for process in (server.process.pid, *workers(server))]


@pytest.mark.parametrize("which", ["caller", "pool"])
def test_a_rank_whose_computing_hangs_is_lost_though_its_process_answers(model, which):
    with ServerProcess(model, *SMALL, "--tp_size", "2", "--num_threads", "2") as server:
        lost, = workers(server)
        stream = Streaming(server)
        with frozen_thread(lost, which):
            start = time.monotonic()
            stream.thread.join(20)
            assert time.monotonic() - start < 6
            assert "rank 1 is lost: its computing has stood still for 4 seconds" in str(stream.error)
            health = server.get("/health")
            assert health.status_code == 503 and "rank 1 is lost" in health.text
            assert server.process.wait(20) == 1
            wait_until_gone([lost])


@pytest.mark.parametrize("which", ["caller", "pool"])
def test_a_rank_that_computes_for_ever_is_lost(model, which):
    with ServerProcess(model, *SMALL, "--tp_size", "2", "--num_threads", "2") as server:
        lost, = workers(server)
        stream = Streaming(server)
        start = time.monotonic()
        spin(lost, which)
        stream.thread.join(30)
        # Four seconds, if it has a core to itself.
        assert time.monotonic() - start < 20
        assert re.search(r"rank 1 is lost: its computing has got nowhere for \d+ seconds, though it keeps a core busy",
                         str(stream.error))
        assert server.process.wait(20) == 1
        wait_until_gone([lost])


def test_a_server_whose_own_computing_hangs_ends_with_all_ranks(model):
    with ServerProcess(model, *SMALL, "--tp_size", "2") as server:
        others = workers(server)
        stream = Streaming(server)
        with frozen_thread(server.process.pid, "engine"):
            start = time.monotonic()
            while server.get("/health").status_code != 503:
                assert time.monotonic() - start < 6
                time.sleep(0.1)
            assert "rank 0 is lost: its computing has stood still" in server.get("/health").text
            wait_until_gone(others, 3)
            assert server.process.wait(30) == 1
        stream.thread.join(10)
        assert stream.error is not None


def test_lost_ranks_are_started_again_when_asked(model, expected):
    with ServerProcess(model, *SMALL, "--tp_size", "2", "--restart_workers") as server:
        cores = bound_cores(server)
        for _ in range(2):
            lost, = workers(server)
            os.kill(lost, signal.SIGKILL)
            server.wait_until_log("starting all ranks again", 10)
            server.wait_until_ready()
            assert workers(server) != [lost]
            # All cores are dealt anew, not those alone that rank 0 had.
            assert bound_cores(server) == cores
            assert completions(server) == expected
            server.log.truncate(0)
        assert server.stop() == 0


def test_ranks_that_are_all_stopped_for_a_while_go_on(model, expected):
    with ServerProcess(model, *SMALL, "--tp_size", "2") as server:
        processes = [server.process.pid, *workers(server)]
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for process in processes:
                os.kill(process, number)
            time.sleep(5 if number == signal.SIGSTOP else 1)
        assert completions(server) == expected


def test_no_rank_survives_rank_zero(model):
    files = shared_memory_files()
    with ServerProcess(model, *SMALL, "--tp_size", "3") as server:
        others = workers(server)
        assert len(others) == 2
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        wait_until_gone(others, 5)
    assert shared_memory_files() == files


def wait_for_line(server: ServerProcess, pattern: str):
    deadline = time.monotonic() + 30
    while not re.search(pattern, server.output()):
        assert server.process.poll() is None and time.monotonic() < deadline, server.output()
        time.sleep(0.005)


# What rank 1 says on its way from its start to its work.
STAGES = ["", "has met the others", "opened", "has loaded its part", "KV cache:"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_rank_that_dies_while_loading_ends_the_start(model, stage):
    files = shared_memory_files()
    with ServerProcess(model, *SMALL, "--tp_size", "2", wait=False) as server:
        lost = wait_for_workers(server, 1)
        if stage:
            wait_for_line(server, rf"trtllm-serve rank 1\b.*{stage}")
        os.kill(lost[0], signal.SIGKILL)
        assert server.process.wait(30) == 1
        assert "rank 1 is lost" in server.output()
        wait_until_gone(lost)
    assert shared_memory_files() == files


@pytest.mark.parametrize("stage", STAGES[1:4])
def test_a_rank_that_hangs_while_loading_ends_the_start(model, stage):
    with ServerProcess(model, *SMALL, "--tp_size", "2", wait=False) as server:
        lost, = wait_for_workers(server, 1)
        wait_for_line(server, rf"trtllm-serve rank 1\b.*{stage}")
        os.kill(lost, signal.SIGSTOP)
        assert server.process.wait(15) == 1
        assert "rank 1 is lost: it hasn't answered for 4 seconds" in server.output()
        wait_until_gone([lost])


@pytest.mark.parametrize("stage", STAGES)
def test_no_rank_survives_rank_zero_while_loading(model, stage):
    files = shared_memory_files()
    with ServerProcess(model, *SMALL, "--tp_size", "2", wait=False) as server:
        others = wait_for_workers(server, 1)
        if stage:
            wait_for_line(server, rf"trtllm-serve rank 0\b.*{stage}")
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        wait_until_gone(others, 5)
    assert shared_memory_files() == files


@pytest.mark.parametrize("number,reaches", [(signal.SIGTERM, "rank 0"), (signal.SIGINT, "rank 0"), (signal.SIGINT, "all")])
def test_a_signal_drains_all_ranks(model, number, reaches):
    files = shared_memory_files()
    with ServerProcess(model, *SMALL, "--tp_size", "2") as server:
        others = workers(server)
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(completions, server, 100)
            server.wait_until_active(running=len(PROMPTS))
            # A terminal's go to all of them.
            for process in [*(others if reaches == "all" else []), server.process.pid]:
                os.kill(process, number)
            assert all(len(text) > 100 for text in answer.result())
        assert server.process.wait(30) == 0
        wait_until_gone(others)
    assert shared_memory_files() == files


def test_a_full_shared_memory_file_system_changes_nothing(model, expected):
    full = "mount -t tmpfs -o size=8k none /dev/shm && dd if=/dev/zero of=/dev/shm/full bs=4k count=2 2>/dev/null; exec \"$@\""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        pytest.skip("no mount namespaces here")
    with ServerProcess(model, *SMALL, "--tp_size", "2", launcher=("unshare", "-m", "sh", "-c", full, "sh")) as server:
        assert completions(server) == expected


SECRET = "a secret of two ranks"


def start_ranks(arguments: list[list[str]], port: int, *environments: dict[str, str]) -> list[subprocess.Popen]:
    """Ranks that are started by hand, each with its own arguments and environment."""
    return [subprocess.Popen([LAUNCH, BINARY, *own], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             env=environment_with({"TRTLLM_RANK": str(number), "TRTLLM_RANK_SECRET": SECRET,
                                                   "TRTLLM_WORLD_SIZE": str(len(arguments)),
                                                   "TRTLLM_RANK_ADDRESS": f"127.0.0.1:{port}",
                                                   **(environments[number] if environments else {})}))
            for number, own in enumerate(arguments)]


@pytest.mark.parametrize("more,environment,words", [
    (["--kv_cache_dtype", "int8"], {}, "--kv_cache_dtype int8, rank 0 with auto"),
    ([], {"TRTLLM_SERVE_KERNELS": "generic"}, r"kernels \(TRTLLM_SERVE_KERNELS\) generic, rank 0 with \w+"),
    (["--tp_size", "3"], {"TRTLLM_WORLD_SIZE": "3"}, "a world size of 3, rank 0 with 2"),
], ids=["settings", "kernels", "world"])
def test_unequal_ranks_end_with_one_message(model, more, environment, words):
    common = ["serve", model, "--tp_size", "2", "--port", str(free_port())]
    ranks = start_ranks([common, [*common, *more]], free_port(), {}, environment)
    outputs = [process.communicate(timeout=60)[0] for process in ranks]
    assert all(process.returncode == 1 for process in ranks)
    for output in outputs:
        assert re.search(rf"rank 1 on \S+ was started with {words}", output), output


def test_a_rank_of_another_version_ends_all_with_one_message(model):
    port = free_port()
    first, = start_ranks([["serve", model, "--tp_size", "2", "--port", str(free_port())]], port,
                         {"TRTLLM_WORLD_SIZE": "2"})
    told = join_ranks(port, SECRET, rank=1, size=2, settings="version=9.9.9\nwhat=that has by then")
    output = first.communicate(timeout=60)[0]
    assert first.returncode == 1
    words = r"rank 1 on elsewhere was started with version 9\.9\.9, rank 0 with \d"
    assert re.search(words, output) and re.search(words, told[-1]), (output, told)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory) -> str:
    """The tiny model with other weights."""
    content = bytearray(Path(TINY_MODEL).read_bytes())
    for place in range(len(content) // 2, len(content), 16):
        content[place] ^= 1
    path = tmp_path_factory.mktemp("tuned") / "qwen2.gguf"
    path.write_bytes(content)
    return str(path)


MODELS = [("model", "a model of"), ("tuned", "weights whose samples have the checksum")]


@pytest.mark.parametrize("other,words", MODELS)
def test_unequal_models_end_every_rank_with_one_message(request, other, words):
    options = ["--tp_size", "2", "--port", str(free_port())]
    paths = [TINY_MODEL, request.getfixturevalue(other)]
    ranks = start_ranks([["serve", path, *options] for path in paths], free_port())
    outputs = [process.communicate(timeout=60)[0] for process in ranks]
    assert all(process.returncode == 1 for process in ranks)
    assert all(f"rank 1 has {words}" in output and f"but rank 0 has {words}" in output for output in outputs), outputs


@pytest.mark.parametrize("address", ["10.83.7.9:1", "127.0.0.1:1"])
def test_ranks_without_a_secret_are_refused_where_others_may_come(model, address):
    environment = environment_with({"TRTLLM_RANK": "1", "TRTLLM_WORLD_SIZE": "2", "TRTLLM_RANK_ADDRESS": address})
    ended = subprocess.run([LAUNCH, BINARY, "serve", model, "--tp_size", "2"], capture_output=True, timeout=60,
                           text=True, env=environment)
    assert ended.returncode == 1
    assert "rank 1: TRTLLM_RANK_SECRET has 0 bytes, but ranks that meet where others may come" in ended.stderr


def test_a_wrong_number_of_ranks_is_refused(model):
    for number, process in enumerate(start_ranks([["serve", model, "--tp_size", "3"]] * 2, free_port())):
        output = process.communicate(timeout=60)[0]
        assert process.returncode == 1
        assert f"rank {number}: 2 ranks were started, but --tp_size 3 x --pp_size 1 needs 3" in output


def test_more_ranks_than_a_node_takes_are_refused(model):
    ended = run("serve", model, "--tp_size", "4", "--gpus_per_node", "2")
    assert ended.returncode == 1 and b"needs 4 processes, but this host takes 2" in ended.stderr
    assert b"this host takes" in run("serve", model, "--tp_size", "4096").stderr


MPIRUN = ("mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", "2", LAUNCH)


@pytest.mark.parametrize("transport", ["auto", "mpi"])
def test_ranks_of_mpirun_answer_like_those_of_one_start(model, expected, transport):
    with ServerProcess(model, *SMALL, "--tp_size", "2", "--rank_transport", transport, launcher=MPIRUN) as server:
        assert completions(server) == expected
        name = {"auto": "shared memory", "mpi": "Open MPI"}[transport]
        assert f"2 ranks on one host, data by {name}" in server.output()
        ranks = sorted(children(server.process.pid), key=rank)
        os.kill(ranks[0], signal.SIGTERM)
        assert server.process.wait(30) == 0
    wait_until_gone(ranks)


def ended_mpirun(*ranks: list[str]) -> str:
    """What ranks say that `mpirun` starts with arguments and variables (`NAME=value`) of their own, and that end at once."""
    each = [["-n", "1", "env", *(word for word in own if word.startswith("TRTLLM_")), LAUNCH, BINARY,
             *(word for word in own if not word.startswith("TRTLLM_")), "--port", str(free_port())] for own in ranks]
    command = [*MPIRUN[:MPIRUN.index("-n")], *each[0], *(word for own in each[1:] for word in (":", *own))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment_with())
    assert ended.returncode == 1, ended.stderr
    return ended.stderr + ended.stdout


@pytest.mark.parametrize("ranks,words", [
    ([["--tp_size", "3"]] * 2, r"rank [01]: 2 ranks were started, but --tp_size 3 x --pp_size 1 needs 3"),
    ([["--tp_size", "2"], ["--tp_size", "2", "--max_seq_len", "512"]],
     r"rank 1 on \S+ was started with --max_seq_len 512, rank 0 with \S+"),
    ([["--tp_size", "2", "--rank_transport", "mpi"], ["--tp_size", "2"]],
     r"rank 1 on \S+ was started with --rank_transport auto, rank 0 with mpi"),
    ([["--tp_size", "2"], ["--tp_size", "2", "TRTLLM_SERVE_KERNELS=generic"]],
     r"rank 1 on \S+ was started with kernels \(TRTLLM_SERVE_KERNELS\) generic, rank 0 with \w+"),
], ids=["number", "settings", "transport", "kernels"])
def test_unequal_ranks_of_mpirun_end_with_one_message(model, ranks, words):
    output = ended_mpirun(*(["serve", model, *own] for own in ranks))
    lines = [line for line in output.splitlines() if line.startswith("Error: ") or " error " in line]
    # No rank has another explanation.
    assert lines and all(re.search(words, line) for line in lines), output


@pytest.mark.parametrize("other,words", MODELS)
def test_unequal_models_of_mpirun_end_with_one_message(request, other, words):
    output = ended_mpirun(["serve", TINY_MODEL, "--tp_size", "2"],
                          ["serve", request.getfixturevalue(other), "--tp_size", "2"])
    assert re.search(f"rank 1 has {words} .*, but rank 0 has {words} ", output), output


def test_without_mpi_ranks_of_mpirun_name_the_package(model):
    hidden = "for f in /usr/lib/*/libmpi.so*; do mount --bind /dev/null $f; done; exec \"$@\""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
        pytest.skip("no mount namespaces here")
    environment = environment_with({"TRTLLM_RANK": "0", "TRTLLM_WORLD_SIZE": "2"})
    ended = subprocess.run(["unshare", "-m", "sh", "-c", hidden, "sh", BINARY, "serve", model, "--tp_size", "2",
                            "--port", str(free_port())], capture_output=True, timeout=60, env=environment)
    assert ended.returncode == 1 and b"install the package openmpi-bin" in ended.stderr


def test_mpi_without_its_launcher_says_how_to_start(model):
    ended = run("serve", model, "--tp_size", "2", "--rank_transport", "mpi")
    assert ended.returncode == 1 and b"mpirun -n 2 trtllm-llmapi-launch trtllm-serve" in ended.stderr


def launched(environment: dict[str, str]) -> dict[str, str]:
    """What the launch script hands on of a launcher's environment."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM", "OMPI", "PMI", "TRTLLM", "LWS"))}
    output = subprocess.run([LAUNCH, "env"], env={**plain, **NO_CACHE, **environment}, capture_output=True, text=True,
                            check=True).stdout
    return {name: value for name, _, value in (line.partition("=") for line in output.splitlines())
            if name.startswith("TRTLLM_") and name not in {*NO_CACHE, "TRTLLM_RANK_PARENT"}}


def test_the_launch_script_reads_every_launcher(tmp_path):
    scontrol = tmp_path / "scontrol"
    scontrol.write_text("#!/bin/sh\n[ \"$*\" = 'show hostnames node[3-4]' ] && printf 'node3\\nnode4\\n'\n")
    scontrol.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert launched({}) == {}
    assert launched({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4", "SLURM_PROCID": "0"}) == {
        "TRTLLM_RANK": "1", "TRTLLM_WORLD_SIZE": "4", "TRTLLM_RANK_ADDRESS": "", "TRTLLM_RANK_SECRET": ""}
    assert launched({"LWS_WORKER_INDEX": "2", "LWS_GROUP_SIZE": "3", "LWS_LEADER_ADDRESS": "m-0.m"}) == {
        "TRTLLM_RANK": "2", "TRTLLM_WORLD_SIZE": "3", "TRTLLM_RANK_ADDRESS": "m-0.m:12010", "TRTLLM_RANK_SECRET": ""}
    assert launched({**path, "SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_JOB_ID": "70012",
                     "SLURM_JOB_NODELIST": "node[3-4]"}) == {
        "TRTLLM_RANK": "1", "TRTLLM_WORLD_SIZE": "2", "TRTLLM_RANK_ADDRESS": "node3:12022", "TRTLLM_RANK_SECRET": ""}
    assert launched({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4", "TRTLLM_RANK_SECRET": "handed on"})[
        "TRTLLM_RANK_SECRET"] == "handed on"
    assert launched({"PMI_RANK": "0", "PMI_SIZE": "2"})["TRTLLM_WORLD_SIZE"] == "2"


def test_the_launch_script_ends_with_its_command():
    assert subprocess.run([LAUNCH, "sh", "-c", "exit 7"]).returncode == 7
    assert subprocess.run([LAUNCH], capture_output=True).returncode == 2


def test_sums_are_measured_by_every_transport(tmp_path):
    report = tmp_path / "report.json"
    program = BINARY.replace("trtllm-serve", "trtllm-bench")
    ended = subprocess.run([program, "collectives", "--bytes", "1024", "--rounds", "20", "--report_json", str(report)],
                           capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "shared memory" in ended.stdout and "TCP" in ended.stdout
    assert report.exists()
