"""Many clients at once, and clients that hardly read."""

import asyncio
import socket
import time

import httpx

from server_process import ServerProcess
from server_state import ServerState, check_given_back

BODY = {"model": "m", "prompt": "One two three", "max_tokens": 8, "temperature": 0, "ignore_eos": True, "stream": True}


def stream_all(server, count: int) -> list[str | int]:
    """The text that each of so many clients streamed, all at once, or the status that refused it."""
    async def one(client):
        async with client.stream("POST", server.url + "/v1/completions", json=BODY) as answer:
            body = (await answer.aread()).decode()
            if answer.status_code != 200:
                return answer.status_code
            assert body.endswith("data: [DONE]\n\n"), body[-200:]
            return body.count('"text":')

    async def everyone():
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=600, limits=limits) as client:
            return await asyncio.gather(*(one(client) for _ in range(count)))

    return asyncio.run(everyone())


def test_streams_of_many_clients_all_end(server, number):
    count = number("clients")
    stream_all(server, 8)
    before = ServerState.of(server)
    outcomes = stream_all(server, count)
    # A full queue refuses; whoever was taken gets every token.
    assert set(outcomes) <= {8, 9, 429}, set(outcomes)
    assert len([outcome for outcome in outcomes if outcome != 429]) >= min(count, 64)
    check_given_back(server, before)


def test_clients_that_hardly_read_harm_nobody(tiny_server, number):
    """Some read a byte a second, some nothing: others are served, and those who have left leave nothing behind."""
    server = tiny_server
    before = ServerState.of(server)
    body = (b'{"model":"m","prompt":"a","max_tokens":200,"ignore_eos":true,"stream":true,"logprobs":5}')
    head = b"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n" % (server.port, len(body))
    sockets = []
    for index in range(number("slow-clients")):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        # Several requests on one connection, whose answers nobody takes.
        connection.sendall((head + body) * (1 + index % 4))
        connection.settimeout(1)
        sockets.append(connection)
    for _ in range(5):
        for connection in sockets[::2]:
            try:
                connection.recv(1)
            except (TimeoutError, ConnectionError):
                pass
        started = time.monotonic()
        assert server.get("/health").status_code == 200
        assert server.post("/v1/completions", {**BODY, "stream": False}).status_code in (200, 429)
        assert time.monotonic() - started <= number("longest-answer")
        time.sleep(1)
    for connection in sockets:
        connection.close()
    check_given_back(server, before)


def test_connections_beyond_the_limit_wait_for_their_turn(model):
    with ServerProcess(model, "--max_connections", "8", "--max_seq_len", "256") as server:
        held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(30)]
        time.sleep(0.5)
        waiting = socket.create_connection(("127.0.0.1", server.port))
        waiting.sendall(b"GET /version HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % server.port)
        for connection in held:
            connection.close()
        waiting.settimeout(60)
        assert waiting.recv(100).startswith(b"HTTP/1.1 200")
        waiting.close()
