"""`trustee explain REQUEST-ID`: what is asked, and what a server's answer can do."""
import pytest

from client import accept
from scripted import scripted
from support import run

ID = "0" * 32


@pytest.fixture
def explain(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "admin-token").write_bytes(b" found.admin.token \r\n")

    def go(server, *args):
        return run("trustee", "--home", home, "explain", "--url", server, *args, ID)

    return go


def test_slashes_at_the_end_of_the_url_and_blanks_round_the_token_do_not_matter(explain, tmp_path):
    named = tmp_path / "named"
    named.write_bytes(b"\tnamed.admin.token\r\n")
    with scripted(lambda _: (200, [], b"why")) as server:
        for end in ("", "/", "//"):
            assert explain(server.url + end).stdout == "why\n"
        assert explain(server.url, "--admin-token-file", named).stdout == "why\n"
    assert server.lines() == [f"GET /kbs/admin/v1/explain/{ID}?format=text"] * 4
    assert [a.header("authorization") for a in server.asked] == ["Bearer found.admin.token"] * 3 + [
        "Bearer named.admin.token"]


def test_words_of_a_server_move_no_terminal(explain):
    with scripted(lambda _: (200, [], b"one\x1b[2J\ntwo\xc2\x9b\n")) as server:
        assert explain(server.url).stdout == "one\\u001b[2J\ntwo\\u009b\n"
        done = explain(server.url, "--json")
        assert (done.returncode, done.stdout) == (1, "") and "\x1b" not in done.stderr, done
    with scripted(lambda _: (200, [], b'{\n  "a": "\xc2\x9b"\n}')) as server:
        assert explain(server.url, "--json").stdout == '{\n  "a": "\\u009b"\n}\n'
    with scripted(lambda _: (500, [], b"\x1b[2J")) as server:
        done = explain(server.url)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Error: the server answered 500: \\u001b[2J\n")


def test_a_redirect_is_not_followed_and_named(explain):
    with scripted(accept) as other, scripted(lambda _: (302, [("Location", other.url)], b"")) as server:
        done = explain(server.url)
    assert (done.returncode, done.stdout, other.asked) == (1, "", [])
    assert done.stderr == f"Error: the server answered 302, a redirect to {other.url}, which is not followed: \n"
