"""The server as a process: TLS, signals, logs, command line, stores under load and after a crash."""
import concurrent.futures
import json
import os
import pathlib
import re
import resource
import signal
import ssl
import subprocess
import threading
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import tokens
from scripted import scripted
from support import ADMIN_JWT, ALLOW_ALL, BIN, KEYS, Connection, Guest, Kbs, config, read_response, run

ON_DISK = ("LocalFs", "LocalJson", "Sqlite")
TLS_FILES = 'private_key = "server.key"\ncertificate = "server.pem"\n'


def wait_until(what, limit=30.0):
    """Polls `what` until it is true; its last value."""
    deadline = time.monotonic() + limit
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


# ---------------------------------------------------------------- TLS

def write_pair(directory: pathlib.Path, days=30):
    """A new self-signed server certificate with its key, each file replaced as a whole; the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = tokens.certificate("localhost", key, days=days, addresses=["127.0.0.1"])
    replace(directory / "server.key", tokens.private_pem(key))
    replace(directory / "server.pem", tokens.pem(certificate))
    return certificate


def replace(path: pathlib.Path, text: str):
    path.with_suffix(".next").write_text(text)
    path.with_suffix(".next").rename(path)


def trusting(*certificates, low=None, high=None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata="".join(tokens.pem(c) for c in certificates))
    context.minimum_version = low or context.minimum_version
    context.maximum_version = high or context.maximum_version
    return context


@pytest.fixture
def start_tls(tmp_path, start):
    def go(extra=""):
        certificate = write_pair(tmp_path)
        kbs = start(config(http=TLS_FILES + extra))
        kbs.tls = trusting(certificate)
        return kbs, certificate

    return go


def test_a_secret_travels_over_tls_and_the_cookie_is_secure(start_tls):
    kbs, _ = start_tls()
    assert "Starting HTTPS server" in kbs.log()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"over tls").status == 200
    guest = Guest(kbs)
    cookie = guest.auth().header("set-cookie")
    assert "; Secure" in cookie and "HttpOnly" in cookie
    guest.handshake()
    assert guest.secret("resource/a/b/c") == b"over tls"
    # Nobody who does not trust the certificate gets through, and plain HTTP gets no answer.
    kbs.tls = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        kbs.connect()
    kbs.tls = None
    with pytest.raises((ConnectionError, ValueError)):
        assert kbs.request("GET", "/healthz").status >= 400
        raise ConnectionError("answered in clear text with an error")


def test_kbs_client_takes_the_certificate_as_one_more_root(start_tls, tmp_path):
    kbs, _ = start_tls()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"over tls").status == 200
    url = f"https://localhost:{kbs.port}"
    got = run("kbs-client", "--url", url, "--cert-file", tmp_path / "server.pem", "--output", "raw",
              "get-resource", "--path", "a/b/c")
    assert (got.returncode, got.stdout) == (0, "over tls"), got.stderr
    refused = run("kbs-client", "--url", url, "get-resource", "--path", "a/b/c")
    assert refused.returncode == 1 and refused.stdout == ""


@pytest.mark.parametrize("extra, only_1_2", [
    ("", True), ('tls_profile = "intermediate"\n', True), ('tls_profile = "modern"\n', False),
    ('tls_profile = "intermediate"\ntls_min_version = "1.3"\n', False)])
def test_profiles_decide_the_versions(start_tls, extra, only_1_2):
    kbs, certificate = start_tls(extra)
    v = ssl.TLSVersion
    for low, high, expected in ((v.TLSv1_3, v.TLSv1_3, "TLSv1.3"), (v.TLSv1_2, v.TLSv1_2, "TLSv1.2")):
        kbs.tls = trusting(certificate, low=low, high=high)
        if expected == "TLSv1.2" and not only_1_2:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                kbs.connect()
            continue
        with kbs.connect() as connection:
            assert connection.sock.version() == expected
            assert connection.request("GET", "/healthz").status == 200
    kbs.tls = trusting(certificate)
    assert kbs.request("GET", "/healthz").status == 200


def presented(kbs) -> bytes:
    """The certificate that a new connection gets, whatever it is."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    with Connection(kbs.port, tls=tls) as connection:
        assert connection.request("GET", "/healthz").status == 200
        return connection.sock.getpeercert(binary_form=True)


