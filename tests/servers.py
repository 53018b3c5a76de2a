"""Servers that are no Reports API: they answer as they are told."""

import itertools
import re
import socket
import threading
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Recorder(ThreadingHTTPServer):
    """Answers as it is told, and keeps the headers of every request."""

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.seen = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/api"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers)))
        status, headers, body = self.server.answer(self.headers)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def _question(connection):
    """Read a request to its end: what is closed with a part unread is reset, not answered."""
    asked = b""
    while not _is_whole(asked) and (part := connection.recv(65536)):
        asked += part
    return asked


def _is_whole(asked):
    head, end, body = asked.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= int(length[1] if length else 0)


@contextmanager
def raw_server(*answers, heard=None):
    """Answer one connection after another with these bytes, the last of them for ever."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def run():
            for answer in itertools.chain(answers, itertools.repeat(answers[-1])):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    asked = _question(connection)
                    if heard is not None:
                        heard.append(asked)
                    connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        with suppress(OSError):  # closing alone does not wake a thread that waits for a connection
            listening.shutdown(socket.SHUT_RDWR)


def http(body, *headers, status="200 OK", length=True):
    """Return an answer as bytes; it says that the connection ends with it, as it does."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if "Connection: close" not in headers:
        lines.append("Connection: close")
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
