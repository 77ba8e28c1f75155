"""A server that answers what a test tells it to, and remembers what it was asked."""
import contextlib
import dataclasses
import http.server
import threading


@dataclasses.dataclass
class Asked:
    method: str
    path: str
    headers: list
    body: bytes

    def header(self, name: str):
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    def line(self) -> str:
        return f"{self.method} {self.path}"


class Scripted:
    """`answer(asked)` gives (status, headers, body); `asked` lists the requests in order."""

    def __init__(self, answer):
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                length = int(self.headers.get("content-length") or 0)
                asked = Asked(self.command, self.path, list(self.headers.items()), self.rfile.read(length))
                outer.asked.append(asked)
                status, headers, body = answer(asked)
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = handle_one

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def lines(self) -> list:
        return [asked.line() for asked in self.asked]


@contextlib.contextmanager
def scripted(answer):
    server = Scripted(answer)
    thread = threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.server.shutdown()
        thread.join()
        server.server.server_close()
