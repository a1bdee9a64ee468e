"""A local stand-in for a model hub: as much of its API as one commit of small files needs."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_sesame"
OWNER = "someone"
"""The only one whose repositories the token may write."""


class Hub(ThreadingHTTPServer):
    """`repositories` has the files of each, by name; `requests` what was asked, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.requests: list[str] = []
        self.spoiled: set[str] = set()
        """Files of which the hub keeps other bytes than it is sent."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving() -> Iterator[Hub]:
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield hub
    hub.shutdown()
    hub.server_close()
    thread.join()


class Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.act(b"")

    def do_POST(self) -> None:
        self.act(self.rfile.read(int(self.headers["Content-Length"])))

    def act(self, body: bytes) -> None:
        path = self.path.partition("?")[0]
        self.server.requests.append(f"{self.command} {path}")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.answer(401, {"error": "Invalid username or password."})
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if path == "/api/validate-yaml":
            wrong = "broken" in json.loads(body)["content"]
            return self.answer(400 if wrong else 200, {"errors": [{"message": "no such licence"}] * wrong})
        owner, name, *rest = path.removeprefix("/api/models/").split("/")
        repository = self.server.repositories.get(f"{owner}/{name}")
        verb = rest[0] if rest else "info"
        if repository is None:
            self.answer(404, {"error": "Repository not found"})
        elif verb == "info":
            self.answer(200, {"id": f"{owner}/{name}"})
        elif verb == "tree":
            self.answer(200, [entry(file, content) for file, content in repository.items()])
        elif verb == "preupload":
            files = [{**file, "uploadMode": "regular", "shouldIgnore": False} for file in json.loads(body)["files"]]
            self.answer(200, {"files": files})
        elif verb == "commit":
            self.commit(repository, [json.loads(line) for line in body.splitlines()])

    def create(self, wanted: dict[str, Any]) -> None:
        repository = f"{wanted['organization']}/{wanted['name']}"
        if wanted["organization"] != OWNER:
            self.answer(403, {"error": "You don't have the rights to create a model under this namespace"})
        elif repository in self.server.repositories:
            url = f"{self.server.url}/{repository}"
            self.answer(409, {"error": "You already created this model repo", "url": url})
        else:
            self.server.repositories[repository] = {".gitattributes": b"*.safetensors filter=lfs\n"}
            self.answer(200, {"url": f"{self.server.url}/{repository}"})

    def commit(self, repository: dict[str, bytes], lines: list[dict[str, Any]]) -> None:
        for line in lines:
            if line["key"] == "file":
                name, content = line["value"]["path"], base64.b64decode(line["value"]["content"])
                repository[name] = content[::-1] if name in self.server.spoiled else content
        oid = hashlib.sha1(repr(sorted(repository.items())).encode()).hexdigest()
        self.answer(200, {"success": True, "commitOid": oid, "commitUrl": f"{self.server.url}/x/x/commit/{oid}"})

    def answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def entry(name: str, content: bytes) -> dict[str, Any]:
    """A file of a repository, as the hub lists it."""
    oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return {"type": "file", "path": name, "size": len(content), "oid": oid}