def der(certificate) -> bytes:
    return certificate.public_bytes(tokens.serialization.Encoding.DER)


def test_a_new_certificate_is_served_without_a_restart(start_tls, tmp_path):
    kbs, first = start_tls()
    with kbs.connect() as old:
        assert old.request("GET", "/healthz").status == 200
        assert presented(kbs) == der(first)
        second = write_pair(tmp_path)
        assert wait_until(lambda: presented(kbs) == der(second))
        assert old.sock.getpeercert(binary_form=True) == der(first)
    assert wait_until(lambda: "reloaded" in kbs.log())
    kbs.tls = trusting(second)
    assert kbs.request("GET", "/healthz").status == 200


def test_a_bad_pair_is_refused_and_the_old_one_serves(start_tls, tmp_path):
    kbs, first = start_tls()
    other_key = ec.generate_private_key(ec.SECP256R1())
    replace(tmp_path / "server.key", tokens.private_pem(other_key))
    refusals = lambda: kbs.log().count("are refused, the old certificate stays in use")
    assert wait_until(lambda: refusals() == 1)
    assert presented(kbs) == der(first)
    for n, rubbish in enumerate(("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), start=2):
        replace(tmp_path / "server.pem", rubbish)
        assert wait_until(lambda: refusals() == n)
        assert presented(kbs) == der(first)
    # The right files end it.
    last = write_pair(tmp_path)
    assert wait_until(lambda: presented(kbs) == der(last))


@pytest.mark.parametrize("http, files, says", [
    ('certificate = "server.pem"\n', ("pem",), "private_key"),
    ('private_key = "server.key"\n', ("key",), "certificate"),
    ("", (), "private_key"),
    (TLS_FILES, ("pem",), "server.key"),
    (TLS_FILES, ("key",), "server.pem"),
    (TLS_FILES, ("pem", "other"), "key")])
def test_no_start_without_a_usable_pair(tmp_path, http, files, says):
    kbs = Kbs(tmp_path, config(http=http))
    write_pair(tmp_path)
    if "other" in files:
        (tmp_path / "server.key").write_text(tokens.private_pem(ec.generate_private_key(ec.SECP256R1())))
    elif "key" not in files:
        (tmp_path / "server.key").unlink()
    if "pem" not in files:
        (tmp_path / "server.pem").unlink()
    status, log = kbs.start(expect_failure=True)
    assert status == 1
    assert "Error: " in log and says in log, log
    assert "Starting HTTP" not in log


# ---------------------------------------------------------------- signals

def test_sigterm_loses_no_request_in_flight(start, tmp_path):
    kbs = start()
    body = os.urandom(20_000)
    connections = [kbs.connect() for _ in range(24)]
    for i, connection in enumerate(connections):
        connection.send("POST", f"/kbs/v0/resource/a/b/c{i}", body=b"", length=False,
                        headers=[("Content-Length", str(len(body)))])
        connection.sock.sendall(body[:10_000])
    # The server has read the heads when it has answered somebody else.
    assert kbs.request("GET", "/healthz").status == 200
    kbs.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    assert kbs.process.poll() is None
    for connection in connections:
        connection.sock.sendall(body[10_000:])
    answers = [read_response(connection.stream, "POST") for connection in connections]
    assert [a.status for a in answers] == [200] * len(connections)
    assert all(a.header("connection") == "close" for a in answers)
    for connection in connections:
        assert connection.stream.read() == b""
        connection.close()
    assert kbs.process.wait(timeout=35) == 0
    assert "stopped" in kbs.log() and "cut off" not in kbs.log()
    with pytest.raises(ConnectionError):
        kbs.connect()
    kbs.start()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(kbs).handshake()
    for i in range(len(connections)):
        assert guest.secret(f"resource/a/b/c{i}") == body


def test_sigterm_while_clients_keep_asking_answers_each_request_it_took(start):
    kbs = start()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"x").status == 200
    answered, cut, ending = [], [], threading.Event()
    begun = threading.Barrier(9)

    def ask():
        guest = Guest(kbs)
        try:
            guest.handshake()
        finally:
            begun.wait()
        while True:
            try:
                connection = kbs.connect()
            except ConnectionError:
                return
            # What connects in the moment the sockets close is reset by the kernel; it knows that nobody took it.
            taken = not ending.is_set()
            with connection:
                try:
                    connection.send("GET", "/kbs/v0/resource/a/b/c", guest.session())
                    answer = read_response(connection.stream, "GET")
                except ConnectionError as e:
                    if taken:
                        cut.append(e)
                    continue
                answered.append(answer.status)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    begun.wait()
    assert wait_until(lambda: len(answered) > 200)
    ending.set()
    assert kbs.stop(signal.SIGTERM) == 0
    for t in threads:
        t.join(timeout=30)
    assert set(answered) == {200}
    assert cut == []
    assert "cut off" not in kbs.log()


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGQUIT])
def test_sigint_stops_at_once(start, sig):
    kbs = start()
    with kbs.connect() as connection:
        connection.send("POST", "/kbs/v0/resource/a/b/c", headers=[("Content-Length", "100")], length=False)
        connection.sock.sendall(b"only the beginning")
        assert kbs.request("GET", "/healthz").status == 200
        kbs.process.send_signal(sig)
        # A drain would wait for the body until its limit of 30 seconds.
        assert kbs.process.wait(timeout=15) == 0
        assert connection.stream.read() == b""
    assert "stopped" in kbs.log()


