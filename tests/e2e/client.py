"""What the stories of kbs-client share."""
from support import ALLOW_ALL, KEYS

ERRORS = "https://github.com/confidential-containers/kbs/errors/"
WARNING = "warning: no TEE found on this machine: sample evidence is sent, which proves nothing\n"
NO_TEE = {"TRUSTEE_TEE": "", "SIMULATED_TEE": "none", "RUST_LOG": "none"}
ROUND = ["GET /kbs/v0/resource/a/b/c", "POST /kbs/v0/auth", "POST /kbs/v0/attest", "GET /kbs/v0/resource/a/b/c"]


def forward(kbs):
    """Answers with what `kbs` answers, so that the client's requests can be counted."""
    def answer(asked):
        headers = [(k, v) for k, v in asked.headers if k.lower() not in ("host", "content-length")]
        got = kbs.request(asked.method, asked.path, headers, asked.body)
        return got.status, [(k, v) for k, v in got.headers if k.lower() != "content-length"], got.body
    return answer


def accept(_):
    return 200, [], b""


def loaded(kbs, secret=b"res1val1", policy=ALLOW_ALL):
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=secret).status == 200
    assert kbs.set_resource_policy(policy).status == 200
    return kbs


def get(client, server, *args, **kwargs):
    return client(server, "get-resource", "--path", "a/b/c", *args, **kwargs)


def file(client, name, content):
    path = client.home / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def attested(client, kbs):
    """A token of the recorded P-256 key."""
    done = client(kbs, "attest", "--tee-key-file", KEYS / "tee-p256.pem")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def with_token(client, server, key=KEYS / "tee-p256.pem"):
    return get(client, server, "--attestation-token", "token", "--tee-key-file", key)


def denied(done):
    return done.returncode == 1 and done.stdout == "" and "Error: request unauthorized\n" in done.stderr
