"""Many Secrets and ConfigMaps in a moment: kubectl keeps to fifty requests a second."""
import base64
import concurrent.futures
import http.client
import json
import ssl

CLIENTS = 8
KINDS = ("Secret", "ConfigMap")


def admin_connection(bed) -> http.client.HTTPSConnection:
    """A connection of the administrator's, kept open between requests."""
    context = ssl.create_default_context(cafile=str(bed.pki.path("ca")))
    context.load_cert_chain(bed.pki.path("admin"), bed.pki.path("admin", "key"))
    return http.client.HTTPSConnection(bed.host, bed.api_port, context=context, timeout=60)


def ask(connection, method, path, body=None, content="application/json") -> dict:
    """One request on a kept connection; AssertionError unless it succeeds."""
    connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": content})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status in (200, 201), (method, path, answer.status, text)
    return json.loads(text)


def create_many(bed, namespace: str, count: int, size: int = 2000):
    """`count` Secrets and as many ConfigMaps, of `size` bytes each."""
    def some(first):
        connection = admin_connection(bed)
        for i in range(first, count, CLIENTS):
            for kind in KINDS:
                value = "v" * size if kind == "ConfigMap" else base64.b64encode(b"v" * size).decode()
                ask(connection, "POST", f"/api/v1/namespaces/{namespace}/{kind.lower()}s", {
                    "apiVersion": "v1", "kind": kind, "metadata": {"name": f"x{i}"}, "data": {"k": value}})
        connection.close()

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(some, range(CLIENTS)))
