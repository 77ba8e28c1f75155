"""Servers of AMD and Intel on loopback, with the documents of a test hierarchy, that can be told to be
out of order in every way that vendors' servers are. They count what they are asked."""
import pathlib
import socket
import threading
import urllib.parse

# What a server does when it is out of order. Documents: `expired` ones (an earlier issue) and `forged`
# ones (of a stranger with the same names); else what becomes of the connection.
ANSWERING = ("429", "500", "page", "garbage", "expired", "forged", "closed")
HOLDING = ("slow", "hanging")


def answer(status: int, body: bytes = b"", **headers) -> bytes:
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Hold:
    """A request that got no answer so far."""

    def __init__(self, target: str):
        self.target = target
        self.release = threading.Event()
        self.over = threading.Event()  # answered, or one of both sides closed the connection

    @property
    def pending(self) -> bool:
        return not self.over.is_set()


class Vendor:
    """One server. `mode` is `normal`, or one of ANSWERING and HOLDING; it may be set at any time. What is
    held when the mode changes is answered in the new one."""

    def __init__(self, hierarchy: pathlib.Path, tls=None):
        self.hierarchy = hierarchy
        self.tls = tls
        self.documents = "good"
        self.requests = []  # targets
        self.holds = []
        self._lock = threading.Lock()
        self._mode = "normal"
        self._port = 0
        self._connections = set()
        self._threads = []
        self._listener = None
        self._open()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str):
        assert mode == "normal" or mode in ANSWERING + HOLDING, mode
        before, self._mode = self._mode, mode
        for hold in self.holding():
            hold.release.set()
        if mode == "closed":
            self._close()
        elif before == "closed":
            self._open()

    def holding(self) -> list:
        """The requests that wait for an answer now."""
        with self._lock:
            return [h for h in self.holds if h.pending]

    def release(self):
        """Answers what is held; what comes later is held again."""
        for hold in self.holding():
            hold.release.set()

    def stop(self):
        self._mode = "closed"
        self.release()
        self._close()
        for thread in self._threads:
            thread.join(timeout=10)
            assert not thread.is_alive()

    def _open(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(64)
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._spawn(self._accept, listener)

    def _close(self):
        """Nobody listens any more, and what is open ends."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other side was first

    def _spawn(self, work, *args):
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._spawn(self._serve, connection)

    def _serve(self, connection):
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self._connections.add(connection)
            while head := self._head(connection):
                if not self._respond(connection, head.split(" ")[1]):
                    return
        except OSError:
            pass  # the other side is gone
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    @staticmethod
    def _head(connection) -> str:
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(65536)
            if not more:
                return ""
            head += more
        return head.decode()

    def _respond(self, connection, target: str) -> bool:
        """Answers as the mode wants it. False when the connection is to end."""
        hold = Hold(target)
        with self._lock:
            self.requests.append(target)
            mode = self._mode
            if mode in HOLDING:
                self.holds.append(hold)
        if mode in HOLDING:
            try:
                if not self._wait(connection, hold):
                    return False
            finally:
                hold.over.set()
            mode = "normal" if mode == "slow" and self._mode == "slow" else self._mode
        if mode == "garbage":
            connection.sendall(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
            return False
        if mode in HOLDING + ("closed",):
            return False
        connection.sendall(self._answer(mode, target))
        return True

    @staticmethod
    def _wait(connection, hold) -> bool:
        """Until the answer may go; False when the other side went first."""
        connection.settimeout(0.02)
        while not hold.release.is_set():
            try:
                if connection.recv(1) == b"":
                    return False
            except TimeoutError:
                pass
        connection.settimeout(None)
        return True

    def _answer(self, mode: str, target: str) -> bytes:
        if mode == "429":
            return answer(429, b"slow down", Retry_After="3600")
        if mode == "500":
            return answer(500)
        if mode == "page":
            return answer(200, b"<html>down for maintenance</html>", Content_Type="text/html")
        return self.document(self.documents if mode == "normal" else mode, target)

    def document(self, folder: str, target: str) -> bytes:
        """The answer of a server in order, with the documents of a folder of the hierarchy."""
        raise NotImplementedError

    def _file(self, folder: str, name: str) -> bytes:
        return (self.hierarchy / folder / name).read_bytes()


class Kds(Vendor):
    """AMD's Key Distribution Service, for Genoa."""

    def document(self, folder, target):
        path = target.partition("?")[0]
        if path == "/vcek/v1/Genoa/crl":
            return answer(200, self._file(folder, "amd-crl.der"))
        if path == "/vcek/v1/Genoa/cert_chain":
            return answer(200, self._file(folder, "amd-chain.pem"))
        chip = bytes.fromhex(path.removeprefix("/vcek/v1/Genoa/"))
        name = f"vcek-{int.from_bytes(chip[:4], 'little')}.der"
        if not (self.hierarchy / folder / name).exists():
            return answer(404)
        return answer(200, self._file(folder, name))


class Pcs(Vendor):
    """Intel's Provisioning Certification Service, or a PCCS below a path."""

    prefix = "/cache"

    @property
    def url(self) -> str:
        return f"{super().url}{self.prefix}/"

    def document(self, folder, target):
        path = target.partition("?")[0].removeprefix(self.prefix)
        chain = urllib.parse.quote(self._file(folder, "tcb-chain.pem"))
        if path == "/tdx/certification/v4/tcb":
            return answer(200, self._file(folder, "tcb.json"), TCB_Info_Issuer_Chain=chain)
        if path == "/tdx/certification/v4/qe/identity":
            return answer(200, self._file(folder, "qe.json"), SGX_Enclave_Identity_Issuer_Chain=chain)
        if path == "/sgx/certification/v4/pckcrl":
            ca_chain = urllib.parse.quote(self._file(folder, "ca-chain.pem"))
            return answer(200, self._file(folder, "pck-crl.der"), SGX_PCK_CRL_Issuer_Chain=ca_chain)
        if path == "/sgx/certification/v4/rootcacrl":
            return answer(200, self._file(folder, "root-crl.der"))
        return answer(404)
