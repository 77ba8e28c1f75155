"""Drives the real programs over real sockets: starts a kbs on loopback with its own data directory,
sends raw HTTP, and plays a guest with an implementation of the protocol that shares no code with
ours (python3-cryptography, python3-jwcrypto)."""
import base64
import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives import serialization
from jwcrypto import jwe, jwk

from programs import BIN, ROOT
from waiting import wait_until

ON_DISK = ("LocalFs", "LocalJson", "Sqlite")  # storage types that keep what they hold
KEYS = ROOT / "tests/transcripts/keys"
ERRORS = "https://github.com/confidential-containers/kbs/errors/"


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64u_decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclasses.dataclass
class Response:
    status: int
    reason: str
    headers: list
    body: bytes

    def header(self, name: str):
        """The first value of a header, or None."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)

    def problem(self) -> tuple:
        """(status, error name, detail) of a KBS error; asserts its exact shape."""
        assert self.header("content-type") is None, self.headers
        body = self.json()
        assert list(body) == ["type", "detail"], body
        assert body["type"].startswith(ERRORS), body
        return self.status, body["type"].removeprefix(ERRORS), body["detail"]

    def cookie(self):
        value = self.header("set-cookie")
        if value is None:
            return None
        match = re.match(r"kbs-session-id=([^;]*)", value)
        return match.group(1) if match else None


def read_response(stream, method: str) -> Response:
    line = stream.readline()
    if not line:
        raise ConnectionError("connection closed without an answer")
    _, status, reason = (line.decode().rstrip("\r\n").split(" ", 2) + [""])[:3]
    headers = []
    while True:
        line = stream.readline()
        if line in (b"\r\n", b"\n", b""):
            break
        name, _, value = line.decode("latin-1").rstrip("\r\n").partition(":")
        headers.append((name, value.strip()))
    lower = {k.lower(): v for k, v in headers}
    if method == "HEAD":
        body = b""
    elif "content-length" in lower:
        body = stream.read(int(lower["content-length"]))
    elif lower.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(stream.readline(), 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
    else:
        body = stream.read()
    return Response(int(status), reason, headers, body)


class Connection:
    """One HTTP/1.1 connection; requests go out exactly as given."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None, timeout: float = 20):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        self.stream = self.sock.makefile("rb")

    def send(self, method, path, headers=(), body=b"", host="127.0.0.1", length=True):
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in headers)
        if length and (body or method in ("POST", "PUT", "DELETE")):
            head += f"Content-Length: {len(body)}\r\n"
        self.sock.sendall(head.encode("latin-1") + b"\r\n" + body)

    def request(self, method, path, headers=(), body=b"", **kwargs) -> Response:
        self.send(method, path, headers, body, **kwargs)
        return read_response(self.stream, method)

    def close(self):
        self.stream.close()
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


DEFAULT_TABLES = {
    "attestation_token": "insecure_header_jwk = true",
    "admin": 'authorization_mode = "InsecureAllowAll"',
}
RESOURCE_PLUGIN = '[[plugins]]\nname = "resource"\nstorage_backend_type = "kvstorage"\n'
ADMIN_JWT = """[admin]
authorization_mode = "AuthenticatedAuthorization"
[admin.authentication.bearer_jwt]
identity_providers = [ {{ issuer = "TrusteeInDocker", public_key_uri = "{keys}/public.pub" }} ]
[admin.authorization.regex_acl]
acls = [ {{ role = "admin", allowed_endpoints = "^/kbs/.+$" }} ]
"""


def config(storage="LocalFs", admin=None, token="insecure_header_jwk = true", plugins=RESOURCE_PLUGIN,
           http="insecure_http = true", extra="", top="", data="data") -> str:
    """A kbs configuration in TOML; every part can be replaced."""
    backends = {"LocalFs": f'[storage_backend.backends.local_fs]\ndir_path = "{data}"\n',
                "LocalJson": f'[storage_backend.backends.local_json]\nfile_dir_path = "{data}"\n',
                "Sqlite": f'[storage_backend.backends.sqlite]\npath = "{data}/trustee.db"\n',
                "Memory": ""}[storage]
    admin = '[admin]\nauthorization_mode = "InsecureAllowAll"\n' if admin is None else admin
    return (f"{top}\n[http_server]\nsockets = [\"127.0.0.1:0\"]\n{http}\n[attestation_token]\n{token}\n{admin}\n"
            f"{plugins}\n[storage_backend]\nstorage_type = \"{storage}\"\n{backends}\n{extra}\n")