# ---------------------------------------------------------------- logs

def test_the_request_id_of_the_answer_is_in_the_log(kbs):
    answer = kbs.request("GET", "/kbs/v0/resource/a/b/c")
    request = answer.header("x-request-id")
    assert re.fullmatch(r"[0-9a-f]{32}", request)
    other = kbs.request("GET", "/healthz").header("x-request-id")
    assert other != request
    assert wait_until(lambda: kbs.log().count(request) >= 2)
    lines = [line for line in kbs.log().splitlines() if request in line]
    refusal = next(line for line in lines if "refused" in line)
    assert f"request_id={request}" in refusal and answer.header("trustee-code") in refusal
    access = next(line for line in lines if "kbs::access" in line)
    assert '"GET /kbs/v0/resource/a/b/c HTTP/1.1" 401' in access and access.endswith(request)


def test_an_unreadable_log_filter_is_an_error(tmp_path):
    kbs = Kbs(tmp_path, config(), env={"RUST_LOG": "kbs=loud"})
    status, log = kbs.start(expect_failure=True)
    assert status == 1 and "Error: " in log and "loud" in log
    client = run("kbs-client", "--url", "http://127.0.0.1:1", "attest", env={"RUST_LOG": "==="})
    assert client.returncode == 1 and "Error: " in client.stderr


