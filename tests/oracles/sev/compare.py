#!/usr/bin/python3
"""Compares our verdicts on SNP reports with those of the crate `sev` (upstream's own).

usage: compare.py SNP_TOOL CARGO_TARGET_DIR
Builds the oracle beside this file, then asks both about real reports, reports of the test hierarchy
and changed copies of them, changed by a fixed seed in their signed part and in their signature.
A changed reserved byte is for us to refuse: `sev` verifies what it writes again from parsed fields,
so it does not see some of them.
"""
import pathlib
import random
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent.parent / "vectors"
SNP, PKI = VECTORS / "snp", VECTORS / "snp-test-pki"
CHANGES = 40


def der_of_roots(product: str, into: pathlib.Path) -> list[pathlib.Path]:
    text = (VECTORS / f"amd-certs/{product}_ask_ark_asvk.pem").read_bytes()
    end = b"-----END CERTIFICATE-----"
    paths = []
    for name, pem in zip(("ask", "ark"), text.split(end)):
        path = into / f"{product}-{name}.der"
        path.write_bytes(x509.load_pem_x509_certificate(pem + end).public_bytes(Encoding.DER))
        paths.append(path)
    return paths


def real(product: str, vek: str, report: str, into: pathlib.Path) -> list[pathlib.Path]:
    vek_path = SNP / vek
    if vek.endswith(".pem"):
        der = x509.load_pem_x509_certificate(vek_path.read_bytes()).public_bytes(Encoding.DER)
        vek_path = into / (vek.replace("/", "-") + ".der")
        vek_path.write_bytes(der)
    return der_of_roots(product, into) + [vek_path, SNP / report]


def built(product: str, report: str) -> list[pathlib.Path]:
    return [PKI / f"{kind}-{product}.der" for kind in ("ask", "ark", "vcek")] + [PKI / report]


def changed(case: list[pathlib.Path], n: int, rng: random.Random, into: pathlib.Path):
    report = bytearray(case[3].read_bytes())
    # r and s have 48 significant bytes; the rest of the 72 is judged by our format alone.
    offsets = list(range(0x2A0)) + list(range(0x2A0, 0x2D0)) + list(range(0x2E8, 0x318))
    report[rng.choice(offsets)] ^= 1 << rng.randrange(8)
    path = into / f"changed-{n}.bin"
    path.write_bytes(report)
    return case[:3] + [path]


def ask(program: str, cases: list[list[pathlib.Path]]) -> list[str]:
    lines = "".join(" ".join(map(str, case)) + "\n" for case in cases)
    return subprocess.run([program], input=lines, text=True, capture_output=True, check=True,
                          timeout=200).stdout.splitlines()


def main() -> int:
    tool, target = sys.argv[1:]
    subprocess.run(["cargo", "build", "--locked", "--release", "--quiet", "--manifest-path",
                    str(HERE / "Cargo.toml"), "--target-dir", target], check=True)
    rng = random.Random(20261124)
    with tempfile.TemporaryDirectory() as name:
        into = pathlib.Path(name)
        good = [real("genoa", "evidence-genoa-e2e.vcek.der", "evidence-genoa-e2e.report.bin", into),
                real("milan", "gcp/sev-gcp-vcek.pem", "gcp/sev-gcp.bin", into),
                real("milan", "gcp/sev-gcp-vcek.pem", "gcp/sev-gcp-reportdata.bin", into),
                built("genoa", "report-genoa-v3.bin"), built("milan", "report-milan-v4.bin"),
                built("turin", "report-turin-v5.bin")]
        bad = [changed(rng.choice(good), n, rng, into) for n in range(CHANGES)]
        bad.append(good[0][:2] + good[1][2:3] + good[0][3:])  # a key of another product
        bad.append(good[3][:2] + good[0][2:])                 # roots of another hierarchy
        ours, theirs = ask(tool, good + bad), ask(f"{target}/release/sev-oracle", good + bad)
    wanted = ["ok"] * len(good) + ["bad"] * len(bad)
    differ = [(i, a, b) for i, (a, b, w) in enumerate(zip(ours, theirs, wanted, strict=True))
              if a.split()[0] != w or (b.split()[0] != w and "reserved_not_zero" not in a)]
    for i, a, b in differ:
        print(f"case {i}: ours {a!r}, sev {b!r}, wanted {wanted[i]}")
    print(f"{len(wanted)} verdicts, {len(differ)} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
