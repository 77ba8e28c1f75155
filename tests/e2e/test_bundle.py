"""Bundles: vendors' documents carried to a server that cannot reach them. No vendor is asked here."""
import json
import shutil

import pytest
from jwcrypto import jwk, jws

from support import ROOT, config, run

VCEK = ROOT / "tests/vectors/snp/evidence-genoa-e2e.vcek.der"
TURIN = ROOT / "tests/vectors/snp/virtee-vcek_turin.der"


@pytest.fixture
def trustee(tmp_path):
    home = tmp_path / "home"

    def go(*args):
        return run("trustee", "--home", str(home), *args, cwd=tmp_path)

    return go


@pytest.fixture
def keys(trustee, tmp_path):
    for name in ("packer", "stranger"):
        done = trustee("keygen", "-f", str(tmp_path / f"{name}.key"))
        assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.fixture
def bundle(trustee, keys, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    shutil.copy(VCEK, mirror / "genoa.der")
    shutil.copy(TURIN, mirror / "turin.der")
    done = trustee("bundle", "create", "--key", str(keys / "packer.key"), "--output", str(tmp_path / "site.bundle"),
                   "--vcek-store", str(mirror))
    assert (done.returncode, done.stdout) == (0, f"2 documents packed into {tmp_path}/site.bundle\n"), done.stderr
    return tmp_path / "site.bundle"


def test_other_software_can_check_a_bundle(bundle, keys):
    token = jws.JWS()
    token.deserialize(bundle.read_text().strip())
    token.verify(jwk.JWK.from_pem((keys / "packer.pub").read_bytes()))
    payload = json.loads(token.payload)
    assert (payload["format"], payload["version"]) == ("trustee-bundle", 1)
    names = [item["document"] for item in payload["items"]]
    assert names == sorted(names)
    assert names[0].startswith("amd-vcek/Genoa/371c55d6") and names[0].endswith("/bl10_tee00_snp23_ucode25")
    assert names[1] == "amd-vcek/Turin/1e550a8ee5cf9f4d/" + names[1].rsplit("/", 1)[1]
    assert payload["items"][0]["expires"] == "2032-05-27T17:57:03Z"


def test_verify_tells_good_from_expired_and_foreign(trustee, bundle, keys):
    public = ("--public-key", str(keys / "packer.pub"))
    good = trustee("bundle", "verify", str(bundle), *public, "--at", "2026-11-24")
    assert good.returncode == 0, good.stderr
    assert good.stdout.count("  good\n") == 2
    late = trustee("bundle", "verify", str(bundle), *public, "--at", "2033-01-01")
    assert late.returncode == 4
    assert "EXPIRED" in late.stdout
    foreign = trustee("bundle", "verify", str(bundle), "--public-key", str(keys / "stranger.pub"))
    assert (foreign.returncode, foreign.stdout) == (1, "")
    assert "the bundle is not signed by the key that was given" in foreign.stderr


def test_what_was_imported_can_be_packed_again(trustee, bundle, keys, tmp_path):
    public = ("--public-key", str(keys / "packer.pub"))
    done = trustee("bundle", "import", str(bundle), *public)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("  good\n") == 2
    again = trustee("bundle", "create", "--key", str(keys / "packer.key"), "--output", str(tmp_path / "again"))
    assert (again.returncode, again.stdout) == (0, f"2 documents packed into {tmp_path}/again\n"), again.stderr
    assert trustee("bundle", "verify", str(tmp_path / "again"), *public).returncode == 0


def test_documents_that_the_store_does_not_take_are_not_imported(trustee, bundle, keys, tmp_path):
    data = tmp_path / "data"
    (tmp_path / "kbs.toml").write_text(config(storage="LocalFs", data=data))
    go = ("bundle", "--config-file", str(tmp_path / "kbs.toml"), "import", str(bundle), "--public-key",
          str(keys / "packer.pub"))
    done = trustee(*go)
    assert done.returncode == 0, done.stderr
    stored = [path for path in data.rglob("*") if path.is_file() and "amd-vcek" in path.name]
    assert len(stored) == 2
    for path in stored:  # nothing replaces a directory
        path.unlink()
        (path / "in-the-way").mkdir(parents=True)
    done = trustee(*go)
    assert done.returncode == 1, done.stdout
    assert "imported" not in done.stdout and "storing amd-vcek/Genoa/" in done.stderr


def test_what_is_wrong_is_said(trustee, keys, tmp_path):
    create = ("create", "--key", str(keys / "packer.key"), "--output")
    none = trustee("bundle", *create, str(tmp_path / "b"))
    assert none.returncode == 1 and "there is no store in this home directory" in none.stderr
    assert not (tmp_path / "home").exists()
    (tmp_path / "kbs.toml").write_text(config(storage="LocalFs", data=tmp_path / "data"))
    empty = trustee("bundle", "--config-file", str(tmp_path / "kbs.toml"), *create, str(tmp_path / "b"))
    assert empty.returncode == 1 and "the store holds no documents" in empty.stderr
    (tmp_path / "link").symlink_to("/proc/self/fd/1")
    for output in (tmp_path, tmp_path / "link"):
        refused = trustee("bundle", *create, str(output))
        assert (refused.returncode, refused.stdout) == (1, "") and "is no regular file" in refused.stderr
    assert (tmp_path / "link").is_symlink()
    name = trustee("bundle", "create", "--key", str(keys / "packer.key"), "--output", str(tmp_path / "b"),
                   "--platform", "tdx/xyz/platform")
    assert name.returncode == 1 and "e.g. tdx/90c06f000000/platform" in name.stderr
    garbage = tmp_path / "mirror"
    garbage.mkdir()
    (garbage / "x.der").write_bytes(b"no certificate")
    mirror = trustee("bundle", "create", "--key", str(keys / "packer.key"), "--output", str(tmp_path / "b"),
                     "--vcek-store", str(garbage))
    assert mirror.returncode == 1 and "x.der" in mirror.stderr
    assert not (tmp_path / "b").exists()
    missing = trustee("bundle", "verify", str(tmp_path / "none"), "--public-key", str(keys / "packer.pub"))
    assert missing.returncode == 1 and "does not exist" in missing.stderr
