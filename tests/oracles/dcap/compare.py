#!/usr/bin/python3
"""Compares our verdicts on Intel quotes with those of the crate `dcap-qvl`.

usage: compare.py DCAP_TOOL CARGO_TARGET_DIR
Builds the oracle beside this file, then asks both about the real sets of tests/vectors/dcap-sets,
about everything the test builders make, and about copies changed by a fixed seed: one bit of the
quote, one character of a document, one digit of a signature or list. Where the verdicts differ,
EXPLAINED must say why; a difference that it does not explain fails.
"""
import base64
import datetime
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent.parent / "vectors"
CHANGES = 400

# (ours, theirs, why the two differ); patterns over the verdicts' lines.
EXPLAINED = (
    (r"ok .* expired", r"bad .*([Ee]xpired|not.?valid|CertExpired|CrlExpired|NotValidYet)",
     "collateral past its date is a claim for us and a refusal for them"),
    (r"ok ", r"bad .*(issue date is in the future|NotValidYet|CertNotValidYet)",
     "they refuse documents and certificates from the future"),
    (r"ok ", r"bad .*(SEPT_VE_DISABLE|Reserved bits|profiling|migration)",
     "attributes of the TD are claims for us, for policies to judge"),
    (r"ok ", r"bad SGX TEE quote must have version 3",
     "they read SGX quotes of versions 4 and 5 and verify only version 3"),
    (r"bad intel\.quote_malformed", r"ok ", "we demand that inner lengths fill the outer ones"),
    (r"bad intel\.pck_chain_", r"ok ",
     "we hold each certificate of the quote's chain to Intel's profile and the PEM text to its form"),
    (r"bad intel\.crl_malformed", r"ok ", "we demand a number and an authority key identifier"),
)


def real(into: pathlib.Path):
    pem = (VECTORS / "intel-collateral/Intel_SGX_Provisioning_Certification_RootCA.pem").read_text()
    root = into / "intel.root.der"
    root.write_bytes(base64.b64decode("".join(pem.split("-----")[2].split())))
    for expected in sorted((VECTORS / "dcap-sets").glob("*.expected.json")):
        about = json.loads(expected.read_text())
        name = expected.name.removesuffix(".expected.json")
        quote = into / f"{name}.quote"
        data = (VECTORS / about["quote"]).read_bytes()
        quote.write_bytes(bytes.fromhex(data.decode().strip()) if about["quote_is_hex"] else data)
        when = datetime.datetime.fromisoformat(about["check_date"].replace("Z", "+00:00"))
        yield (root, quote, expected.with_name(f"{name}.collateral.json"), int(when.timestamp()))


def built(tool: str, into: pathlib.Path):
    names = subprocess.run([tool, "--emit", into], capture_output=True, text=True, check=True, timeout=60).stdout
    for line in names.splitlines():
        name, now = line.split()
        yield (into / f"{name}.root.der", into / f"{name}.quote", into / f"{name}.collateral.json", int(now))


def changed(case, n: int, rng: random.Random, into: pathlib.Path):
    root, quote, collateral, now = case
    if rng.random() < 0.6:
        data = bytearray(quote.read_bytes())
        end = data.index(b"-----BEGIN")
        data[rng.randrange(end)] ^= 1 << rng.randrange(8)
        path = into / f"changed-{n}.quote"
        path.write_bytes(data)
        return (root, path, collateral, now)
    documents = json.loads(collateral.read_text())
    member = rng.choice(["tcb_info", "qe_identity", "tcb_info_signature", "qe_identity_signature", "pck_crl",
                         "root_ca_crl"])
    text = documents[member]
    at = rng.randrange(len(text))
    alphabet = "0123456789abcdef" if member not in ("tcb_info", "qe_identity") else "0123456789ABCDEFabcz,}"
    letter = rng.choice([c for c in alphabet if c.lower() != text[at].lower()])
    documents[member] = text[:at] + letter + text[at + 1:]
    path = into / f"changed-{n}.collateral.json"
    path.write_text(json.dumps(documents))
    return (root, quote, path, now)


def ask(program: str, cases, *arguments: str) -> list[str]:
    lines = "".join(" ".join(map(str, case)) + "\n" for case in cases)
    return subprocess.run([program, *arguments], input=lines, text=True, capture_output=True, check=True,
                          timeout=400).stdout.splitlines()


def same(ours: str, theirs: str) -> bool:
    if ours.startswith("bad") or theirs.startswith("bad"):
        return ours.split()[0] == theirs.split()[0]
    status, advisories = (theirs.split() + ["-"])[1:3]
    return ours.split()[1:3] == [status, advisories]


def explanation(ours: str, theirs: str):
    for mine, other, why in EXPLAINED:
        if re.match(mine, ours) and re.match(other, theirs):
            return why
    return None


def main() -> int:
    tool, target = sys.argv[1:]
    subprocess.run(["cargo", "build", "--locked", "--release", "--quiet", "--manifest-path",
                    str(HERE / "Cargo.toml"), "--target-dir", target], check=True)
    rng = random.Random(20261124)
    with tempfile.TemporaryDirectory() as name:
        into = pathlib.Path(name)
        plain = list(real(into)) + list(built(tool, into))
        cases = plain + [changed(rng.choice(plain), n, rng, into) for n in range(CHANGES)]
        oracle = f"{target}/release/dcap-oracle"
        ours, theirs = ask(tool, cases), ask(oracle, cases)
        layouts = list(zip(plain, ask(tool, plain, "--layout"), ask(oracle, plain, "--layout"), strict=True))
    for case, a, b in layouts:
        if a != b or not a.startswith("ok"):
            print(f"{case[1].name}: we read {a!r}, dcap-qvl {b!r}")
            return 1
    print(f"{len(layouts)} quotes are read the same")
    unexplained, reasons = 0, {}
    for case, a, b in zip(cases, ours, theirs, strict=True):
        if same(a, b):
            continue
        why = explanation(a, b)
        if why is None:
            unexplained += 1
            print(f"{case[1].name} {case[2].name}: ours {a!r}, dcap-qvl {b!r}")
        else:
            reasons[why] = reasons.get(why, 0) + 1
    accepted = sum(a.startswith("ok") for a in ours)
    print(f"{len(cases)} verdicts, {accepted} accepted by us, {unexplained} differ without explanation")
    for why, count in sorted(reasons.items()):
        print(f"  {count} differ: {why}")
    return 1 if unexplained or accepted < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
