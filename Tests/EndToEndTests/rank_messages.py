"""What a rank says when it joins others, for ranks that aren't this program's."""

import hashlib
import hmac
import secrets
import socket
import time


def message(texts: list[str]) -> bytes:
    parts = [text.encode() for text in texts]
    return b"".join(len(part).to_bytes(3, "big") + part for part in parts)


def receive(connection: socket.socket) -> list[str]:
    """The texts of the next message; none at the end."""
    def exactly(count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                return b""
            data += more
        return data

    rest, texts = exactly(int.from_bytes(exactly(4), "little")), []
    while rest:
        end = 3 + int.from_bytes(rest[:3], "big")
        texts.append(rest[3:end].decode())
        rest = rest[end:]
    return texts


def join_ranks(port: int, secret: str, rank: int, size: int, settings: str, protocol: int = 1) -> list[str]:
    """Joins the ranks that meet at a port of this host, and returns what rank 0 says last."""
    deadline = time.monotonic() + 30
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=30)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "rank 0 doesn't wait for others"
            time.sleep(0.05)

    def send(data: bytes):
        connection.sendall(len(data).to_bytes(4, "little") + data)

    with connection:
        nonce = secrets.token_hex(32)
        send(message(["trtllm-ranks", str(protocol), nonce]))
        answer = receive(connection)
        if answer[0] != "trtllm-ranks":
            return answer
        opening = message(["hello", str(rank), str(size), settings, "another host", "elsewhere", "1", "127.0.0.1:9"])
        key = hashlib.sha256(f"trtllm-ranks {secret}".encode()).digest()
        statement = f"trtllm-ranks {protocol} joins\n{nonce}\n{answer[2]}\n".encode() + opening
        send(message(["proof", hmac.new(key, statement, "sha256").hexdigest()]))
        send(opening)
        assert receive(connection)[0] == "proof"
        return receive(connection)
