"""Every step of the recorded conversations (tests/transcripts), replayed against our server and with
our client. Differences that docs/compatibility.md documents are listed here by step and asserted."""
import base64
import json
import pathlib
import re
import shutil

import pytest

import transcript
from scripted import scripted
from support import KEYS, ROOT, run
from transcript import ADMIN_TOKEN, NAMES, content, load, recorded_config, std64

# Headers that we add and the released server does not have, and what changes from run to run.
OURS = {"x-request-id", "trustee-code", "trustee-actor", "cache-control"}
VOLATILE = {"date", "set-cookie", "content-length"}


def documented(row, phrase):
    """A difference must stand in docs/compatibility.md, in that row."""
    text = (ROOT / "docs/compatibility.md").read_text()
    line = next((line for line in text.splitlines() if line.startswith(f"| {row} |")), "")
    assert phrase in line, f"row {row} does not say: {phrase}"


# --- our server, the recorded requests -----------------------------------------------------------


# Steps whose error text shows a place in a policy.
SYNTAX_ERRORS = {("05-policies", 5), ("05-policies", 21)}


def with_our_place(response) -> dict:
    """The recorded refusal of a policy with the place as we write it."""
    documented(24, "line L, column C:")
    body, count = re.subn(r"\\n--> :(\d+):(\d+)", r"line \1, column \2: --> policy.rego:\1:\2", response["body"])
    assert count == 1
    headers = [(k, str(len(body)) if k == "content-length" else v) for k, v in response["headers"]]
    return response | {"body": body, "headers": headers}


class ServerReplay:
    def __init__(self, kbs, scenario):
        self.kbs = kbs
        self.name = scenario["scenario"]
        self.steps = scenario["steps"]
        self.tokens = transcript.TokenKey()
        self.nonce = self.cookie = None
        self.found = []

    def request(self, recorded, date) -> tuple:
        """Headers and body of a recorded request, made for now."""
        body = content(recorded)
        if recorded["path"] == "/kbs/v0/attest":
            body = transcript.bound(body, self.nonce)
        elif b"<upstream policy" in body:
            body = transcript.with_our_policy(body.decode()).encode()
        headers = []
        for name, value in recorded["headers"]:
            match name.lower():
                case "host" | "content-length":
                    continue
                case "cookie":
                    value = f"kbs-session-id={self.cookie}"
                case "authorization" if value != f"Bearer {ADMIN_TOKEN}":
                    value = "Bearer " + self.tokens.moved(value.removeprefix("Bearer "), date)
            headers.append((name, value))
        return headers, body

    def key_of(self, step):
        """The private key that the step's answers are encrypted to."""
        argv = step.get("argv") or []
        if "--tee-key-file" not in argv:
            return KEYS / "tee-p256.pem" if step["driver"] == "raw" else None
        # A token of the P-256 key, whatever key the client has.
        name = "keys/tee-p256.pem" if "--attestation-token" in argv else argv[argv.index("--tee-key-file") + 1]
        return KEYS / name.removeprefix("keys/")

    def body_of(self, step, recorded, path, body):
        """What to compare of a body: ours and the recorded one are given alike."""
        if recorded["status"] != 200 or not body:
            return body.decode()
        if path == "/kbs/v0/auth":
            return transcript.masked(body.decode(), json.loads(body)["nonce"])
        if path == "/kbs/v0/attest":
            token = json.loads(body)["token"]
            assert self.tokens.signed(token), "the key of the configuration signs"
            return body.decode().replace(token, "<token>"), transcript.token_shape(token)
        if "/resource/" in path and recorded["body"]:
            key = self.key_of(step)
            plain = transcript.opened(body, key.read_bytes()) if key else None
            return transcript.jwe_shape(body), plain
        return body.decode()

    def headers_of(self, headers, body_volatile):
        skip = OURS | VOLATILE if body_volatile else OURS | VOLATILE - {"content-length"}
        out = {(k.lower(), v) for k, v in headers if k.lower() not in skip}
        return out | {("set-cookie", re.sub(r"=[^;]*", "=", v.split(";")[0])) for k, v in headers
                      if k.lower() == "set-cookie" and "; Expires=" in v}

    def compare(self, where, what, ours, recorded):
        if ours != recorded:
            self.found.append(f"{where}: {what}\n    ours     {ours}\n    recorded {recorded}")

    def exchange(self, where, step, recorded, connection):
        request, response = recorded["request"], recorded["response"]
        headers, body = self.request(request, dict(response["headers"])["date"])
        answer = connection.request(request["method"], request["path"], headers, body, length=bool(body))
        if answer.cookie():
            self.cookie = answer.cookie()
        if answer.status == 200 and request["path"] == "/kbs/v0/auth":
            self.nonce = answer.json()["nonce"]
        self.compare(where, "status", answer.status, response["status"])
        self.compare(where, "reason", answer.reason, response["reason"])
        if answer.status != response["status"]:
            self.found.append(f"    {answer.body!r}")
            return
        arguments = (step, response, request["path"])
        ours, theirs = (self.body_of(*arguments, b) for b in (answer.body, content(response)))
        self.compare(where, "body", ours, theirs)
        volatile = isinstance(ours, tuple)
        self.compare(where, "headers", self.headers_of(answer.headers, volatile),
                     self.headers_of(response["headers"], volatile))

    def replay(self) -> list:
        for index, step in enumerate(self.steps):
            if not step["exchanges"]:
                continue
            with self.kbs.connect() as connection:
                for number, recorded in enumerate(step["exchanges"]):
                    if (self.name, index) in SYNTAX_ERRORS:
                        recorded = recorded | {"response": with_our_place(recorded["response"])}
                    self.exchange(f"step {index} ({step['note']}), exchange {number}", step, recorded, connection)
        return self.found


