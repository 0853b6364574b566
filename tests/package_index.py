"""Servers on this machine: a package index over a folder of wheels, Git over HTTP, a registry of images; for tests only."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class _Quiet(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return

    def answer(self, content: bytes, kind: str = "text/html", code: int = 200, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextlib.contextmanager
def serving(handler: Any) -> Iterator[str]:
    """Serve on a free port of this machine; gives `127.0.0.1:PORT`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def package_index(wheels: Path) -> Iterator[str]:
    """The wheels of a folder as an index (PEP 503); gives the address of its `/simple`."""

    class Index(_Quiet):
        def do_GET(self) -> None:
            parts = self.path.strip("/").split("/")
            if parts[0] == "files":
                self.answer((wheels / parts[-1]).read_bytes(), "application/octet-stream")
                return
            stem = parts[-1].replace("-", "_") + "-"
            found = sorted(path for path in wheels.glob("*.whl") if path.name.lower().startswith(stem))
            links = "".join(
                f'<a href="/files/{path.name}#sha256={hashlib.sha256(path.read_bytes()).hexdigest()}">{path.name}</a>\n'
                for path in found
            )
            self.answer(f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), code=200 if found else 404)

        def do_HEAD(self) -> None:
            self.do_GET()

    with serving(Index) as host:
        yield f"http://{host}/simple"


@contextlib.contextmanager
def folder_over_http(folder: Path) -> Iterator[str]:
    """The files of a folder, as `git update-server-info` expects them to be served."""

    class Files(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    with serving(functools.partial(Files, directory=str(folder))) as host:
        yield f"http://{host}"


@contextlib.contextmanager
def image_registry(digests: Mapping[str, str], token: str = "") -> Iterator[str]:
    """A registry (OCI Distribution) that knows digests by `repository:tag`; with a `token` it wants one first."""

    class Registry(_Quiet):
        def do_GET(self) -> None:
            assert "scope=repository" in self.path
            self.answer(json.dumps({"token": token}).encode(), "application/json")

        def do_HEAD(self) -> None:
            if token and self.headers.get("Authorization") != f"Bearer {token}":
                realm = f'Bearer realm="http://{self.headers["Host"]}/token",service="here"'
                self.answer(b"", code=401, WWW_Authenticate=realm)
                return
            repository, _, tag = self.path.removeprefix("/v2/").partition("/manifests/")
            digest = digests.get(f"{repository}:{tag}", "")
            self.answer(b"", code=200 if digest else 404, Docker_Content_Digest=digest)

    with serving(Registry) as host:
        yield host
