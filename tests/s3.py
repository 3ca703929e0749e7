"""A server of S3 on this machine, and a wire to it that can be cut."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.processes import start

_SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%d" % server.get_host_and_port(), flush=True)
import threading
threading.Event().wait()
"""
ACCOUNT = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def server() -> Iterator[str]:
    """Start one; the address that it answers at."""
    program = start("-c", _SERVER)
    try:
        program.wait_for(lambda: program.out.read_text().endswith("\n"))
        yield program.out.read_text().strip()
    finally:
        program.process.kill()


@dataclass
class Wire:
    """Connections to a server go through it."""

    address: str
    cuts: list[int] = field(default_factory=list)
    """Bytes of an answer after which a connection is cut, in its middle; each once, the last first."""

    def pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        """Pass on what comes until one side ends, or the connection is cut."""
        passed = 0
        with suppress(OSError):
            while data := source.recv(1 << 16):
                passed += len(data)
                if is_answer and self.cuts and passed > self.cuts[-1]:
                    self.cuts.pop()
                    target.sendall(data[: len(data) // 2])
                    break
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def wire(address: str) -> Iterator[Wire]:
    """A wire to the server at ``address``."""
    to = urlsplit(address)
    listener = socket.create_server(("127.0.0.1", 0))
    made = Wire(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                upstream = socket.create_connection((to.hostname, to.port))
                for pair in ((client, upstream, False), (upstream, client, True)):
                    threading.Thread(target=made.pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield made
    finally:
        listener.close()