@pytest.mark.parametrize("name", NAMES)
def test_our_server_answers_as_recorded(start, name):
    scenario = load(name)
    found = ServerReplay(start(recorded_config(scenario)), scenario).replay()
    assert not found, "\n".join(found)


# --- our client, the recorded answers ------------------------------------------------------------


# Steps in which our client stops before the released one does: (transcript, step) -> the number of
# requests, and the row of docs/compatibility.md that says so.
STOPS_EARLY = {
    ("03-passport", 6): (1, 23, "asks once"),
    ("03-passport", 12): (1, 23, "asks once"),
    ("04-set-delete-resource", 11): (4, 18, "a missing resource (`PluginInternalError`)"),
}
# (transcript, step) -> the shipped policy uploaded instead of the recorded one, and the row.
OTHER_POLICY = {("05-policies", 3): ("default", 17, "uploads the default policy")}


class ClientReplay:
    def __init__(self, directory: pathlib.Path, name: str):
        self.name = name
        self.directory = directory
        (directory / "work").mkdir()
        shutil.copytree(KEYS, directory / "keys")
        self.found = []

    def answers(self, step):
        """Answers in the recorded order; what is encrypted to a key that the client made up is
        encrypted again to its key of today."""
        pending = list(step["exchanges"])
        announced = []

        def answer(asked):
            if asked.path == "/kbs/v0/attest":
                announced.append(json.loads(asked.body)["runtime-data"]["tee-pubkey"])
            if not pending:
                return 500, [], b"the recorded conversation is over"
            response = pending.pop(0)["response"]
            body = content(response)
            fresh = "--tee-key-file" not in step["argv"] and announced
            if fresh and asked.method == "GET" and response["status"] == 200:
                body = transcript.sealed(base64.b64decode(step["stdout"]), announced[-1])
            headers = [(k, v) for k, v in response["headers"] if k not in ("content-length", "date")]
            return response["status"], headers, body

        return answer

    def argv(self, step, url):
        out = []
        for argument in step["argv"][1:]:
            if argument == "http://127.0.0.1:28191":
                argument = url
            elif argument.startswith("work/"):
                path = self.directory / argument
                if not path.exists() or path.name in (step["input_files"] or {}):
                    path.write_bytes(transcript.input_file(step, path.name))
            out.append(argument)
        return out

    def request_shape(self, method, path, headers, body, fresh):
        # None twice, and a length with every body; RFC 9110 8.6 wants the length of an empty one too.
        names = sorted(k.lower() for k, _ in headers if body or k.lower() != "content-length")
        headers = [names, {(k.lower(), v) for k, v in headers if k.lower() not in ("host", "content-length")}]
        if fresh and path == "/kbs/v0/attest":
            value = json.loads(body)
            nonce, key = value["runtime-data"]["nonce"], value["runtime-data"]["tee-pubkey"]
            report = value["tee-evidence"]["primary_evidence"]["report_data"]
            assert json.loads(transcript.bound(body, nonce))["tee-evidence"]["primary_evidence"]["report_data"] == report
            key |= {"x": len(key["x"]), "y": len(key["y"])}
            value["tee-evidence"]["primary_evidence"]["report_data"] = len(report)
            body = json.dumps(value).encode()
        return method, path, headers, body

    def compare(self, where, what, ours, recorded):
        if ours != recorded:
            self.found.append(f"{where}: {what}\n    ours     {ours}\n    recorded {recorded}")

    def step(self, index, step):
        where = f"step {index} ({step['note']})"
        policy, *row = OTHER_POLICY.get((self.name, index), (None,))
        if row:
            documented(*row)
        with scripted(self.answers(step)) as server:
            done = run("kbs-client", *self.argv(step, server.url), cwd=self.directory,
                       env={"HOME": str(self.directory), **(step["env"] or {})})
        fresh = "--tee-key-file" not in step["argv"]
        ours = [self.request_shape(a.method, a.path, a.headers, a.body, fresh) for a in server.asked]
        recorded = []
        for exchange in step["exchanges"]:
            request = exchange["request"]
            body = content(request)
            if b"<upstream policy" in body:
                body = transcript.with_our_policy(body.decode(), policy).encode()
            recorded.append(self.request_shape(request["method"], request["path"], request["headers"], body, fresh))
        if early := STOPS_EARLY.get((self.name, index)):
            documented(*early[1:])
            assert len(recorded) > early[0]
            recorded = recorded[:early[0]]
        self.compare(where, "number of requests", len(ours), len(recorded))
        for number, (a, b) in enumerate(zip(ours, recorded)):
            self.compare(where, f"request {number}", a, b)
        self.compare(where, "exit", done.returncode, step["exit"])
        self.compare(where, "stdout", done.stdout, transcript.with_our_policy(step["stdout"], policy, std64))
        errors = [[line for line in text.splitlines() if line.startswith("Error: ")][:1]
                  for text in (done.stderr, step["stderr"])]
        self.compare(where, "error", *errors)
        for warning in re.findall(r"WARN kbs_client: (.+)", step["stderr"]):
            self.compare(where, "warning", warning in done.stderr, True)

    def replay(self) -> list:
        for index, step in enumerate(load(self.name)["steps"]):
            if step["driver"] == "kbs-client":
                self.step(index, step)
        return self.found


@pytest.mark.parametrize("name", NAMES)
def test_our_client_asks_as_recorded(tmp_path, name):
    found = ClientReplay(tmp_path, name).replay()
    assert not found, "\n".join(found)
