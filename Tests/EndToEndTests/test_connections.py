"""Connections as clients, proxies, browsers and attackers make them; raw sockets where libraries are too polite."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from server_process import BINARY, HTTP, ServerProcess, free_port

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(server, seconds=20) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=seconds)


def read_to_end(connection) -> bytes:
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def ask(server, request: bytes) -> bytes:
    """The answer to a request after which the server closes the connection."""
    with connect(server) as connection:
        connection.sendall(request)
        return read_to_end(connection)


def healthy_within(server, seconds: float) -> bool:
    begin = time.monotonic()
    return HTTP.get(server.url + "/health", timeout=seconds).status_code == 200 and time.monotonic() - begin < seconds


def test_ab_ends_at_once(server):
    if shutil.which("ab") is None:
        pytest.skip("ab (apache2-utils) isn't installed")
    for options in ([], ["-k"]):
        result = subprocess.run(["ab", *options, "-n", "20", "-c", "2", server.url + "/health"], capture_output=True,
                                text=True, timeout=20)
        assert "Complete requests:      20" in result.stdout
        assert "Failed requests:        0" in result.stdout


def test_an_older_client_gets_a_stream_that_ends_with_the_connection(server):
    body = json.dumps({"model": "m", "prompt": "A", "max_tokens": 3, "stream": True}).encode()
    answer = ask(server, b"POST /v1/completions HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    head, _, events = answer.partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower() and b"connection: close" in head.lower()
    assert b"data: {" in events and events.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("request_bytes, status", [
    (b"nonsense\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 100_000 + b"\r\n\r\n", 431),
    (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
    (b"GET /health HTTP/1.1\r\n\r\n", 400),
])
def test_malformed_requests_get_an_error_in_both_shapes(server, request_bytes, status):
    with connect(server) as connection:
        connection.sendall(request_bytes)
        answer = httpx_like(connection)
    assert answer["status"] == status
    assert answer["json"]["code"] == status and answer["json"]["error"]["code"] == status


def httpx_like(connection) -> dict:
    """One answer with a content length."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(1 << 16)
        assert part, "the connection ended"
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields[b"content-length"]):
        body += connection.recv(1 << 16)
    return {"status": int(head.split()[1]), "json": json.loads(body), "fields": fields}


def test_hosts_and_origins(server):
    assert server.get("/health", headers={"host": "evil.example"}).status_code == 403
    assert server.get("/health", headers={"host": f"localhost:{server.port}"}).status_code == 200
    assert server.get("/health", headers={"origin": "http://evil.example"}).status_code == 403
    assert server.get("/health", headers={"origin": "http://localhost:3000"}).status_code == 200


def test_pages_and_names_are_allowed_by_options(model):
    with ServerProcess(model, "--cors_origins", "http://page.example", "--allowed_hosts", "llm.example") as server:
        page = {"host": "llm.example", "origin": "http://page.example"}
        asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
        preflight = HTTP.options(server.url + "/v1/chat/completions", headers={**page, **asked})
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-headers"] == "authorization"
        answer = server.post("/v1/completions", {"model": "m", "prompt": "A", "max_tokens": 1}, headers=page)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "http://page.example"


def test_a_request_keeps_its_name(server):
    assert server.get("/v1/none", headers={"x-request-id": "mine"}).headers["x-request-id"] == "mine"
    assert server.get("/v1/none").headers["x-request-id"].startswith("req-")


def test_head_and_options(server):
    get, head = server.get("/v1/models"), HTTP.head(server.url + "/v1/models")
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]
    assert HTTP.options(server.url + "/health").headers["allow"] == "GET, HEAD"


