"""A kbs in a pod of the operator: policies, values and resources are mounted read-only and follow kubelet's switch, the
root file system is read-only, the user is nobody in particular (operator.md 3.5, 8, 10.1)."""
import base64
import json
import os
import re
import subprocess

import pytest

from support import ALLOW_ALL, BIN, DENY_ALL, Guest, Kbs, KubeletVolume, config

# As the operator generates it (operator.md 3.5), but for the port and the place of the storage.
PERMISSIVE = """[http_server]
sockets = ["127.0.0.1:0"]
insecure_http = true
worker_count = 4
[admin]
authorization_mode = "DenyAll"
[attestation_token]
insecure_header_jwk = true
[attestation_service]
type = "coco_as_builtin"
timeout = 5
[attestation_service.attestation_token_broker]
duration_min = 5
[attestation_service.rvps_config]
type = "BuiltIn"
storage_type = "LocalJson"
[storage_backend]
storage_type = "LocalFs"
[storage_backend.backends.local_fs]
dir_path = "{storage}"
[storage_backend.backends.local_json]
file_dir_path = "{storage}/local_json"
[attestation_service.verifier_config.snp_verifier]
vcek_sources = [ {{ type = "OfflineStore" }}, {{ type = "KDS" }} ]
[attestation_service.verifier_config.dcap_verifier]
collateral_service = "https://api.trustedservices.intel.com/sgx/certification/v4/"
[[plugins]]
name = "resource"
storage_backend_type = "kvstorage"
"""
# The hardware is affirmed when the evidence's svn is among the reference values.
BY_SVN = """package policy
import rego.v1
default hardware := 97
hardware := 2 if input.sample.svn in query_reference_value("svn")
trust_claims := {"hardware": hardware}
"""
POD = """set -e
mount -t tmpfs -o mode=755 tmpfs {pod}
mkdir -p {pod}/config {pod}/storage
touch {pod}/kbs
mount --bind {binary} {pod}/kbs
mount --bind {directory}/config {pod}/config
mount --bind {directory}/storage {pod}/storage
{mounts}
mount -o remount,bind,ro {pod}/config
mount -o remount,bind,ro {pod}
mount -o remount,bind,ro /
cd {pod}/storage
exec setpriv --reuid=10234 --regid=0 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \\
  {pod}/kbs --config-file {pod}/config/kbs-config.toml
"""


def may_mount() -> bool:
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(not may_mount(), reason="needs the right to mount")


class Pod(Kbs):
    """A kbs that sees a read-only root file system, an empty writable storage directory, and volumes mounted read-only
    into it; it runs as a user without rights."""

    PLACE = "/mnt"

    def __init__(self, directory, volumes: dict, text=PERMISSIVE):
        super().__init__(directory, "")
        (directory / "config").mkdir()
        (directory / "config/kbs-config.toml").write_text(text.format(storage=f"{self.PLACE}/storage"))
        self.storage = directory / "storage"
        self.storage.mkdir()
        self.storage.chmod(0o777)
        self.volumes = volumes

    def command(self):
        mounts = ""
        for place, volume in self.volumes.items():
            target = f"{self.PLACE}/storage/{place}"
            mounts += f"mkdir -p {target}\nmount --bind {volume.path} {target}\nmount -o remount,bind,ro {target}\n"
        script = POD.format(pod=self.PLACE, binary=BIN / "kbs", directory=self.directory, mounts=mounts)
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]


@pytest.fixture
def pod(tmp_path):
    running = []

    def go(**files):
        """Volumes by what they hold; None: not mounted."""
        content = {"kbs": {"resource-policy.rego": ALLOW_ALL}, "policies": {"default_cpu.rego": BY_SVN},
                   "values": {"reference_value": "{\n}\n"}, "secret": {"key1": "res1val1", "key2": "res1val2"}} | files
        places = {"kbs": "kbs", "policies": "attestation_service_policy", "values": "local_json",
                  "secret": "repository/default/kbsres1"}
        volumes = {name: KubeletVolume(tmp_path / "volumes" / name, held) for name, held in content.items() if held is not None}
        one = Pod(tmp_path, {places[name]: volume for name, volume in volumes.items()})
        one.volume = volumes
        running.append(one)
        return one.start()

    yield go
    for one in running:
        one.stop()


def hardware(kbs) -> int:
    return Guest(kbs).handshake().claims()["submods"]["cpu0"]["ear.trustworthiness-vector"]["hardware"]


def array(*values) -> str:
    return json.dumps([{"name": name, "expiration": "2027-12-12T00:00:00Z", "value": value} for name, value in values])


