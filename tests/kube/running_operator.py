"""Our operator as a process before a bed's API server, with the rights it ships with."""
import contextlib
import json
import os
import ssl
import time
import urllib.error
import urllib.request

from objects import ACCOUNT, DEPLOY, NAMESPACE, read
from processes import BedError, free_ports
from programs import BIN
from waiting import wait_until

MANAGER = BIN / "manager"
LEASE = "178dc119.confidentialcontainers.org"
WRITES = ("POST", "PATCH", "DELETE")  # PUT renews the lease, and is used for nothing else


def roles_in(ns) -> list:
    """The roles as they ship, bound in a namespace of the test."""
    files = [DEPLOY / "kustomize/operator" / name for name in ("roles.yaml", "metrics.yaml")]
    roles = [o for f in files for o in read(f.read_text().replace(NAMESPACE, ns)) if o["kind"] != "Service"]
    for o in roles:
        if o["kind"].startswith("ClusterRole"):
            o["metadata"]["name"] += f"-{ns}"
        if o["kind"] == "ClusterRoleBinding":
            o["roleRef"]["name"] += f"-{ns}"
    return roles


class Operator:
    """A manager for one namespace, with the rights it ships with."""
    READY_SECONDS = 30

    def __init__(self, bed, ns, *args, roles=None, images=None):
        self.bed, self.ns, self.name = bed, ns, f"manager-{ns}-{os.urandom(2).hex()}"
        for o in roles_in(ns) if roles is None else roles:
            bed.apply(o)
        self.health, self.metrics = free_ports(2)
        self.kubeconfig = bed.kubeconfig_for_account(ACCOUNT, ns)
        self.process = bed.spawn(self.name, [
            MANAGER, f"--kubeconfig={self.kubeconfig}", f"--health-probe-bind-address=127.0.0.1:{self.health}",
            f"--metrics-bind-address=127.0.0.1:{self.metrics}", "--metrics-secure=false", *args],
            env={"POD_NAMESPACE": ns, "RUST_LOG": "debug", "ASAN_OPTIONS": "detect_leaks=0",
                 **({"KBS_IMAGE_NAME": "localhost/kbs:1"} if images is None else images)})
        try:
            self.process.wait_ready(self.ready, self.READY_SECONDS, "/readyz")
        except BaseException:
            self.process.stop()
            raise

    def ready(self):
        answer = self.bed.try_http("127.0.0.1", self.health, "/readyz")
        return answer is not None and answer.status == 200

    def figures(self) -> dict:
        text = self.bed.http("127.0.0.1", self.metrics, "/metrics").body.decode()
        return dict(line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))

    def requests(self, *labels, figures=None) -> int:
        """Requests so far that have any of these labels."""
        return sum(int(value) for name, value in (figures or self.figures()).items()
                   if name.startswith("rest_client_requests_total") and any(label in name for label in labels))

    def writes(self, figures=None) -> int:
        """Requests so far that write, renewals of the lease left out."""
        return self.requests(*(f'method="{m}"' for m in WRITES), figures=figures)

    def refused(self, method) -> int:
        """Requests of a method so far that no role allows."""
        return sum(int(value) for name, value in self.figures().items() if name.startswith("rest_client_requests_total")
                   and 'code="403"' in name and f'method="{method}"' in name)

    def quiet(self, seconds=3, limit=60):
        """Waits until nothing was written for so long; NotInTime, with the log, when it never stops."""
        before, since, looks = self.writes(), time.monotonic(), 0

        def rests():
            nonlocal before, since, looks
            figures = self.figures()
            at_work = any(float(value) for name, value in figures.items()
                          if name.startswith("controller_runtime_active_workers"))
            if (now := self.writes(figures)) != before or at_work:  # a decision may be stuck
                before, since, looks = now, time.monotonic(), 0
            looks += 1
            return time.monotonic() - since >= seconds and looks > 5  # a machine that stood still saw nothing

        wait_until(rests, limit, lambda: f"the operator writes nothing\n{self.process.tail()}", pause=0.2)

    def get(self, kind, name):
        return self.bed.get(kind, name, "-n", self.ns)

    def find(self, kind, name):
        """The object, or None: only when the API server says that there is none."""
        done = self.bed.kubectl("get", kind, name, "-n", self.ns, "-o", "json", "--ignore-not-found")
        return json.loads(done.stdout) if done.stdout else None

    def wait_for(self, kind, name, holds=lambda o: True, seconds=30):
        def there():
            try:
                o = self.find(kind, name)
            except BedError:  # the API server is away
                return None
            return o if o is not None and holds(o) else None
        return self.bed.wait(there, seconds, f"{kind} {name}")

    def apply(self, *objects):
        self.bed.apply(*objects, namespace=self.ns, manager="user")

    def versions(self, *kinds) -> dict:
        items = self.bed.get(",".join(kinds), "-n", self.ns)["items"]
        return {(o["kind"], o["metadata"]["name"]): o["metadata"]["resourceVersion"] for o in items}

    def events(self) -> list:
        return [(e["regarding"]["kind"], e["reason"]) for e in self.bed.get("events.events.k8s.io", "-n", self.ns)["items"]]

    def stop(self):
        self.process.stop(seconds=40)


def set_available(operator, ready):
    """What the controllers would write, of the Deployment as it stands: nobody runs them here."""
    bed, ns = operator.bed, operator.ns
    operator.quiet()
    status = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": ready, "availableReplicas": ready,
              "observedGeneration": bed.get("deployment", "trustee-deployment", "-n", ns)["metadata"]["generation"],
              "conditions": [{"type": "Available", "status": "True" if ready else "False", "reason": "Test"}]}
    bed.kubectl("patch", "deployment", "trustee-deployment", "-n", ns, "--subresource=status", "--type=merge",
                "-p", json.dumps({"status": status}))


@contextlib.contextmanager
def operator_in(bed, ns, *args, roles=None, images=None):
    operator = Operator(bed, ns, *args, roles=roles, images=images)
    try:
        yield operator
    finally:
        operator.stop()
        print(operator.process.tail(60))  # pytest shows it when the test failed
        bed.kubectl("delete", "trusteeconfigs,kbsconfigs", "--all", "-n", ns, "--wait=false", check=False)


def comes_back(operator, kind, name):
    """Deletes an object that the operator made, and waits for another in its place."""
    uid = operator.get(kind, name)["metadata"]["uid"]
    operator.bed.kubectl("delete", kind, name, "-n", operator.ns)
    return operator.wait_for(kind, name, lambda o: o["metadata"]["uid"] != uid, 60)


def https_status(port, token=None) -> int:
    """Status of the metrics page over HTTPS."""
    context = ssl._create_unverified_context()  # self-signed, as upstream's
    request = urllib.request.Request(f"https://127.0.0.1:{port}/metrics")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as e:
        return e.code


def tls_secret(operator, name) -> dict:
    """A Secret of type kubernetes.io/tls with a new key and certificate for `kbs-service`."""
    d = operator.bed.directory
    operator.bed.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                      "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:kbs-service",
                      "-keyout", d / f"{name}.key", "-out", d / f"{name}.crt"])
    return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": {"name": name},
            "stringData": {"tls.key": (d / f"{name}.key").read_text(), "tls.crt": (d / f"{name}.crt").read_text()}}