def test_clients_that_ask_ahead_and_never_read_cost_little(model):
    """200 connections, each with megabytes of requests and without a read."""
    # A small KV cache, which doesn't go on growing into memory while this measures.
    with ServerProcess(model, "--max_seq_len", "1024", yaml="kv_cache_config: {max_tokens: 1024}") as server:
        before = server.memory()
        connections = [connect(server) for _ in range(200)]
        for connection in connections:
            connection.setblocking(False)
        requests = (b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000)
        deadline = time.monotonic() + 15
        stuck = 0
        while stuck < 3 and time.monotonic() < deadline:
            sent = 0
            for connection in connections:
                try:
                    sent += connection.send(requests)
                except BlockingIOError:
                    pass
            assert healthy_within(server, 10)
            stuck = stuck + 1 if sent == 0 else 0
            time.sleep(0.1)
        assert server.memory() - before < 200 << 20
        for connection in connections:
            connection.close()


def test_out_of_descriptors_the_server_waits_and_says_so(model, tmp_path):
    # A small cache, whose pages aren't still being made while processor time is counted.
    options = tmp_path / "options.yaml"
    options.write_text("kv_cache_config: {max_tokens: 2048}")
    with ServerProcess(model, "--max_seq_len", "2048", "--config", str(options)) as server:
        with connect(server) as kept:
            kept.sendall(HEALTH)
            assert kept.recv(1000).startswith(b"HTTP/1.1 200")
            pid = server.process.pid
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            taken = max(int(name) for name in os.listdir(f"/proc/{pid}/fd")) + 1
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (taken + 2, before[1]))
            others = [connect(server) for _ in range(20)]
            time.sleep(0.3)
            begin = cpu_seconds(pid)
            time.sleep(2)
            assert cpu_seconds(pid) - begin < 0.5, "it polls instead of waiting"
            assert server.output().count("connections can't be accepted for now") == 1
            kept.sendall(HEALTH)
            assert kept.recv(1000).startswith(b"HTTP/1.1 200")
            for other in others:
                other.close()
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            assert healthy_within(server, 10)


def cpu_seconds(pid) -> float:
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_at_the_limit_of_connections_the_open_ones_are_served(model):
    with ServerProcess(model, "--max_connections", "10") as server:
        kept = [connect(server) for _ in range(10)]
        for connection in kept:
            connection.sendall(HEALTH)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        waiting = connect(server)
        waiting.sendall(HEALTH)
        kept[0].sendall(HEALTH)
        assert kept[0].recv(1000).startswith(b"HTTP/1.1 200")
        assert "10 connections are open, which is the limit" in server.output()
        kept[1].close()
        assert waiting.recv(1000).startswith(b"HTTP/1.1 200")
        for connection in kept + [waiting]:
            connection.close()


def test_a_stream_cut_by_the_end_of_the_server_ends_with_an_error(model):
    with ServerProcess(model, "--max_seq_len", "8192") as server:
        body = {"model": "m", "prompt": "A", "max_tokens": 8000, "ignore_eos": True, "stream": True, "n": 64}
        with HTTP.stream("POST", server.url + "/v1/completions", json=body, timeout=60) as stream:
            parts = stream.iter_text()
            next(parts)
            server.process.send_signal(signal.SIGTERM)
            text = ""
            for part in parts:
                text = (text + part)[-4000:]
        events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {\"object\":\"error\"")]
        assert len(events) == 1 and events[0]["code"] == 503
        assert text.endswith("data: [DONE]\n\n")
        assert server.process.wait(10) == 0


def test_a_failed_start_among_polling_clients_ends_with_its_message(tmp_path):
    """What connects while the server ends isn't lost in a way that traps."""
    broken = tmp_path / "model.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    for _ in range(30):
        port = free_port()
        process = subprocess.Popen([BINARY, "serve", str(broken), "--port", str(port)], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        stop = threading.Event()

        def poll():
            while not stop.is_set():
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                        connection.sendall(HEALTH)
                        connection.recv(1000)
                except OSError:
                    pass

        pollers = [threading.Thread(target=poll) for _ in range(4)]
        for poller in pollers:
            poller.start()
        output, _ = process.communicate(timeout=30)
        stop.set()
        for poller in pollers:
            poller.join()
        assert process.returncode == 1, output
