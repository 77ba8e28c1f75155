"""The server as a process: signals, logs, what lies on disk."""
import json
import os
import pathlib
import re
import signal
import threading
import time

import pytest

import tokens
from support import ADMIN_JWT, ALLOW_ALL, KEYS, ON_DISK, Guest, Kbs, config, read_response, run
from waiting import wait_until


# ---------------------------------------------------------------- signals

def refuses(kbs) -> bool:
    """Whether new connections are refused: all who answer know by then that it drains."""
    try:
        kbs.connect().close()
    except ConnectionError:
        return True
    return False


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
    wait_until(lambda: refuses(kbs))
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


def test_in_a_pod_whoever_comes_after_sigterm_is_served_and_told_to_leave(start):
    kbs = start(env={"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    assert kbs.request("GET", "/healthz").status == 200  # it listens for signals by now
    kbs.process.send_signal(signal.SIGTERM)
    wait_until(lambda: kbs.request("GET", "/healthz").header("connection") == "close", 10)
    assert kbs.request("GET", "/healthz").status == 200
    assert kbs.process.wait(timeout=35) == 0
    assert "cut off" not in kbs.log()


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
            # What connects in the moment the sockets close is reset by the kernel; it knows that nobody took it. Who
            # says nothing for long is sent away, too.
            taken = False
            with connection:
                try:
                    connection.send("GET", "/kbs/v0/resource/a/b/c", guest.session())
                    taken = not ending.is_set()
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
    wait_until(lambda: len(answered) > 200)
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
    wait_until(lambda: kbs.log().count(request) >= 2)
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
