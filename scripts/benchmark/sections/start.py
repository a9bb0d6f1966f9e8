"""Seconds from the process's start to the first streamed token, with the server's own defaults.

The model's file is in the page cache.
"""

import json
import socket
import time

import httpx
from bench import Bench
from catalogue import Model
from results import OURS
from server import Server

STARTS = 5
POLL_SECONDS = 0.005


def measure(bench: Bench, model: Model):
    model.path.read_bytes()
    for _ in range(STARTS):
        with Server(bench, model, plain=True) as server:
            wait_for_port(server)
            wait_for_token(server)
            bench.record(model, "start_to_first_token_s", OURS, time.monotonic() - server.started)


def wait_for_port(server: Server):
    while True:
        server.check_running()
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            return
        except OSError:
            time.sleep(POLL_SECONDS)


def wait_for_token(server: Server):
    """Asks until a stream begins."""
    body = {"model": "m", "prompt": "Once upon a time", "max_tokens": 1, "temperature": 0, "stream": True}
    while True:
        server.check_running()
        try:
            with httpx.stream("POST", server.url + "/v1/completions", json=body, timeout=60) as answer:
                if answer.status_code == 200 and any(has_choice(line) for line in answer.iter_lines()):
                    return
        except httpx.TransportError:
            pass
        time.sleep(POLL_SECONDS)


def has_choice(line: str) -> bool:
    """Whether a line of the stream brings a token."""
    data = line.removeprefix("data: ")
    return data.startswith("{") and bool(json.loads(data).get("choices"))
