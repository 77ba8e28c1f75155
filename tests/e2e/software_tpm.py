"""A TPM 2.0 in software (swtpm) on a Unix socket, driven by tpm2-tools, which share no code with ours, and a guest
that attests with it."""
import base64
import contextlib
import hashlib
import os
import pathlib
import subprocess
import time

from support import Guest

ALL = "sha256:all"


class SoftwareTpm:
    """Stopped by the process id that was started."""

    def __init__(self, directory: pathlib.Path):
        directory.mkdir()
        self.directory = directory
        self.socket = directory / "tpm"
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={directory}",
             "--server", f"type=unixio,path={self.socket}", "--ctrl", f"type=unixio,path={self.socket}.ctrl",
             "--flags", "not-need-init,startup-clear"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self.socket.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.keys = 0

    @property
    def tcti(self) -> str:
        return f"swtpm:path={self.socket}"

    def tool(self, name: str, *args) -> str:
        """Runs one of tpm2-tools to its end; what it printed."""
        done = subprocess.run([f"tpm2_{name}", "-Q", *map(str, args)], cwd=self.directory, timeout=60, text=True,
                              capture_output=True, check=False, env={**os.environ, "TPM2TOOLS_TCTI": self.tcti})
        assert done.returncode == 0, (name, args, done.stderr)
        return done.stdout

    def attestation_key(self, algorithm="rsa") -> "AttestationKey":
        """A new restricted signing key under a new endorsement key."""
        self.keys += 1
        name = f"ak{self.keys}"
        self.tool("flushcontext", "-t")
        self.tool("createek", "-G", algorithm, "-c", f"{name}.ek", "-u", f"{name}.ekpub")
        self.tool("createak", "-C", f"{name}.ek", "-G", algorithm, "-g", "sha256",
                  "-s", "rsassa" if algorithm == "rsa" else "ecdsa", "-c", f"{name}.ctx", "-u", f"{name}.pub")
        self.tool("flushcontext", "-t")
        self.tool("readpublic", "-c", f"{name}.ctx", "-f", "der", "-o", f"{name}.spki")
        self.tool("flushcontext", "-t")
        return AttestationKey(self, name)

    def pcrs(self) -> list:
        """PCR 0 to 23 of the SHA-256 bank."""
        self.tool("pcrread", ALL, "-o", "pcrs.bin")
        data = (self.directory / "pcrs.bin").read_bytes()
        return [data[i:i + 32] for i in range(0, 24 * 32, 32)]

    def extend(self, pcr: int, digest: bytes):
        self.tool("pcrextend", f"{pcr}:sha256={digest.hex()}")

    def stop(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=20)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class AttestationKey:
    def __init__(self, tpm: SoftwareTpm, name: str):
        self.tpm = tpm
        self.name = name

    @property
    def public_area(self) -> bytes:
        return (self.tpm.directory / f"{self.name}.pub").read_bytes()

    @property
    def spki(self) -> bytes:
        return (self.tpm.directory / f"{self.name}.spki").read_bytes()

    def quote(self, nonce: bytes, selection=ALL) -> dict:
        """Evidence of TEE `tpm`. With another selection the PCR values are those of that selection, in its order, as
        many as a guest can pass off as PCR 0 to 23."""
        self.tpm.tool("quote", "-c", f"{self.name}.ctx", "-l", selection, "-q", nonce.hex(), "-g", "sha256",
                      "-m", "quote.msg", "-s", "quote.sig")
        self.tpm.tool("flushcontext", "-t")
        read = lambda name: base64.b64encode((self.tpm.directory / name).read_bytes()).decode()  # noqa: E731
        return {"ak_public": base64.b64encode(self.spki).decode(),
                "tpm_quote": {"signature": read("quote.sig"), "message": read("quote.msg"),
                              "pcrs": [pcr.hex() for pcr in self.tpm.pcrs()]}}


class TpmGuest(Guest):
    """A guest whose evidence is a quote. `tamper` sees the evidence before it goes out."""

    def __init__(self, kbs, key: AttestationKey, selection=ALL, tamper=None):
        super().__init__(kbs)
        self.ak = key
        self.selection = selection
        self.tamper = tamper or (lambda evidence: evidence)

    def auth(self, **overrides):
        return super().auth(tee="tpm", **overrides)

    def attestation(self, nonce=None, additional=None, init_data=None) -> dict:
        body = super().attestation(nonce, additional or "", init_data)
        report = base64.b64decode(self.digest(
            {"additional-evidence": additional or "", "nonce": nonce or self.nonce, "tee-pubkey": self.jwk}))
        evidence = self.ak.quote(report[:32], self.selection)
        body["tee-evidence"]["primary_evidence"] = self.tamper(evidence)
        return body


def pcr8_of(init_data: bytes) -> str:
    """What PCR 8 holds after one extension with the digest of these init data, from its reset value."""
    return hashlib.sha256(bytes(32) + hashlib.sha256(init_data).digest()).hexdigest()