def test_json_log_lines_parse(start):
    kbs = start(config(top='log_format = "json"'), env={"RUST_LOG": "trace"})
    hostile = '/kbs/v0/resource/a/b/%22%0a%1b[31m"quoted"\\'
    request = kbs.request("GET", hostile).header("x-request-id")
    assert kbs.stop() == 0
    lines = [json.loads(line) for line in kbs.log().splitlines()]
    assert all({"time", "level", "target", "message"} <= line.keys() for line in lines), lines[0]
    refused = next(line for line in lines if line.get("request_id") == request)
    assert (refused["level"], refused["fields"]["method"]) == ("WARN", "GET")
    assert any(line["target"] == "kbs::access" and request in line["message"] for line in lines)
    assert "\x1b" not in kbs.log()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_secret_token_or_cookie_reaches_the_log_at_trace_level(start, log_format):
    admin = ADMIN_JWT.format(keys=KEYS)
    kbs = start(config(top=f'log_format = "{log_format}"', admin=admin), env={"RUST_LOG": "trace"})
    admin_token = (KEYS / "admin-token").read_text().strip() if (KEYS / "admin-token").exists() else None
    canaries = {"secret": "canary-secret-5f1c", "raw cookie": "canary-cookie-77aa", "bearer": "canary-bearer-0b0b"}
    headers = []
    if admin_token:
        headers = [("Authorization", f"Bearer {admin_token}")]
        canaries["admin token"] = admin_token
        canaries["admin signature"] = admin_token.rsplit(".", 1)[1]
    secret = canaries["secret"].encode()
    for path in ("a/b/c", "a//c", "%2e%2e/b/c"):
        kbs.request("POST", f"/kbs/v0/resource/{path}", headers, body=secret)
    kbs.request("POST", "/kbs/v0/resource/a/b/d", body=secret)
    kbs.set_resource_policy(ALLOW_ALL, headers)
    guest = Guest(kbs).handshake()
    cookie_of_challenge = Guest(kbs)
    cookie_of_challenge.auth()
    guest.get("resource/a/b/c")
    canaries["cookie"] = guest.cookie
    canaries["cookie of a challenge"] = cookie_of_challenge.cookie
    canaries["token"] = guest.token
    canaries["token's signature"] = guest.token.rsplit(".", 1)[1]
    canaries["nonce"] = guest.nonce
    guest.get("resource/a/b/c", [("Authorization", "Bearer " + guest.token)])
    guest.get("resource/a/b/c", [("Authorization", "Bearer " + guest.token[:-4])])
    guest.get("resource/a/b/c", [("Authorization", "Bearer " + canaries["bearer"])])
    guest.get("resource/a/b/c", [("Cookie", "kbs-session-id=" + canaries["raw cookie"])])
    kbs.post_json("/kbs/v0/attest", {"canary": canaries["secret"]}, guest.session())
    kbs.request("POST", "/kbs/v0/attest", guest.session(), body=b'{"' + secret)
    kbs.request("POST", "/kbs/v0/attest", [("Cookie", "kbs-session-id=" + canaries["raw cookie"])], body=b"{}")
    kbs.set_resource_policy(ALLOW_ALL, [("Authorization", "Bearer " + canaries["bearer"])])
    assert kbs.stop() == 0
    log = kbs.log()
    assert "/kbs/v0/attest" in log
    for name, canary in canaries.items():
        assert canary not in log, name
    for name in ("secret", "raw cookie", "bearer"):
        assert tokens.b64u(canaries[name].encode()) not in log and canaries[name].encode().hex() not in log, name


def test_core_dumps_are_off(kbs):
    limits = pathlib.Path(f"/proc/{kbs.process.pid}/limits").read_text()
    assert re.search(r"^Max core file size\s+0\s+0\s", limits, re.MULTILINE)


def test_files_of_the_server_are_for_its_user_only(start):
    for storage in ON_DISK:
        kbs = start(config(storage=storage))
        assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"x").status == 200
        made = [p for p in (kbs.directory / "data").rglob("*") if p.is_file()]
        assert made
        assert [oct(p.stat().st_mode & 0o077) for p in made] == ["0o0"] * len(made), made


# ---------------------------------------------------------------- command line

def test_kbs_without_arguments_exits_2():
    done = run("kbs", env={"KBS_CONFIG_FILE": ""})
    assert done.returncode == 2 and done.stdout == ""
    assert "--config-file" in done.stderr
    assert run("kbs", "--no-such-flag").returncode == 2
    assert run("kbs", "--help").returncode == 0
    assert re.fullmatch(r"kbs \d+\.\d+\.\d+\S*\n", run("kbs", "--version").stdout)


