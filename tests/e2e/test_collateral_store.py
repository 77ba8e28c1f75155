"""Vendors' documents outlive a process and reach others: restarts, replicas, and bundles that are imported
beside a running server. With the vendors out of reach, so that nothing else can have brought them."""
import pytest

from hardware import DAYS, HOURS, SNP, TDX, collateral_metric, grows
from support import Kbs
from waiting import wait_until

KINDS = pytest.mark.parametrize("kind", [SNP, TDX], ids=lambda kind: kind.tee)


def close(site):
    for vendor in site.vendors.values():
        vendor.mode = "closed"


def asked(site) -> int:
    return sum(len(vendor.requests) for vendor in site.vendors.values())


@pytest.mark.parametrize("storage", ["Sqlite", "LocalFs"])
def test_after_a_restart_in_an_outage_guests_pass(site, storage):
    kbs = site.server(storage=storage)
    before = {kind: site.passes(kbs, kind) for kind in (SNP, TDX)}
    close(site)
    site.clock.advance(25 * HOURS)  # and all that is renewed has come due
    kbs.stop()
    kbs.start()
    for kind in (SNP, TDX):
        site.passes(kbs, kind)
    assert site.passes(kbs, TDX)["earliest_expiration_date"] == before[TDX]["earliest_expiration_date"]
    assert collateral_metric(kbs, "misses") == {"amd-vcek": 1}, "which is looked up in the store when it is missed"
    assert collateral_metric(kbs, "fetches") == {}


def test_a_second_replica_on_the_same_store_starts_warm_and_follows_the_first(site, tmp_path):
    (tmp_path / "shared").mkdir()
    first = site.server(data=tmp_path / "shared")
    for kind in (SNP, TDX):
        site.passes(first, kind)
    count = asked(site)
    second = site.server(data=tmp_path / "shared")
    before = {kind: site.passes(second, kind) for kind in (SNP, TDX)}
    assert asked(site) == count
    assert collateral_metric(second, "fetches") == {}
    # What one of them renews both have.
    for vendor in site.vendors.values():
        vendor.documents = "newer"
    site.clock.advance(25 * HOURS)
    for kbs in (first, second):
        wait_until(lambda kbs=kbs: site.passes(kbs, TDX)["earliest_expiration_date"] >
                   before[TDX]["earliest_expiration_date"])


def failing(site, kbs, kinds):
    """The background has tried in vain."""
    before = collateral_metric(kbs, "failures")
    return wait_until(lambda: grows(kbs, "failures", kinds, before))


@pytest.fixture
def bundle(site, tmp_path):
    """A bundle of later issues, packed by a machine that reaches the vendors."""
    connected = tmp_path / "connected"
    connected.mkdir()
    for vendor in site.vendors.values():
        vendor.documents = "newer"
    (connected / "kbs.toml").write_text(site.config(data=connected))
    key = connected / "packer.key"
    assert site.trustee("keygen", "-f", key).returncode == 0
    file = tmp_path / "site.bundle"
    done = site.trustee("bundle", "--config-file", connected / "kbs.toml", "create", "--key", key, "--output", file,
                        "--platform", "tdx/10206f000000/platform", "--document", "amd-crl/Genoa/vcek",
                        "--document", "amd-vcek/Genoa/" + bytes([3, *[0] * 3, *range(0x44, 0x80)]).hex() +
                        "/bl10_tee00_snp23_ucode25", env={"SSL_CERT_FILE": str(tmp_path / "vendor.pem")})
    assert (done.returncode, done.stdout) == (0, f"6 documents packed into {file}\n"), done.stderr
    for vendor in site.vendors.values():
        vendor.documents = "good"
    return file, connected / "packer.pub"


def imported(site, kbs: Kbs, bundle):
    file, key = bundle
    done = site.trustee("bundle", "--config-file", kbs.config, "import", file, "--public-key", key, cwd=kbs.directory)
    assert done.returncode == 0 and done.stdout.count("  good\n") == 6, done.stdout + done.stderr


@pytest.mark.parametrize("storage", ["Sqlite", "LocalFs", "LocalJson"])
def test_a_bundle_imported_beside_a_running_server_is_taken_in_after_failed_renewals(site, bundle, storage):
    kbs = site.server(storage=storage)
    for kind in (SNP, TDX):
        site.passes(kbs, kind)
    close(site)
    count = asked(site)
    kinds = SNP.renewed + TDX.renewed
    site.clock.advance(25 * HOURS)
    assert failing(site, kbs, kinds)
    site.clock.advance(30 * DAYS)  # past the end of what is held
    assert failing(site, kbs, TDX.renewed)
    assert site.passes(kbs, TDX)["collateral_expiration_status"] == "1"
    assert site.refused(kbs, SNP) == "fetch.crl_unavailable"
    imported(site, kbs, bundle)
    wait_until(lambda: site.passes(kbs, TDX)["collateral_expiration_status"] == "0")
    assert site.passes(kbs, SNP)["endorsement_revocation_checked"] is True
    assert asked(site) == count


def test_a_server_that_never_reached_a_vendor_lives_on_a_bundle(site, bundle):
    count = asked(site)
    close(site)
    kbs = site.server()
    chip = {"SIMULATED_CHIP": "3"}  # whose key is in the bundle
    assert site.run(kbs, SNP, "attest", **chip).returncode == 1
    assert site.refused(kbs, TDX) == "fetch.unreachable"
    imported(site, kbs, bundle)
    # No pause was asked for, so nothing but the import lets them pass.
    site.passes(kbs, TDX)
    done = site.run(kbs, SNP, "attest", **chip)
    assert done.returncode == 0, done.stderr
    assert asked(site) == count
