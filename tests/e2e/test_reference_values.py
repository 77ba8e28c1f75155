"""Names of reference values as the stores take them: rvps.md 8, cases RV-42 to RV-44."""
import pytest

from support import config

URI = "rvps:///x/y:v1"
REFUSED = (401, "RvpsError",
           "RVPS configuration failed: Failed to register reference value: register reference value")


@pytest.mark.case("RV-42")
@pytest.mark.parametrize("storage,taken", [("LocalFs", False), ("Sqlite", False), ("Memory", True), ("LocalJson", True)])
def test_uri_names_are_taken_by_stores_that_can_hold_them(start, storage, taken):
    kbs = start(config(storage))
    answer = kbs.register({URI: ["z"]})
    if not taken:
        assert answer.problem() == REFUSED
        return
    assert answer.status == 200
    assert kbs.request("GET", "/kbs/v0/reference-value/" + URI).json() == ["z"]


@pytest.mark.case("RV-43")
def test_a_message_with_one_bad_name_stores_nothing(kbs):
    assert kbs.register({"good": [1], "b:ad": [2]}).problem() == REFUSED
    answer = kbs.request("GET", "/kbs/v0/reference-value/good")
    assert answer.problem()[2].endswith("No reference value found for the given id: good")


@pytest.mark.case("RV-44")
def test_an_empty_name_is_an_error_not_absent(kbs):
    for path in ("/kbs/v0/reference-value/", "/kbs/v0/reference-value"):
        assert kbs.request("GET", path).problem() == (
            401, "RvpsError", "RVPS configuration failed: Failed to get reference_values: query reference values")
