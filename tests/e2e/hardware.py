"""A site with machines of AMD and Intel: a kbs that trusts the test hierarchy, the vendors' servers, the
machines' clients, and a clock that runs ahead when told to."""
import dataclasses
import json
import mmap
import pathlib
import re
import struct
import subprocess

from client import get, loaded
from fake_vendors import Kds, Pcs
from support import BIN, Guest, b64u_decode, config, run

SIMULATED = "kbs-client-simulated"
HOURS = 3600
DAYS = 24 * HOURS
# Whoever attested with hardware; nobody else.
HARDWARE_ONLY = """package policy

default allow := false

evidence := input.submods.cpu0["ear.veraison.annotated-evidence"]

allow if evidence.snp

allow if evidence.tdx
"""


def machine(tee, fault="", hierarchy=None, **more):
    """The environment of a client on a simulated machine."""
    out = {"TRUSTEE_TEE": "", "SIMULATED_TEE": tee, "SIMULATED_FAULT": fault, "RUST_LOG": "none", **more}
    return {**out, "TEST_HIERARCHY": str(hierarchy)} if hierarchy else out


def claims_of(token: str) -> dict:
    return json.loads(b64u_decode(token.split(".")[1]))["submods"]["cpu0"]["ear.veraison.annotated-evidence"]


def code_of(stderr: str) -> str:
    """The server's code in what a client says, or the status of an answer without one."""
    found = re.search(r"^ +(?:code ([a-z0-9_.]+)|(status 503): $)", stderr, re.M)
    assert found, stderr
    return found.group(1) or found.group(2)


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of machine, and what a server needs of its vendor."""
    tee: str
    fault: str  # e.g. that the host brings no certificates along
    vendor: type
    renewed: tuple  # the kinds of document that are kept fresh in the background
    requests: int  # of a cold start


SNP = Kind("snp", "no-certificates", Kds, ("amd-crl",), 2)
TDX = Kind("tdx", "", Pcs, ("intel-tcb-info", "intel-qe-identity", "intel-pck-crl", "intel-root-crl"), 4)


class MovableClock:
    """The clock of the servers of one test: the machine's, and what it was moved ahead."""

    def __init__(self, path: pathlib.Path):
        path.write_bytes(struct.pack("=q", 0))
        self.path = path
        with open(path, "r+b") as file:
            self._page = mmap.mmap(file.fileno(), 8)

    def advance(self, seconds: int):
        self._page[:] = struct.pack("=q", struct.unpack("=q", self._page[:])[0] + seconds)


class Site:
    """One test's machines, vendors and servers. `start` and `client` are the fixtures."""

    def __init__(self, tmp_path, start, client, hierarchy, tls=None, roots=None):
        self.hierarchy = hierarchy
        self.clock = MovableClock(tmp_path / "clock")
        self.vendors = {Kds: Kds(hierarchy), Pcs: Pcs(hierarchy, tls)}
        self._start, self._client, self._roots = start, client, roots

    def stop(self):
        for vendor in self.vendors.values():
            vendor.stop()

    def config(self, **kwargs) -> str:
        return config(**{"storage": "Sqlite", **kwargs}, extra=(
            '[attestation_service]\ntype = "coco_as_builtin"\n'
            '[attestation_service.rvps_config]\ntype = "BuiltIn"\n'
            "[attestation_service.verifier_config.snp_verifier]\ncheck_revocation = true\n"
            f'vcek_sources = [ {{ type = "KDS", base_url = "{self.vendors[Kds].url}" }} ]\n'
            "[attestation_service.verifier_config.dcap_verifier]\n"
            f'collateral_service = "{self.vendors[Pcs].url}"\n'))

    def server(self, **kwargs):
        """A kbs with a secret for machines with hardware."""
        env = {"TEST_HIERARCHY": str(self.hierarchy), "TEST_CLOCK": str(self.clock.path)}
        if self._roots:
            env["SSL_CERT_FILE"] = str(self._roots)
        kbs = self._start(self.config(**kwargs), program="kbs-with-test-roots", env=env)
        return loaded(kbs, policy=HARDWARE_ONLY)

    def environment(self, kind, **more) -> dict:
        return machine(kind.tee, kind.fault, self.hierarchy, **more)

    def run(self, kbs, kind, *args, **more):
        return self._client(kbs, *args, env=self.environment(kind, **more), program=SIMULATED)

    def passes(self, kbs, kind) -> dict:
        """A machine gets its secret; what its token says of it."""
        done = get(self._client, kbs, env=self.environment(kind), program=SIMULATED)
        assert (done.returncode, done.stdout, done.stderr) == (0, "cmVzMXZhbDE=\n", ""), kbs.log()[-3000:]
        done = self.run(kbs, kind, "attest")
        assert done.returncode == 0, done.stderr
        return claims_of(done.stdout)[kind.tee]

    def refused(self, kbs, kind) -> str:
        """A machine gets nothing; the code of the refusal."""
        done = get(self._client, kbs, env=self.environment(kind), program=SIMULATED)
        assert (done.returncode, done.stdout) == (1, "")
        return code_of(done.stderr)

    def begin(self, kbs, kind) -> subprocess.Popen:
        """A machine asks for its secret, and nobody waits for it."""
        env = {**self.environment(kind), "HOME": str(self._client.home)}
        return subprocess.Popen([BIN / SIMULATED, "--url", f"http://127.0.0.1:{kbs.port}", "get-resource", "--path",
                                 "a/b/c"], cwd=self._client.home, env=env, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def trustee(self, *args, cwd=None, env=None):
        return run("trustee-with-test-roots", *args, cwd=cwd, env={"TEST_HIERARCHY": str(self.hierarchy), **(env or {})})


def sample_guest_passes(kbs):
    """Somebody who needs no vendor attests."""
    Guest(kbs).handshake()


def collateral_metric(kbs, name: str) -> dict:
    """trustee_collateral_NAME_total by kind of document."""
    text = kbs.request("GET", "/metrics").body.decode()
    found = re.finditer(rf'^trustee_collateral_{name}_total{{kind="([^"]+)"}} (\d+)$', text, re.M)
    return {m.group(1): int(m.group(2)) for m in found}


def grows(kbs, name: str, kinds, before: dict) -> bool:
    now = collateral_metric(kbs, name)
    return all(now.get(kind, 0) > before.get(kind, 0) for kind in kinds)