def test_check_config_says_what_start_would_say(tmp_path):
    good = tmp_path / "good.toml"
    good.write_text(config())
    done = run("kbs", "--check-config", "--config-file", good, cwd=tmp_path)
    assert done.returncode == 0 and str(good) in done.stdout
    assert list(tmp_path.iterdir()) == [good], "checking opens and creates nothing"

    typo = tmp_path / "typo.toml"
    typo.write_text(config(http="insecure_http = true\npayload_reqest_size = 3"))
    done = run("kbs", "--check-config", "-c", typo)
    assert done.returncode == 0 and "payload_request_size" in done.stdout

    bad = tmp_path / "bad.toml"
    for text, says in ((config(http='insecure_http = "yes"'), "insecure_http"),
                       (config(storage="Memory").replace('"Memory"', '"Clouds"'), "Clouds"),
                       (config(http=""), "private_key"), ("[http_server\n", "bad.toml"),
                       (config(admin='[admin]\nauthorization_mode = "DenyAll"\nauthorisation_mode = "x"'),
                        "authorisation_mode")):
        bad.write_text(text)
        done = run("kbs", "--check-config", "-c", bad)
        assert done.returncode == 1 and says in done.stderr, (done.stderr, says)


@pytest.mark.parametrize("text, says", [
    (config(storage="Memory").replace('"Memory"', '"Postgres"')
     + '[storage_backend.backends.postgres]\nconnection_string = "host=x"\n', "ostgres"),
    (config(storage="Memory").replace('"Memory"', '"Redis"')
     + '[storage_backend.backends.redis]\nurl = "redis://x"\n', "edis"),
    (config(extra='[attestation_service]\ntype = "coco_as_grpc"\nas_addr = "http://127.0.0.1:50004"\n'), "coco_as_grpc"),
])
def test_back_ends_of_later_are_refused_by_name(tmp_path, text, says):
    file = tmp_path / "kbs-config.toml"
    file.write_text(text)
    checked = run("kbs", "--check-config", "-c", file)
    assert checked.returncode == 1 and says in checked.stderr, checked
    status, log = Kbs(tmp_path, text).start(expect_failure=True)
    assert status == 1 and says in log


@pytest.mark.parametrize("extension, text", [
    (".toml", '[http_server]\nsockets = ["127.0.0.1:0"]\ninsecure_http = true\n[attestation_token]\n'
              'insecure_header_jwk = true\n[admin]\nauthorization_mode = "DenyAll"\n'),
    (".yaml", 'http_server:\n  sockets: ["127.0.0.1:0"]\n  insecure_http: true\nattestation_token:\n'
              '  insecure_header_jwk: true\nadmin:\n  authorization_mode: DenyAll\n'),
    (".json", '{"http_server": {"sockets": ["127.0.0.1:0"], "insecure_http": true},'
              ' "attestation_token": {"insecure_header_jwk": true}, "admin": {"authorization_mode": "DenyAll"}}'),
])
def test_the_extension_of_the_configuration_may_be_left_out(tmp_path, extension, text):
    kbs = Kbs(tmp_path, text, name="kbs-config" + extension)
    kbs.config = tmp_path / "kbs-config"
    try:
        kbs.start()
        assert kbs.request("GET", "/healthz").status == 200
        assert "kbs-config" + extension in kbs.log()
    finally:
        kbs.stop()


def test_the_environment_names_the_configuration(tmp_path):
    (tmp_path / "elsewhere.toml").write_text(config())
    done = run("kbs", "--check-config", env={"KBS_CONFIG_FILE": str(tmp_path / "elsewhere.toml")})
    assert done.returncode == 0 and "elsewhere.toml" in done.stdout
    done = run("kbs", "--check-config", env={"KBS_CONFIG_FILE": str(tmp_path / "missing.toml")})
    assert done.returncode == 1 and "missing.toml" in done.stderr


# ---------------------------------------------------------------- stores