def record(name, value) -> str:
    text = json.dumps({"name": name, "expiration": "2027-12-12T00:00:00Z", "value": value})
    return base64.urlsafe_b64encode(text.encode()).decode()


@needs_mounts
def test_starts_on_mounts_that_nobody_can_write_and_says_what_users_look_for(pod):
    kbs = pod()
    for path in ("/healthz", "/readyz"):
        assert kbs.request("GET", path).status == 200
    log = kbs.settled_log()
    assert "Using config file /mnt/config/kbs-config.toml" in log
    assert "launch a built-in RVPS." in log
    assert re.search(r"^\[20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO  kbs\] Starting HTTP server at \[127\.0\.0\.1:\d+\]$", log, re.M), log
    assert Guest(kbs).handshake().secret("resource/default/kbsres1/key1") == b"res1val1"
    assert not (kbs.storage / "kbs").stat().st_uid == 10234, "the mount point is the runtime's"


@needs_mounts
@pytest.mark.case("OP-85")
@pytest.mark.parametrize("secret", [None, {}], ids=["not mounted", "empty"])
def test_starts_without_secrets(pod, secret):
    kbs = pod(secret=secret)
    assert kbs.request("GET", "/readyz").status == 200
    assert Guest(kbs).handshake().get("resource/default/kbsres1/key1").status == 401


@needs_mounts
@pytest.mark.case("OP-86", "OP-87")
def test_secrets_are_served_as_they_are_now(pod, tmp_path):
    kbs = pod()
    guest = Guest(kbs).handshake()
    assert guest.secret("resource/default/kbsres1/key2") == b"res1val2"
    kbs.volume["secret"].write({"key1": b"\x00new", "key3": ""})
    assert guest.secret("resource/default/kbsres1/key1") == b"\x00new"
    assert guest.secret("resource/default/kbsres1/key3") == b""
    assert guest.get("resource/default/kbsres1/key2").status == 401
    assert guest.get("resource/default/late/key").status == 401
    KubeletVolume(kbs.storage / "repository/default/late", {"key": "now", ".dockerconfigjson": "{}"})
    assert guest.secret("resource/default/late/key") == b"now"
    (kbs.storage / "repository/default/late/below").mkdir()
    for name in (".dockerconfigjson", "below"):
        assert guest.get(f"resource/default/late/{name}").status == 401
    for path in ("resource/default/kbsres1/..data", "resource/default/kbsres1/%2E%2Edata", "resource/default/late/.."):
        assert guest.get(path).status >= 400


@needs_mounts
def test_the_resource_policy_follows_its_volume_and_a_bad_one_changes_nothing(pod):
    kbs = pod()
    guest = Guest(kbs).handshake()
    path = "resource/default/kbsres1/key1"
    assert guest.get(path).status == 200
    kbs.volume["kbs"].write({"resource-policy.rego": DENY_ALL})
    assert guest.get(path).status == 401
    kbs.volume["kbs"].write({"resource-policy.rego": "package policy\nallow := "})
    assert guest.get(path).status == 401
    kbs.volume["kbs"].write({"resource-policy.rego": ALLOW_ALL})
    assert guest.get(path).status == 200
    kbs.volume["kbs"].write({"resource-policy.rego": "no rego"})
    assert guest.get(path).status == 200, "the last good one"
    assert "the stored resource policy is not usable" in kbs.settled_log()


@needs_mounts
@pytest.mark.case("OP-79")
def test_a_volume_with_the_older_name_of_the_policy_is_as_good(pod):
    kbs = pod(kbs={"policy.rego": ALLOW_ALL})
    guest = Guest(kbs).handshake()
    assert guest.secret("resource/default/kbsres1/key1") == b"res1val1"
    kbs.volume["kbs"].write({"policy.rego": DENY_ALL})
    assert guest.get("resource/default/kbsres1/key1").status == 401
    kbs.volume["kbs"].write({"policy.rego": DENY_ALL, "resource-policy.rego": ALLOW_ALL})
    assert guest.get("resource/default/kbsres1/key1").status == 200, "where both are, the newer name counts"


@needs_mounts
def test_a_volume_without_a_policy_gives_nobody_anything(pod):
    kbs = pod(kbs={"readme": "x"})
    assert kbs.request("GET", "/healthz").status == 200
    assert kbs.request("GET", "/readyz").status == 503
    guest = Guest(kbs).handshake()
    assert guest.get("resource/default/kbsres1/key1").status == 401
    kbs.volume["kbs"].write({"resource-policy.rego": ALLOW_ALL})
    assert guest.get("resource/default/kbsres1/key1").status == 200
    assert kbs.request("GET", "/readyz").status == 200


