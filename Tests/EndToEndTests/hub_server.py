"""A hub on this machine: its routes as huggingface.co has them, with large files kept by another host.

    with HubServer({"org/name": {"config.json": b"{}", "model.safetensors": b"..."}}) as hub:
        run(..., environment=hub.environment(tmp_path))
"""

import hashlib
import json
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee12" * 5
LARGE = 50_000


class HubServer:
    def __init__(self, repositories: dict[str, dict[str, bytes]], bytes_per_second: float | None = None, tls=None):
        self.repositories = repositories
        self.bytes_per_second = bytes_per_second
        self.requests: list[tuple[str, str, dict]] = []
        self.stored: list[tuple[str, str, dict]] = []
        self.servers = [self._server(Hub, tls), self._server(Storage, tls)]
        scheme = "https" if tls else "http"
        self.url, self.storage_url = (f"{scheme}://127.0.0.1:{server.server_address[1]}" for server in self.servers)

    def _server(self, handler, tls):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        server.hub = self
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        return server

    def __enter__(self):
        for server in self.servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def environment(self, folder, **more) -> dict[str, str]:
        """For programs that use this hub and keep a cache in a folder; no proxy of the machine's comes between."""
        return {"HF_ENDPOINT": self.url, "HF_HOME": str(folder), "HF_HUB_DISABLE_TELEMETRY": "1", **more}

    @property
    def downloads(self) -> list[str]:
        """Paths of the files that were asked for, or their hashes where the other host keeps them."""
        files = [path.split("/", 5)[5] for method, path, _ in self.requests if method == "GET" and "/resolve/" in path]
        return sorted(files)


class Relay:
    """A proxy: connects to what `CONNECT` names, but for a host that isn't there to a server that is."""

    def __init__(self, absent: str, instead: str):
        self.absent, self.instead = absent, urlsplit(instead)
        self.asked: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(1)
        self.asked.append(head)
        host, port = head.split()[1].decode().rsplit(":", 1)
        if host == self.absent:
            host, port = self.instead.hostname, self.instead.port
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        threading.Thread(target=self.copy, args=(server, client), daemon=True).start()
        self.copy(client, server)

    def copy(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def tag(content: bytes) -> str:
    """A file's hash as hubs give it."""
    if len(content) >= LARGE:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def reply(self, status: int, body: bytes = b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.send(body)

    def send(self, body: bytes):
        speed = self.server.hub.bytes_per_second
        step = len(body) if not speed else max(1, int(speed / 50))
        for start in range(0, len(body), max(1, step)):
            try:
                self.wfile.write(body[start:start + step])
            except OSError:
                self.close_connection = True
                return
            if speed:
                time.sleep(0.02)

    def content(self, content: bytes, **headers):
        wanted = self.headers.get("Range")
        if not wanted:
            return self.reply(200, content, ETag=f'"{tag(content)}"', **headers)
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(content):
            return self.reply(416)
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.reply(206, content[start:], Content_Range=span, ETag=f'"{tag(content)}"', **headers)


class Hub(Handler):
    def answer(self):
        hub = self.server.hub
        path = unquote(urlsplit(self.path).path)
        hub.requests.append((self.command, path, dict(self.headers)))
        for name, files in hub.repositories.items():
            if path in (f"/api/models/{name}", f"/api/models/{name}/revision/main", f"/api/models/{name}/revision/{COMMIT}"):
                return self.reply(200, json.dumps(listing(name, files)).encode(), Content_Type="application/json")
            if path == f"/api/models/{name}/tree/{COMMIT}":
                return self.reply(200, json.dumps(tree(files)).encode(), Content_Type="application/json")
            for revision in ("main", COMMIT):
                prefix = f"/{name}/resolve/{revision}/"
                if path.startswith(prefix):
                    return self.file(files, path[len(prefix):])
            if path.startswith(f"/api/models/{name}/revision/"):
                return self.reply(404, b"{}", X_Error_Code="RevisionNotFound")
        self.reply(404, b"{}", X_Error_Code="RepoNotFound", X_Error_Message="Repository not found")

    def file(self, files, path):
        if path not in files:
            return self.reply(404, X_Error_Code="EntryNotFound", X_Repo_Commit=COMMIT)
        content = files[path]
        if len(content) < LARGE:
            return self.content(content, X_Repo_Commit=COMMIT)
        location = f"{self.server.hub.storage_url}/{tag(content)}"
        self.reply(302, X_Repo_Commit=COMMIT, X_Linked_Etag=f'"{tag(content)}"', X_Linked_Size=str(len(content)),
                   Location=location)


class Storage(Handler):
    def answer(self):
        hub = self.server.hub
        hub.stored.append((self.command, self.path, dict(self.headers)))
        for files in hub.repositories.values():
            for content in files.values():
                if self.path == "/" + tag(content):
                    return self.content(content)
        self.reply(404)


def listing(name, files):
    return {"_id": "1", "id": name, "modelId": name, "sha": COMMIT, "private": False, "gated": False, "disabled": False,
            "downloads": 1, "likes": 0, "tags": [], "siblings": [
                {"rfilename": path, "size": len(content), "blobId": tag(content)[:40], **(
                    {"lfs": {"sha256": tag(content), "size": len(content), "pointerSize": 130}}
                    if len(content) >= LARGE else {})}
                for path, content in files.items()]}


def tree(files):
    return [{"type": "file", "path": path, "size": len(content), "oid": tag(content)[:40], **(
        {"lfs": {"oid": tag(content), "size": len(content), "pointerSize": 130}} if len(content) >= LARGE else {})}
        for path, content in files.items()]


def server_tls(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
