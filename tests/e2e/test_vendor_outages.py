"""Vendors' servers are down, slow or throttling while guests boot: SNP machines with AMD's, TDX machines with
Intel's. Nothing here looks at a clock on the wall: requests are counted, and the order of events."""
import pytest

from fake_vendors import ANSWERING, HOLDING
from hardware import DAYS, HOURS, SNP, TDX, code_of, collateral_metric, grows, sample_guest_passes
from waiting import wait_until

KINDS = pytest.mark.parametrize("kind", [SNP, TDX], ids=lambda kind: kind.tee)
ROUNDS = 5  # a story is told again when the background's own request fell into it


def unnoticed(site, kbs, kind, vendor) -> dict:
    """A guest passes, and nobody asked the vendor on its behalf; its claims."""
    for _ in range(ROUNDS):
        asked, missed = len(vendor.requests), collateral_metric(kbs, "misses")
        claims = site.passes(kbs, kind)
        assert collateral_metric(kbs, "misses") == missed, "a request waited"
        if len(vendor.requests) == asked:
            return claims
    raise AssertionError(f"the vendor is asked all the time: {vendor.requests}")


def unnoticed_while_held(site, kbs, kind, vendor):
    """A guest passes from beginning to end while the vendor keeps another request waiting."""
    for again in range(ROUNDS):
        if again and not vendor.holding():  # after two attempts a renewal pauses
            site.clock.advance(2 * HOURS)
        hold = wait_until(vendor.holding)[0]
        missed = collateral_metric(kbs, "misses")
        site.passes(kbs, kind)
        assert collateral_metric(kbs, "misses") == missed, "a request waited"
        if hold.pending:
            return
    raise AssertionError("no hold was as long as a handshake")


def background_fails(site, kbs, kind):
    before = collateral_metric(kbs, "failures")
    site.clock.advance(25 * HOURS)  # the documents have come due
    wait_until(lambda: grows(kbs, "failures", kind.renewed, before), what=lambda: kbs.log()[-3000:])


def background_recovers(site, kbs, kind, vendor):
    before = collateral_metric(kbs, "fetches")
    vendor.mode = "normal"
    site.clock.advance(2 * HOURS)  # past every pause that was made, or asked for
    wait_until(lambda: grows(kbs, "fetches", kind.renewed, before), what=lambda: kbs.log()[-3000:])


@KINDS
def test_with_a_warm_cache_no_outage_fails_a_guest_or_lets_one_wait(site, kind):
    vendor = site.vendors[kind.vendor]
    kbs = site.server()
    site.passes(kbs, kind)
    assert len(vendor.requests) == kind.requests
    for mode in ANSWERING:
        vendor.mode = mode
        background_fails(site, kbs, kind)
        unnoticed(site, kbs, kind, vendor)
        background_recovers(site, kbs, kind, vendor)
    unnoticed(site, kbs, kind, vendor)


@KINDS
@pytest.mark.parametrize("mode", HOLDING)
def test_with_a_warm_cache_a_guest_passes_while_the_vendor_lets_the_background_wait(site, kind, mode):
    vendor = site.vendors[kind.vendor]
    kbs = site.server()
    site.passes(kbs, kind)
    fetched = collateral_metric(kbs, "fetches")
    vendor.mode = mode
    site.clock.advance(25 * HOURS)
    unnoticed_while_held(site, kbs, kind, vendor)
    if mode == "slow":  # late, but it comes
        wait_until(lambda: vendor.release() or grows(kbs, "fetches", kind.renewed, fetched))
    else:
        background_recovers(site, kbs, kind, vendor)
    unnoticed(site, kbs, kind, vendor)


# What a guest is told whose documents cannot be had. A vendor that wants us to wait makes the guest wait: 503 with
# Retry-After.
COLD = {
    "snp": {"429": "status 503", "500": "fetch.vcek_unavailable", "page": "fetch.vcek_unavailable",
            "garbage": "fetch.vcek_unavailable", "forged": "fetch.vcek_unavailable", "closed": "fetch.vcek_unavailable",
            "expired": "fetch.crl_unavailable"},
    "tdx": {"429": "status 503", "500": "fetch.service_failed", "page": "fetch.tcb_info_without_chain",
            "garbage": "fetch.unreachable", "forged": "fetch.answer_unusable", "closed": "fetch.unreachable"},
}


@KINDS
def test_with_a_cold_cache_every_outage_is_named_and_others_are_served(site, kind):
    vendor = site.vendors[kind.vendor]
    kbs = site.server()
    for mode, code in COLD[kind.tee].items():
        vendor.mode = mode
        assert (mode, site.refused(kbs, kind)) == (mode, code)
        sample_guest_passes(kbs)
        site.clock.advance(2 * HOURS)
    vendor.mode = "normal"
    site.passes(kbs, kind)


def test_with_a_cold_cache_a_vendor_that_never_answers_holds_up_its_own_guests_only(site):
    kbs = site.server()
    for vendor in site.vendors.values():
        vendor.mode = "hanging"
    waiting = {kind.tee: site.begin(kbs, kind) for kind in (SNP, TDX)}
    holds = [wait_until(vendor.holding)[0] for vendor in site.vendors.values()]
    sample_guest_passes(kbs)
    assert all(hold.pending for hold in holds)
    assert all(client.poll() is None for client in waiting.values())
    # Nobody ever answers, so what ends the wait is the request's own deadline.
    for tee, code in (("snp", "fetch.vcek_unavailable"), ("tdx", "fetch.unreachable")):
        out, err = waiting[tee].communicate(timeout=120)
        assert (waiting[tee].returncode, out, code_of(err)) == (1, "", code)
    sample_guest_passes(kbs)


@KINDS
def test_with_a_cold_cache_a_slow_vendor_is_waited_for(site, kind):
    vendor = site.vendors[kind.vendor]
    vendor.mode = "slow"
    kbs = site.server()
    guest = site.begin(kbs, kind)
    wait_until(vendor.holding)
    sample_guest_passes(kbs)
    assert guest.poll() is None
    wait_until(lambda: vendor.release() or guest.poll() is not None)
    assert guest.communicate(timeout=60) == ("cmVzMXZhbDE=\n", "")
    assert len(vendor.requests) == kind.requests


def test_past_their_date_intels_documents_serve_on_and_the_claims_say_so(site):
    vendor = site.vendors[TDX.vendor]
    kbs = site.server()
    before = site.passes(kbs, TDX)
    assert before["collateral_expiration_status"] == "0"
    vendor.mode = "closed"
    site.clock.advance(29 * DAYS)  # the documents end after 30
    background_fails(site, kbs, TDX)
    after = unnoticed(site, kbs, TDX, vendor)
    assert after["collateral_expiration_status"] == "1"
    assert after["earliest_expiration_date"] == before["earliest_expiration_date"]
    background_recovers(site, kbs, TDX, vendor)


def test_past_its_date_amds_list_serves_nobody_whose_revocation_must_be_checked(site):
    vendor = site.vendors[SNP.vendor]
    kbs = site.server()
    assert site.passes(kbs, SNP)["endorsement_revocation_checked"] is True
    vendor.mode = "closed"
    site.clock.advance(31 * DAYS)
    assert site.refused(kbs, SNP) == "fetch.crl_unavailable"
    sample_guest_passes(kbs)
    vendor.documents = "newer"  # they end after 60
    vendor.mode = "normal"
    site.clock.advance(1 * HOURS)
    site.passes(kbs, SNP)
