"""A TLS reverse proxy before a bed's API server: it sees every request, and spoils those it is told to."""
import contextlib
import dataclasses
import http.client
import http.server
import json
import socket
import ssl
import threading
import time
import urllib.parse

REASONS = {403: "Forbidden", 409: "Conflict", 429: "TooManyRequests", 503: "ServiceUnavailable"}
# Of one connection, not of what is sent over it.
HOP_BY_HOP = {"connection", "host", "transfer-encoding", "content-length"}


@dataclasses.dataclass
class Request:
    """What came, and how it was answered: `status` 0 while it is not, or when the answer was lost."""
    method: str
    path: str
    query: dict
    body: bytes
    at: float
    status: int = 0
    refused: bool = False  # by the proxy

    @property
    def watch(self) -> bool:
        return "watch" in self.query

    @property
    def lease(self) -> bool:
        return "/leases" in self.path

    @property
    def writes(self) -> bool:
        """Whether it changes something, the lease left out. A review asks, though by POST."""
        return self.method != "GET" and not self.lease and not self.path.endswith("reviews")


class Faults:
    """No fault at all; what spoils something says so in one of these. Called from many threads."""

    def refuse(self, request: Request):
        """(status, headers) of an answer that the API server does not give, or None."""

    def lose(self, request: Request) -> bool:
        """Whether the connection is cut in place of the API server's answer, which it has given."""
        return False

    def cut(self, request: Request, event: bytes):
        """After how many bytes of a watch's event the connection is cut, or None."""


class Proxy:
    """`with Proxy(bed, faults) as proxy:`. `requests` are all so far; `faults` may be replaced at any time."""

    def __init__(self, bed, faults=None):
        self.bed, self.faults = bed, faults or Faults()
        self.requests, self.watches, self.sockets = [], set(), set()
        self.lock = threading.Lock()

    def __enter__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.bed.pki.path("apiserver"), self.bed.pki.path("apiserver", "key"))
        self.server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self, "context": context}))
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self._shut(self.sockets)

    def kubeconfig(self, account: str, namespace: str):
        """As the bed's for an account, but for the address."""
        path = self.bed.directory / "pki" / f"proxy-{namespace}-{account}-{self.server.server_address[1]}.kubeconfig"
        return self.bed.pki.kubeconfig(path, self.url, {"token": self.bed.token(account, namespace)})

    def cut_watches(self):
        """Cuts every watch that is open."""
        self._shut(self.watches)

    def seen(self, holds=lambda r: True) -> list:
        with self.lock:
            return [r for r in self.requests if holds(r)]

    def writes(self) -> list:
        return [f"{r.method} {r.path}" for r in self.seen(lambda r: r.writes)]

    def _shut(self, sockets):
        with self.lock:
            for s in sockets:
                with contextlib.suppress(OSError):  # closed meanwhile
                    socket.socket.shutdown(s, socket.SHUT_RDWR)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A connection that ends where it is cut is no news."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy = context = None

    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()
        self.upstream = None
        self.held = {self.request}
        with self.proxy.lock:
            self.proxy.sockets.add(self.request)

    def finish(self):
        self._forget_upstream()
        with self.proxy.lock:
            self.proxy.sockets -= self.held
            self.proxy.watches.discard(self.request)
        with contextlib.suppress(OSError):  # cut
            super().finish()
        self.request.close()

    def _forget_upstream(self):
        if self.upstream is not None:
            self.upstream.close()
            self.upstream = None

    def _ask(self, method, body):
        if self.upstream is None:
            bed = self.proxy.bed
            context = ssl.create_default_context(cafile=str(bed.pki.path("ca")))
            self.upstream = http.client.HTTPSConnection(bed.host, bed.api_port, context=context)
            self.upstream.connect()
            self.held.add(self.upstream.sock)
            with self.proxy.lock:
                self.proxy.sockets.add(self.upstream.sock)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
        self.upstream.request(method, self.path, body or None, headers)
        return self.upstream.getresponse()

    def _answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _forward(self):
        proxy, parts = self.proxy, urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, parts.path, dict(urllib.parse.parse_qsl(parts.query)), body, time.monotonic())
        with proxy.lock:
            proxy.requests.append(request)
        if refusal := proxy.faults.refuse(request):
            request.status, headers = refusal
            request.refused = True
            status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "by the proxy",
                      "reason": REASONS[request.status], "code": request.status}
            return self._answer(request.status, {"Content-Type": "application/json", **headers}, json.dumps(status).encode())
        try:
            answer = self._ask(self.command, body)
            if request.watch and answer.status == 200:
                return self._stream(request, answer)
            content = answer.read()
        except (OSError, http.client.HTTPException):  # the API server is away: so are we
            self._forget_upstream()
            self.close_connection = True
            return None
        if proxy.faults.lose(request):
            self.close_connection = True
            return None
        request.status = answer.status
        return self._answer(answer.status, dict(answer.headers), content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward

    def _stream(self, request, answer):
        self.close_connection = True
        with self.proxy.lock:
            self.proxy.watches.add(self.request)
        self.send_response_only(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        request.status = answer.status
        for event in answer:
            cut = self.proxy.faults.cut(request, event)
            part = event[:cut]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            if cut is not None:
                return
        self.wfile.write(b"0\r\n\r\n")
