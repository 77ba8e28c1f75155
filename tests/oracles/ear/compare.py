#!/usr/bin/python3
"""Shows our tokens and messages to the crates `ear` and `kbs-types` (upstream's own) and theirs to us.

usage: compare.py EAR_TOOL CARGO_TARGET_DIR
Tokens: issued by our appraisal under policies that set every claim of AR4SI to values of every tier;
the crate verifies the signature and must read the profile, times, verifier, claims and evidence that
stand in the text, and find the tier that we state. Changed and expired tokens must be refused.
Messages: written by us, read and written by the crate, read and written by us, nothing may change;
what lacks a member or has one of the wrong type must be refused by both.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
CLAIMS = ["instance-identity", "configuration", "executables", "file-system", "hardware",
          "runtime-opaque", "storage-opaque", "sourced-data"]
TIERS = {"affirming": [2, 3, 31, -32, -2], "warning": [32, 33, 95, -33, -96],
         "contraindicated": [96, 97, 99, 127, -97, -128], "none": [0, 1, -1]}


def unpadded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def ask(program: list[str], questions: list[dict]) -> list[dict]:
    text = "".join(json.dumps(q) + "\n" for q in questions)
    out = subprocess.run(program, input=text, text=True, capture_output=True, check=True, timeout=200).stdout
    return [json.loads(line) for line in out.removesuffix("\n").split("\n")]


def question(policy: str, claims: dict, references: dict, ago: int = 0) -> dict:
    """A token issued `ago` seconds before the call. It lives for minutes: compile before asking."""
    return {"policy": policy, "input": claims, "references": references, "now": int(time.time()) - ago}


def policy_of(vector: dict, extensions: str = "[]") -> str:
    return ("package policy\nimport rego.v1\n"
            f"trust_claims := {json.dumps(vector)}\nextensions := {extensions}\n")


def token_questions() -> list[tuple[dict, str | None]]:
    """Each with the tier it must have; none where the shipped policy decides."""
    shipped = (ROOT / "policies/default_cpu.rego").read_text()
    sample = {"sample": {"svn": "1", "debug": False, "launch_digest": "abcde", "platform_version": {"major": 1, "minor": 4}},
              "report_data": "AA==", "runtime_data_claims": {"nonce": "\u00e9\u2028", "list": [1.5, None, -7, {"": []}]}}
    references = {"svn": ["1"], "launch_digest": ["abcde"], "major_version": 1, "minimum_minor_version": 1}
    out = [(question(shipped, sample, references), "affirming"), (question(shipped, sample, {}), None)]
    for tier, values in TIERS.items():
        for value in values:
            for name in CLAIMS:
                out.append((question(policy_of({name: value}), sample, {}), tier))
    everything = {name: 2 for name in CLAIMS} | {"hardware": 97, "file-system": 33}
    out.append((question(policy_of(everything), sample, {}), "contraindicated"))
    named = '[{"name": "ear.trustee.identifiers", "key": -1, "value": {"validated": [1, "a"]}}]'
    out.append((question(policy_of({"hardware": 2}, named), sample, {}), "affirming"))
    return out


def payload_of(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def wrong_token(ours: dict, theirs: dict, tier: str | None) -> str | None:
    if "error" in ours or "error" in theirs:
        return f"refused: {ours.get('error', theirs.get('error'))}"
    said = payload_of(ours["token"])
    for name in ("eat_profile", "iat", "ear.verifier-id"):
        if said[name] != theirs[name]:
            return f"{name}: {said[name]} and {theirs[name]}"
    if list(said["submods"]) != ["cpu0", "gpu0"] or sorted(theirs["submods"]) != ["cpu0", "gpu0"]:
        return "submodules"
    for name, module in said["submods"].items():
        read = theirs["submods"][name]
        for member in ("ear.status", "ear.trustworthiness-vector", "ear.appraisal-policy-id",
                       "ear.veraison.annotated-evidence"):
            if module[member] != read[member]:
                return f"{name} {member}: {module[member]} and {read[member]}"
        if module["ear.status"] != read["tier"] or (tier or read["tier"]) != read["tier"]:
            return f"{name}: status {module['ear.status']}, tier {read['tier']}, wanted {tier}"
    return None


def changed_tokens(issued: dict, other: dict) -> list[dict]:
    header, payload, signature = issued["token"].split(".")
    raised = payload_of(issued["token"])
    raised["submods"]["cpu0"]["ear.status"] = "affirming"
    flipped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    return [issued | {"token": f"{header}.{unpadded(json.dumps(raised).encode())}.{signature}"},
            issued | {"token": f"{header}.{payload}.{flipped}"}, issued | {"jwk": other["jwk"]}]


def messages() -> tuple[list[dict], list[dict]]:
    keys = [{"kty": "RSA", "alg": "RSA-OAEP-256", "n": "AQAB", "e": "AQAB"},
            {"kty": "EC", "crv": "P-256", "alg": "ECDH-ES+A256KW", "x": unpadded(bytes(range(32))), "y": unpadded(bytes(32))},
            {"kty": "AKP", "alg": "ML-KEM-768", "pub": unpadded(b"x" * 40)}]
    tees = ["az-snp-vtpm", "az-tdx-vtpm", "nvidia", "sgx", "snp", "tdx", "cca", "csv", "se", "hygondcu", "nvidia-dpu",
            "tpm", "sample", "sampledevice"]
    extra = ["", {"supported-hash-algorithms": ["sha384", "sha512"]}, None, [1, 2.5, "\u00e9\n"]]
    good = [("Request", {"version": "0.4.0", "tee": t, "extra-params": extra[i % 4]}) for i, t in enumerate(tees)]
    good += [("Challenge", {"nonce": "bm9uY2U=", "extra-params": e}) for e in extra]
    for init in (None, {"format": "toml", "body": "version = \"0.1.0\"\n"}):
        good += [("Attestation", {"init-data": init, "runtime-data": {"nonce": "n", "tee-pubkey": key},
                                  "tee-evidence": {"primary_evidence": {"svn": "1"}, "additional_evidence": "{}"}})
                 for key in keys]
    jwe = {"protected": unpadded(b'{"alg":"RSA-OAEP-256","enc":"A256GCM"}'), "encrypted_key": unpadded(b"k" * 32), "iv": unpadded(b"i" * 12),
           "ciphertext": unpadded(b"c" * 9), "tag": unpadded(b"t" * 16)}
    good += [("Response", jwe), ("ErrorInformation", {"type": "https://x/Error", "detail": "d"})]
    bad = [(kind, {k: v for k, v in m.items() if k != gone}) for kind, m in good[-8:] + good[:1] + good[14:15]
           for gone in m if gone != "init-data"]
    bad += [("Request", {"version": "0.4.0", "tee": "SNP", "extra-params": ""}),
            ("Request", {"version": 4, "tee": "snp", "extra-params": ""}),
            ("Challenge", {"nonce": None, "extra-params": ""}),
            ("Attestation", good[-8][1] | {"runtime-data": {"nonce": "n", "tee-pubkey": {"kty": "OKP", "alg": "x"}}}),
            ("Attestation", good[-8][1] | {"init-data": "text"})]
    return ([{"kind": k, "text": json.dumps(m)} for k, m in good], [{"kind": k, "text": json.dumps(m)} for k, m in bad])


def main() -> int:
    tool, target = sys.argv[1:]
    subprocess.run(["cargo", "build", "--locked", "--release", "--quiet", "--manifest-path", str(HERE / "Cargo.toml"),
                    "--target-dir", target], check=True, env=os.environ | {"OPENSSL_NO_VENDOR": "1"})
    ours, theirs = [tool], [f"{target}/release/ear-oracle"]
    complaints = []

    questions = token_questions()
    issued = ask(ours, [q for q, _ in questions])
    for (q, tier), a, b in zip(questions, issued, ask(theirs, issued), strict=True):
        if (wrong := wrong_token(a, b, tier)) is not None:
            complaints.append(f"token: {wrong}: {q['policy'][:120]!r}")
    late = ask(ours, [question(policy_of({"hardware": 2}), {"sample": {}}, {}, 3600)])
    refused = changed_tokens(issued[1], issued[0]) + late
    complaints += [f"accepted: {q}" for q, a in zip(refused, ask(theirs, refused), strict=True) if "error" not in a]

    good, bad = messages()
    first = ask(ours, good)
    second = ask(theirs, [q | a for q, a in zip(good, first)])
    third = ask(ours, [q | a for q, a in zip(good, second)])
    for q, *answers in zip(good, first, second, third, strict=True):
        texts = [json.loads(a.get("text", json.dumps(a))) for a in answers]
        if any(text != json.loads(q["text"]) for text in texts):
            complaints.append(f"message: {q}: {answers}")
    for q, a, b in zip(bad, ask(ours, bad), ask(theirs, bad), strict=True):
        if "error" not in a or "error" not in b:
            complaints.append(f"not refused by both: {q}: {a}, {b}")

    for complaint in complaints:
        print(complaint)
    print(f"{len(questions)} tokens, {len(refused)} to refuse, {len(good)} messages, {len(bad)} to refuse, "
          f"{len(complaints)} differ")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
