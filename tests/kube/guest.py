"""Guests written against the protocol, and their ways to a key broker in the cluster. They share no code with ours."""
import json
import socket
import ssl
import sys

from programs import ROOT

sys.path.append(str(ROOT / "tests/e2e"))
from support import Guest, b64u, read_response  # noqa: E402

__all__ = ["Guest", "Route", "b64u"]


class Route:
    """The key broker at an address of the cluster: a Pod's or a Service's. With a certificate over TLS, as through a
    route that passes it through: the host's name goes out, the certificate must be for it."""

    def __init__(self, bed, address: str, host="kbs-service", certificate: bytes | None = None):
        self.bed, self.address, self.host = bed, address, host
        self.context = None if certificate is None else ssl.create_default_context(cadata=certificate.decode())

    def connect(self):
        with self.bed.inside():
            plain = socket.create_connection((self.address, 8080), 20)
        return plain if self.context is None else self.context.wrap_socket(plain, server_hostname=self.host)

    def request(self, method, path, headers=(), body=b""):
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in headers)
        with self.connect() as connection:
            connection.sendall(head.encode() + b"\r\n" + body)
            with connection.makefile("rb") as stream:
                return read_response(stream, method)

    def post_json(self, path, body, headers=()):
        return self.request("POST", path, [("Content-Type", "application/json"), *headers], json.dumps(body).encode())