class Kbs:
    """A running kbs. Stopped by the process id that was started."""

    def __init__(self, directory: pathlib.Path, text: str, name="kbs-config.toml", env=None, program="kbs"):
        self.directory = directory
        (directory / "data").mkdir(exist_ok=True)
        self.program = program
        self.config = directory / name
        self.config.write_text(text)
        self.log_path = directory / "kbs.log"
        self.env = {**os.environ, "RUST_LOG": "info", **(env or {})}
        self.tls = None
        self.process = None
        self.port = 0

    def command(self) -> list:
        return [BIN / self.program, "--config-file", self.config.name]

    def start(self, expect_failure=False):
        with open(self.log_path, "ab") as log:
            offset = log.tell()
            self.process = subprocess.Popen(self.command(), cwd=self.directory, stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=self.env)
        if expect_failure:
            return self.process.wait(timeout=20), self.log()[offset:]
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            text = self.log()[offset:]
            if match := re.search(r"Starting HTTPS? server at \[127\.0\.0\.1:(\d+)", text):
                self.port = int(match.group(1))
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError(f"kbs did not start:\n{self.log()[offset:]}")

    def log(self) -> str:
        """What was written so far; lines of the last answers may still be on their way."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def settled_log(self) -> str:
        """The log with every line of what was answered before: lines keep their order, so a request of our own
        ends it. Wants the access log."""
        mark = f"/kbs/v0/log-mark-{os.urandom(8).hex()}"
        self.request("GET", mark)
        wait_until(lambda: mark in self.log(), 10, self.log)
        return self.log()

    def stop(self, sig=signal.SIGTERM) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        code = self.process.returncode
        self.process = None
        return code

    def connect(self, **kwargs) -> Connection:
        return Connection(self.port, tls=self.tls, **kwargs)

    def request(self, method, path, headers=(), body=b"", **kwargs) -> Response:
        with self.connect() as connection:
            return connection.request(method, path, headers, body, **kwargs)

    def post_json(self, path, value, headers=()) -> Response:
        return self.request("POST", path, [("Content-Type", "application/json"), *headers], json.dumps(value).encode())

    def set_resource_policy(self, text: str, headers=()) -> Response:
        return self.post_json("/kbs/v0/resource-policy", {"policy": b64u(text.encode())}, headers)

    def set_attestation_policy(self, text: str, policy_id="default_cpu", headers=()) -> Response:
        return self.post_json("/kbs/v0/attestation-policy", {"policy_id": policy_id, "policy": b64u(text.encode())}, headers)

    def register(self, values: dict, headers=()) -> Response:
        payload = base64.b64encode(json.dumps(values).encode()).decode()
        return self.post_json("/kbs/v0/reference-value", {"version": "0.1.0", "type": "sample", "payload": payload}, headers)

    def metric(self, name: str) -> float:
        """The value of one sample of /metrics, 0 when it is not there yet."""
        for line in self.request("GET", "/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0


ALLOW_ALL = 'package policy\n\nallow := data.plugin == "resource"\n'
DENY_ALL = "package policy\n\nallow := false\n"


class Guest:
    """A guest with the sample TEE, written against the specification."""

    def __init__(self, kbs: Kbs, curve=None, key=None, devices=None):
        self.kbs = kbs
        self.cookie = None
        self.token = None
        self.devices = devices
        self.private = key or ec.generate_private_key(curve or ec.SECP256R1())
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            size = (self.private.curve.key_size + 7) // 8
            point = self.private.public_key().public_numbers()
            name = {256: "P-256", 384: "P-384", 521: "P-521"}[self.private.curve.key_size]
            self.jwk = {"kty": "EC", "crv": name, "alg": "ECDH-ES+A256KW",
                        "x": b64u(point.x.to_bytes(size, "big")), "y": b64u(point.y.to_bytes(size, "big"))}
        else:
            numbers = self.private.public_key().public_numbers()
            self.jwk = {"kty": "RSA", "alg": "RSA-OAEP-256",
                        "n": b64u(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
                        "e": b64u(numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big"))}

    def auth(self, **overrides) -> Response:
        body = {"version": "0.4.0", "tee": "sample", "extra-params": {}, **overrides}
        answer = self.kbs.post_json("/kbs/v0/auth", body)
        if answer.status == 200:
            self.cookie = answer.cookie()
            self.nonce = answer.json()["nonce"]
        return answer

    @staticmethod
    def digest(value) -> str:
        """Standard base64 of SHA-384 over the canonical form (all members are plain strings)."""
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return base64.b64encode(hashlib.sha384(text.encode()).digest()).decode()

    def attestation(self, nonce=None, additional=None, init_data=None) -> dict:
        nonce = nonce or self.nonce
        if additional is None:
            additional = ""
            if self.devices:
                report = self.digest({"nonce": nonce, "tee-pubkey": self.jwk})
                additional = json.dumps({tee: {"svn": svn, "report_data": report} for tee, svn in self.devices.items()})
        report = self.digest({"additional-evidence": additional, "nonce": nonce, "tee-pubkey": self.jwk})
        body = {"init-data": {"format": "toml", "body": init_data} if isinstance(init_data, str) else init_data,
                "runtime-data": {"nonce": nonce, "tee-pubkey": self.jwk},
                "tee-evidence": {"primary_evidence": {"svn": "1", "report_data": report},
                                 "additional_evidence": additional}}
        return body

    def session(self) -> list:
        return [("Cookie", f"kbs-session-id={self.cookie}")] if self.cookie else []

    def attest(self, body=None, **kwargs) -> Response:
        answer = self.kbs.post_json("/kbs/v0/attest", body or self.attestation(**kwargs), self.session())
        if answer.status == 200:
            self.token = answer.json()["token"]
            self.cookie = answer.cookie()
        return answer

    def handshake(self, **kwargs) -> "Guest":
        assert self.auth().status == 200
        answer = self.attest(**kwargs)
        assert answer.status == 200, answer
        return self

    def claims(self) -> dict:
        return json.loads(b64u_decode(self.token.split(".")[1]))

    def get(self, path: str, headers=None) -> Response:
        return self.kbs.request("GET", "/kbs/v0/" + path, self.session() if headers is None else headers)

    def decrypt(self, answer: Response) -> bytes:
        assert answer.status == 200, (answer.status, answer.body)
        assert answer.header("content-type") == "application/json"
        box = jwe.JWE(algs=["RSA1_5", "RSA-OAEP-256", "ECDH-ES+A256KW", "A256GCM"])
        pem = self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption())
        try:
            box.deserialize(answer.body.decode(), jwk.JWK.from_pem(pem))
        except jwe.InvalidJWEData:
            # jwcrypto takes an empty plaintext that it decrypted for a failure.
            if box.decryptlog != ["Success"] or answer.json()["ciphertext"] != "":
                raise
            return b""
        return box.payload

    def secret(self, path="resource/default/test/secret") -> bytes:
        return self.decrypt(self.get(path))


def run(program, *args, env=None, cwd=None, stdin=None, timeout=60) -> subprocess.CompletedProcess:
    """Runs one of our programs to its end; text out."""
    return subprocess.run([BIN / program, *map(str, args)], capture_output=True, text=True, cwd=cwd, timeout=timeout,
                          input=stdin, env={**os.environ, **(env or {})}, check=False)


class KubeletVolume:
    """A directory filled as kubelet fills volumes of ConfigMaps and Secrets: the files lie in a directory of their own
    per version, `..data` is a link to the version in force, visible names are links through it, and a new version comes
    in force by one rename of `..data`."""

    def __init__(self, path: pathlib.Path, files=None):
        self.path = path
        self.versions = 0
        self.files = {}
        path.mkdir(parents=True)
        self.write(files or {})

    def write(self, files: dict):
        """Puts `files`, name to content, in force in the place of everything before."""
        old = self.path / "..data"
        before = os.readlink(old) if old.is_symlink() else None
        version = f"..2026_11_29_18_44_00.{1000000 + self.versions}"
        self.versions += 1
        (self.path / version).mkdir()
        for name, content in files.items():
            (self.path / version / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        os.symlink(version, self.path / "..data_tmp")
        os.rename(self.path / "..data_tmp", old)
        for name in files.keys() - self.files.keys():
            os.symlink(f"..data/{name}", self.path / name)
        for name in self.files.keys() - files.keys():
            (self.path / name).unlink()
        if before:
            shutil.rmtree(self.path / before)
        self.files = dict(files)