STRESS_SECONDS = float(os.environ.get("TRUSTEE_STRESS_SECONDS", "60"))  # on each store
CLIENTS = 64


class Tally:
    def __init__(self):
        self.handshakes = 0
        self.reads = 0
        self.writes = 0
        self.failures = []
        self.lock = threading.Lock()


def stress(kbs, number, key, until, tally):
    """One client: over and over a handshake, three reads of a shared secret, its own record written and read."""
    round_number = 0
    while time.monotonic() < until:
        try:
            round_number += 1
            guest = Guest(kbs, key=key).handshake()
            for _ in range(3):
                assert guest.secret("resource/shared/stress/secret") == b"shared" * 100
            mine = f"{number}:{round_number}:".encode() * 50
            answer = kbs.request("POST", f"/kbs/v0/resource/own/stress/n{number}", body=mine)
            assert answer.status == 200, answer
            assert guest.secret(f"resource/own/stress/n{number}") == mine
            with tally.lock:
                tally.handshakes += 1
                tally.reads += 4
                tally.writes += 1
        except Exception as e:  # every kind of trouble is a failure of this test
            with tally.lock:
                tally.failures.append(f"client {number}, round {round_number}: {e!r}")


@pytest.mark.parametrize("storage", ["Memory", *ON_DISK])
def test_64_clients_at_once_and_nothing_fails(start, storage, capsys):
    kbs = start(config(storage=storage), env={"RUST_LOG": "warn,kbs::access=off,kbs=info"})
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/shared/stress/secret", body=b"shared" * 100).status == 200
    tally = Tally()
    until = time.monotonic() + STRESS_SECONDS
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(CLIENTS)]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda i: stress(kbs, i, keys[i], until, tally), range(CLIENTS)))
    with capsys.disabled():
        print(f"\n  {storage}: {tally.handshakes} handshakes, {tally.reads} reads, {tally.writes} writes by "
              f"{CLIENTS} clients in {STRESS_SECONDS:.1f} s, {len(tally.failures)} failures")
    assert tally.failures == []
    assert tally.handshakes >= CLIENTS


@pytest.mark.parametrize("storage", ON_DISK)
def test_kill_9_loses_nothing_that_was_acknowledged(start, storage):
    kbs = start(config(storage=storage))
    acknowledged, pending, lock = {}, {}, threading.Lock()

    def write(number):
        try:
            with kbs.connect() as connection:
                for i in range(100_000):
                    value = f"{number}-{i}-".encode() + os.urandom(16).hex().encode() * (1 + i % 40)
                    name = f"w{number}/t/r{i % 10}"
                    with lock:
                        pending[name] = value
                    if connection.request("POST", f"/kbs/v0/resource/{name}", body=value).status != 200:
                        return
                    with lock:
                        acknowledged[name] = pending.pop(name)
        except (ConnectionError, OSError):
            pass

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    assert wait_until(lambda: len(acknowledged) == 80)
    kbs.process.kill()
    kbs.process.wait(timeout=10)
    for t in threads:
        t.join(timeout=30)
    kbs.start()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(kbs).handshake()
    for name, value in acknowledged.items():
        # The write that was under way may have happened or not; torn or lost it may not be.
        assert guest.secret("resource/" + name) in (value, pending.get(name)), name


# ---------------------------------------------------------------- trustee up, backup, restore

class Trustee(Kbs):
    """`trustee up` with a home of its own."""

    def __init__(self, directory: pathlib.Path):
        directory.mkdir(exist_ok=True)
        super().__init__(directory, "")
        self.home = directory / "home"

    def start(self, expect_failure=False):
        assert not expect_failure
        with open(self.log_path, "ab") as log:
            offset = log.tell()
            self.process = subprocess.Popen([BIN / "trustee", "--home", self.home, "up", "--socket", "127.0.0.1:0"],
                                            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env=self.env)
        match = wait_until(lambda: re.search(r"Starting HTTP server at \[127\.0\.0\.1:(\d+)", self.log()[offset:])
                           or self.process.poll() is not None)
        assert isinstance(match, re.Match), self.log()
        self.port = int(match.group(1))
        return self

    def admin(self, *args):
        return run("kbs-client", "--url", f"http://127.0.0.1:{self.port}", "config", "--admin-token-file",
                   self.home / "admin-token", *args)


