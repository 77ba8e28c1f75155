"""What a server that nobody has verified can do to the client's user: little."""
import json

import pytest

from client import ERRORS, accept
from scripted import scripted


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_and_named(client, status):
    with scripted(accept) as other, scripted(lambda _: (status, [("Location", other.url + "/x\u009b")], b"")) as server:
        for command in (["attest"], ["get-resource", "--path", "a/b/c"], ["config", "delete-resource", "--path", "a/b/c"]):
            done = client(server, *command)
            assert (done.returncode, done.stdout) == (1, "")
            assert f"the server redirects (status {status}) to {other.url}/x" in done.stderr
            assert "\u009b" not in done.stderr and "\x9b" not in done.stderr
    assert other.asked == [] and len(server.asked) == 3


@pytest.mark.parametrize("token", ["a.b.c", "\x1b[2J", ""])
def test_what_is_no_token_by_its_form_is_not_printed(client, token):
    def answer(asked):
        if asked.path.endswith("auth"):
            return 200, [("Set-Cookie", "kbs-session-id=1")], json.dumps({"nonce": "AA==", "extra-params": ""}).encode()
        return 200, [], json.dumps({"token": token}).encode()

    with scripted(answer) as server:
        done = client(server, "attest")
    assert (done.returncode, done.stdout) == (1, "") and "Error: " in done.stderr and "\x1b" not in done.stderr


def test_words_of_a_server_move_no_terminal(client):
    body = json.dumps({"type": ERRORS + "Policy\x1b[2JDeny", "detail": "a\nb\x1b]0;x\x07"}).encode()
    headers = [("X-Request-Id", "r\t1"), ("Trustee-Code", "c\u00e9")]
    for text in (body, b"\x1b[2J", b"\xc2\x9b"):
        with scripted(lambda _, text=text: (401, headers, text)) as server:
            for command in (["attest"], ["get-resource", "--path", "a/b/c"],
                            ["config", "get-reference-value", "--id", "x"]):
                done = client(server, *command)
                assert (done.returncode, done.stdout) == (1, "")
                assert not set(done.stderr) & {"\x1b", "\x07", "\x9b", "\t"}, done.stderr
    with scripted(lambda _: (200, [], b'["\xc2\x9b"]')) as server:
        value = client(server, "--output", "json", "config", "get-reference-value", "--id", "x")
    assert (value.returncode, value.stdout) == (0, '["\\u009b"]\n')
    with scripted(lambda _: (200, [], b"\x1b[2J")) as server:
        value = client(server, "--output", "json", "config", "get-reference-value", "--id", "x")
    assert (value.returncode, value.stdout) == (1, "") and "\x1b" not in value.stderr
