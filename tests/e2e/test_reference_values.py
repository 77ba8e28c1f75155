"""Reference values as the stores hold and take them: rvps.md 7 and 8, cases RV-39 to RV-46."""
import base64
import json
import re

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


def value_of(kbs, name):
    return kbs.request("GET", "/kbs/v0/reference-value/" + name)


def expect_fresh_record(text, name, value):
    """The stored form: four members in this order, compact, whole seconds, in a year."""
    form = r'{"version":"0\.1\.0","name":"%s","expiration":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ","value":%s}'
    assert re.fullmatch(form % (re.escape(name), re.escape(value)), text), text


@pytest.mark.case("RV-41")
def test_a_name_with_slashes_is_a_file_of_upstreams_name(kbs):
    assert kbs.register({"a/b.c-d_e": ["1"]}).status == 200
    directory = kbs.directory / "data/reference_value"
    assert [p.name for p in directory.iterdir()] == ["a\\x2Fb.c-d_e"]
    expect_fresh_record((directory / "a\\x2Fb.c-d_e").read_text(), "a/b.c-d_e", '["1"]')
    assert value_of(kbs, "a/b.c-d_e").body == b'["1"]'


@pytest.mark.case("RV-45")
def test_local_json_holds_padded_base64url_of_the_record(start):
    kbs = start(config("LocalJson"))
    assert kbs.register({"svn": ["1"]}).status == 200
    stored = json.loads((kbs.directory / "data/reference_value").read_text())
    assert list(stored) == ["svn"] and len(stored["svn"]) % 4 == 0
    expect_fresh_record(base64.urlsafe_b64decode(stored["svn"]).decode(), "svn", '["1"]')


@pytest.mark.case("RV-46")
def test_one_object_in_a_local_json_file_fails_every_query(start):
    kbs = start(config("LocalJson"))
    assert kbs.register({"svn": ["1"]}).status == 200
    path = kbs.directory / "data/reference_value"
    good = path.read_text()
    path.write_text(good[:-1] + ',"other":{"expiration":"2027-01-01T00:00:00Z","value":1}}')
    for name in ("svn", "other", "absent"):
        answer = value_of(kbs, name)
        assert answer.problem() == (
            401, "RvpsError", "RVPS configuration failed: Failed to get reference_values: query reference values")
        assert "malformed value" in kbs.settled_log()
    path.write_text(good)
    assert value_of(kbs, "svn").body == b'["1"]'


@pytest.mark.case("RV-37", "RV-38", "RV-39")
def test_records_that_others_wrote(kbs):
    directory = kbs.directory / "data/reference_value"
    for name, expiration in (("old", "2020-01-01T00:00:00Z"), ("fraction", "2026-01-01T00:00:00.5Z"),
                             ("offset", "2026-01-01T00:00:00+00:00")):
        (directory / name).write_text(json.dumps({"name": name, "expiration": expiration, "value": [1]}))
    assert value_of(kbs, "old").body == b"[1]", "without version, expired"
    for name in ("fraction", "offset"):
        assert value_of(kbs, name).problem()[2] == (
            "RVPS configuration failed: Failed to get reference_values: query reference values")