@needs_mounts
def test_reference_values_are_the_union_of_both_files_and_the_array_wins(pod):
    kbs = pod()
    assert hardware(kbs) == 97, "no value, no match"
    values = kbs.volume["values"]
    values.write({"reference_value": json.dumps({"svn": record("svn", ["1"])})})
    assert hardware(kbs) == 2
    values.write({"reference_value": "{\n}\n", "reference-values.json": array(("other", 1), ("svn", ["0", "1"]))})
    assert hardware(kbs) == 2, "the normal state of the workshop"
    values.write({"reference_value": json.dumps({"svn": record("svn", ["1"])}), "reference-values.json": array(("svn", ["2"]))})
    assert hardware(kbs) == 97
    values.write({"reference-values.json": "[]"})
    assert hardware(kbs) == 97
    values.write({"reference-values.json": array(("svn", ["1"]))})
    assert hardware(kbs) == 2, "the one file is enough"


@needs_mounts
def test_one_malformed_value_is_named_and_the_others_count(pod):
    good = json.loads(array(("svn", ["1"])))
    kbs = pod(values={"reference_value": json.dumps({"a": "no base64!", "b": base64.urlsafe_b64encode(b"[]").decode()}),
                      "reference-values.json": json.dumps(good + [{"name": "c", "value": 1}, 7])})
    assert hardware(kbs) == 2
    log = kbs.settled_log()
    for name in ("a", "b", "c", r"reference-values.json[2]"):
        assert log.count(f"reference value {name} cannot be read and is not used") == 1, log
    kbs.volume["values"].write({"reference_value": '{"svn": {"value": 1}}'})
    assert hardware(kbs) == 2, "what is no store of values at all leaves the last good ones in force"
    assert "the reference values cannot be read" in kbs.settled_log()


@needs_mounts
def test_attestation_policies_follow_their_volume_and_the_others_are_those_that_ship(pod):
    kbs = pod(values={"reference-values.json": array(("svn", ["1"]))})
    assert hardware(kbs) == 2
    kbs.volume["policies"].write({"default_cpu.rego": 'package policy\ntrust_claims := {"hardware": 96}\n'})
    assert hardware(kbs) == 96
    kbs.volume["policies"].write({"default_cpu.rego": "nonsense"})
    assert hardware(kbs) == 96
    guest = Guest(kbs, devices={"sampledevice": "2"})
    assert guest.handshake().claims()["submods"].keys() == {"cpu0", "gpu0"}, "default_gpu is not in the volume"


# ---------------------------------------------------------------- without mounts

def write_nested(kbs, path, value):
    file = kbs.directory / "data/repository" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(value)


def test_resources_in_directories_and_in_files_of_ours_live_side_by_side(start):
    kbs = start()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    write_nested(kbs, "default/app/key", b"nested")
    guest = Guest(kbs).handshake()
    assert guest.secret("resource/default/app/key") == b"nested"
    assert kbs.request("POST", "/kbs/v0/resource/default/app/key", body=b"ours").status == 200
    assert guest.secret("resource/default/app/key") == b"ours"
    assert kbs.request("DELETE", "/kbs/v0/resource/default/app/key").status == 200
    assert guest.get("resource/default/app/key").status == 401, "deleted is deleted"


@pytest.mark.case("OP-77", "OP-78")
def test_values_in_the_array_are_read_through_the_api_and_cannot_be_written_over(start):
    kbs = start(config("LocalJson"))
    (kbs.directory / "data/reference_value").write_text(json.dumps({"old": record("old", 3)}))
    assert kbs.request("GET", "/kbs/v0/reference-value/old").body == b"3"
    answer = kbs.request("GET", "/kbs/v0/reference-value/svn")
    assert answer.problem()[2].endswith("No reference value found for the given id: svn")
    (kbs.directory / "data/reference_value").write_text("{}")
    (kbs.directory / "data/reference-values.json").write_text(array(("svn", [1]), ("x", {"y": None})))
    for name, body in (("svn", b"[1]"), ("x", b'{"y":null}')):
        assert kbs.request("GET", f"/kbs/v0/reference-value/{name}").body == body
    assert kbs.register({"svn": [2]}).status == 401
    assert kbs.register({"free": [2]}).status == 200
    assert kbs.request("GET", "/kbs/v0/reference-value/svn").body == b"[1]"
    assert kbs.request("GET", "/kbs/v0/reference-value/free").body == b"[2]"
