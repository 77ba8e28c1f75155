"""Server-level behaviour: kbs.md 3, cases H."""
import pytest

from support import Guest, b64u, ALLOW_ALL


@pytest.mark.case("KBS-H1")
def test_healthz_answers_200_and_nothing_else(kbs):
    answer = kbs.request("GET", "/healthz")
    assert (answer.status, answer.body) == (200, b"")
    for verb in ("POST", "PUT", "HEAD"):
        answer = kbs.request(verb, "/healthz")
        assert (answer.status, answer.body, answer.header("allow")) == (404, b"", None)


@pytest.mark.case("KBS-H2")
def test_metrics_refuses_other_verbs(kbs):
    assert kbs.request("GET", "/metrics").status == 200
    answer = kbs.request("POST", "/metrics")
    assert (answer.status, answer.body, answer.header("allow")) == (405, b"", None)
    answer = kbs.request("PUT", "/metrics")
    assert (answer.status, answer.body, answer.header("allow")) == (405, b"", "GET, POST")


@pytest.mark.case("KBS-H3")
def test_base_path_alone_is_not_found(kbs):
    for path in ("/kbs/v0", "/", "/metrics/"):
        answer = kbs.request("GET", path)
        assert (answer.status, answer.body) == (404, b""), path
    assert kbs.request("GET", "/kbs/v0/").problem() == (404, "PluginNotFound", "Plugin  not found")


@pytest.mark.case("KBS-H4")
def test_unknown_plugins_and_wrong_verbs_of_builtin_names(kbs):
    assert kbs.request("GET", "/kbs/v0/nosuch/a").problem() == (404, "PluginNotFound", "Plugin nosuch not found")
    assert kbs.request("GET", "/kbs/v0/auth").problem() == (404, "PluginNotFound", "Plugin auth not found")
    assert kbs.request("DELETE", "/kbs/v0/resource-policy").problem()[2] == "Plugin resource-policy not found"


@pytest.mark.case("KBS-H5")
def test_other_verbs_are_405_with_allow(kbs):
    for verb in ("PATCH", "OPTIONS"):
        answer = kbs.request(verb, "/kbs/v0/resource/a/b/c")
        assert (answer.status, answer.body, answer.header("allow")) == (405, b"", "GET, POST, PUT, DELETE"), verb


@pytest.mark.case("KBS-H6")
def test_limits_of_body_and_head(kbs):
    limit = 2 * 1024 * 1024
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"x" * limit).status == 200
    for method, path in (("POST", "/kbs/v0/resource/a/b/c"), ("POST", "/kbs/v0/auth"), ("POST", "/kbs/v0/nosuch"),
                         ("GET", "/kbs/v0/resource/a/b/c"), ("DELETE", "/kbs/v0/resource/a/b/c"),
                         ("PUT", "/kbs/v0/nosuch"), ("POST", "/kbs/v0/attest")):
        answer = kbs.request(method, path, body=b"x" * (limit + 1))
        assert answer.status == 413, (method, path)
        assert answer.header("content-type") == "text/plain; charset=utf-8"
        assert answer.body == b"payload reached size limit"
    # A bearer token of 256 KiB fits the head; what does not fit is 431, empty, and closes.
    big = kbs.request("GET", "/kbs/v0/resource/a/b/c", [("Authorization", "Bearer " + "a" * 262144)])
    assert big.problem()[1] == "TokenVerifierError"
    with kbs.connect() as connection:
        over = connection.request("GET", "/kbs/v0/resource/a/b/c", [("Authorization", "Bearer " + "a" * 1_000_000)])
        assert (over.status, over.body, over.header("connection")) == (431, b"", "close")
        assert connection.stream.read() == b""


def test_a_query_too_long_to_be_decoded_is_400(kbs):
    query = "k=" + "v" * 8190
    assert kbs.request("GET", "/kbs/v0/resource/a/b/c?" + query).problem()[1] == "TokenNotFound"
    over = kbs.request("GET", "/kbs/v0/resource/a/b/c?" + query + "v")
    assert (over.status, over.body) == (400, b"Query deserialize error: longer than 8192 bytes")
    assert over.header("content-type") == "text/plain; charset=utf-8"
    assert kbs.request("GET", "/healthz?" + query + "v").status == 200


@pytest.mark.case("KBS-H7")
def test_percent_encoded_slash_is_a_slash(kbs):
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"one").status == 200
    guest = Guest(kbs).handshake()
    assert guest.secret("resource/a%2Fb/c") == guest.secret("resource/a/b/c") == b"one"
    assert guest.get("resource/a%252Fb/c").problem() == (401, "PluginInternalError", "Plugin internal error")
    assert guest.get("resource//a/b").problem()[1] == "PluginInternalError"


@pytest.mark.case("KBS-H8")
def test_errors_have_two_members_and_no_content_type(kbs):
    for method, path, body in (("POST", "/kbs/v0/auth", b"{"), ("POST", "/kbs/v0/attest", b"{}"),
                               ("GET", "/kbs/v0/resource/a/b/c", b""), ("GET", "/kbs/v0/nosuch", b""),
                               ("POST", "/kbs/v0/resource-policy", b"{}"), ("DELETE", "/kbs/v0/resource/a/b/c", b"")):
        answer = kbs.request(method, path, body=body)
        answer.problem()  # asserts the shape
        assert answer.header("x-request-id")
        assert answer.header("trustee-code") and answer.header("trustee-actor")


def test_metrics_name_a_content_type_and_count(kbs):
    kbs.request("GET", "/kbs/v0/nosuch")
    answer = kbs.request("GET", "/metrics")
    assert answer.header("content-type") == "text/plain; version=0.0.4"
    assert kbs.metric("kbs_http_requests_total") == 1
    assert "# TYPE kbs_http_request_duration_seconds histogram" in answer.body.decode()


def test_livez_and_readyz_tell_the_truth(kbs):
    assert kbs.request("GET", "/livez").status == 200
    assert kbs.request("GET", "/readyz").status == 200
    store = kbs.directory / "data/repository"
    store.rename(store.with_suffix(".away"))
    answer = kbs.request("GET", "/readyz")
    assert (answer.status, answer.body) == (503, b"the resources cannot be read\n")
    assert kbs.request("GET", "/livez").status == kbs.request("GET", "/healthz").status == 200
    store.with_suffix(".away").rename(store)
    assert kbs.request("GET", "/readyz").status == 200


def test_many_requests_on_one_connection(kbs):
    with kbs.connect() as connection:
        for _ in range(50):
            assert connection.request("GET", "/healthz").status == 200
        for _ in range(3):  # pipelined
            connection.send("GET", "/kbs/v0/nosuch")
        from support import read_response
        assert [read_response(connection.stream, "GET").status for _ in range(3)] == [404, 404, 404]


def test_smuggling_shapes_are_refused(kbs):
    with kbs.connect() as connection:
        answer = connection.request("POST", "/kbs/v0/auth", [("Transfer-Encoding", "chunked")], b"0\r\n\r\n")
        assert answer.status == 400
    assert kbs.request("GET", "/healthz").status == 200


def test_policy_texts_travel_unpadded(kbs):
    assert kbs.post_json("/kbs/v0/resource-policy", {"policy": b64u(ALLOW_ALL.encode()), "type": "rego"}).status == 200
