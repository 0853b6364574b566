"""A server of this machine that speaks lakeFS's API, and this process as one whose person uses it; for tests only."""

from __future__ import annotations

import base64
import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

from tests.foreign_environments import foreign_python

COMMIT = "c7a632d74f46c" + "0" * 51
KEY, SECRET = "AKIAEXAMPLE", "s3cr3t-of-the-person"


class _Api(BaseHTTPRequestHandler):
    """Branches and tags of one repository, behind the credentials, as lakeFS answers."""

    def do_GET(self) -> None:
        expected = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        answers: dict[str, object] = {
            "/api/v1/repositories/prices/branches/main": {"id": "main", "commit_id": COMMIT},
            "/api/v1/repositories/prices/branches/team%2Fnew": {"id": "team/new", "commit_id": COMMIT[::-1]},
            "/api/v1/repositories/prices/tags/v1.0": {"id": "v1.0", "commit_id": COMMIT},
        }
        if self.headers["Authorization"] != expected:
            self._send(401, {"message": "error authenticating request"})
        elif self.path in answers:
            self._send(200, answers[self.path])
        else:
            self._send(404, {"message": "not found"})

    def _send(self, status: int, answer: object) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextlib.contextmanager
def lakefs_server() -> Iterator[str]:
    """Serve on a free port of this machine; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as served:
        serving = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        serving.start()
        try:
            yield f"http://127.0.0.1:{served.server_port}"
        finally:
            served.shutdown()
            serving.join()


def client_packages() -> Path:
    """The folder with lakeFS's client, which our own environment does not have."""
    return next((foreign_python("lakefs").parent.parent / "lib").glob("python*/site-packages"))


@contextlib.contextmanager
def lakefs_in_use() -> Iterator[None]:
    """A server, its client beside ours, and the person's configuration that names it; afterwards nothing of them is left."""
    modules = set(sys.modules)
    with lakefs_server() as address:
        variables = {
            "LAKECTL_SERVER_ENDPOINT_URL": address,
            "LAKECTL_CREDENTIALS_ACCESS_KEY_ID": KEY,
            "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY": SECRET,
        }
        with mock.patch.dict("os.environ", variables), mock.patch.object(sys, "path", [*sys.path]):
            sys.path.append(str(client_packages()))
            try:
                yield
            finally:
                for name in [name for name in sys.modules if name not in modules and name.startswith("lakefs")]:
                    del sys.modules[name]