@pytest.fixture
def trustee(tmp_path):
    running = []

    def go(name="one"):
        running.append(Trustee(tmp_path / name))
        return running[-1]

    yield go
    for one in running:
        one.stop()


def test_backup_and_restore_move_a_trustee(trustee, tmp_path):
    one = trustee().start()
    secret = tmp_path / "secret"
    secret.write_bytes(os.urandom(3000))
    policy = tmp_path / "policy.rego"
    policy.write_text(ALLOW_ALL + "\n# the second\n")
    for args in (("set-resource", "--path", "a/b/c", "--resource-file", secret),
                 ("set-resource-policy", "--policy-file", policy),
                 ("set-sample-reference-value", "launch", "abc")):
        done = one.admin(*args)
        assert done.returncode == 0, done.stderr
    file = tmp_path / "backup"
    done = run("trustee", "--home", one.home, "backup", file)  # while it serves
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert one.admin("delete-resource", "--path", "a/b/c").returncode == 0
    assert one.stop() == 0

    two = trustee("two")
    done = run("trustee", "--home", two.home, "restore", file)
    assert done.returncode == 0, done.stderr
    two.start()
    assert Guest(two).handshake().secret("resource/a/b/c") == secret.read_bytes()
    got = two.admin("get-reference-value", "--id", "launch")
    assert got.returncode == 0 and "abc" in got.stdout

    broken = tmp_path / "broken"
    broken.write_bytes(file.read_bytes()[:-20])
    done = run("trustee", "--home", tmp_path / "three", "restore", broken)
    assert done.returncode == 1 and "Error: " in done.stderr


def test_explain_sends_the_token_it_found_to_nobody_in_the_open(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "admin-token").write_text("found.admin.token")
    named = tmp_path / "named"
    named.write_text("named.admin.token")

    with scripted(lambda _: (200, [], b"why")) as server:
        port = server.url.rsplit(":", 1)[1]

        def ask(url, *args):
            return run("trustee", "--home", home, "explain", "--url", url, *args, "0" * 32)

        # 0.0.0.0 is this machine too, but nobody need know that.
        for url in (f"http://0.0.0.0:{port}", f"http://localhost:1@0.0.0.0:{port}"):
            done = ask(url)
            assert done.returncode == 1 and "--admin-token-file" in done.stderr and server.asked == [], done
        assert ask(f"http://127.0.0.1:{port}").stdout == "why\n"
        assert ask(f"http://0.0.0.0:{port}", "--admin-token-file", named).stdout == "why\n"
    assert [a.header("authorization") for a in server.asked] == ["Bearer found.admin.token", "Bearer named.admin.token"]


def test_a_process_that_dies_while_it_writes_leaves_no_half_key(tmp_path):
    # A file size limit of 0 ends the process in the first write to a file.
    died = subprocess.run([BIN / "trustee", "keygen", "-f", tmp_path / "a.key"], check=False, capture_output=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert died.returncode == -signal.SIGXFSZ
    assert not (tmp_path / "a.key").exists()
    done = run("trustee", "keygen", "-f", tmp_path / "a.key")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.key", "a.pub"]
    assert [p.stat().st_mode & 0o777 for p in sorted(tmp_path.iterdir())] == [0o600, 0o600]
    assert run("trustee", "keygen", "-f", tmp_path / "a.key").returncode == 1, "and none is written over"


def test_trustee_refuses_plain_http_for_others(tmp_path):
    done = run("trustee", "--home", tmp_path / "home", "up", "--socket", "0.0.0.0:0", timeout=20)
    assert done.returncode == 1 and "--certificate" in done.stderr
