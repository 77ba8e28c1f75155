"""The operator before a real API server that fails it: afterwards everything is as if nothing had been."""
import collections
import contextlib
import itertools
import json
import signal
import threading
import time

import pytest

from bed import shared_bed
from faulty_proxy import Faults, Proxy
from objects import ACCOUNT, install_kinds, trustee
from running_operator import Operator, operator_in, roles_in

KINDS = ("trusteeconfig", "kbsconfig", "configmap", "secret", "service", "deployment", "poddisruptionbudget")
IDLE_SECONDS = 60


@contextlib.contextmanager
def cluster(request):
    """Of our own: one operator at a time is at work in it, and its API server is restarted."""
    with shared_bed("kwok", request.session) as bed:
        install_kinds(bed)
        yield bed


@pytest.fixture(scope="module")
def bed(request):
    with cluster(request) as bed:
        yield bed


@contextlib.contextmanager
def operator_behind(bed, ns, faults=None, *args):
    """(operator, proxy): all that the operator asks goes through the proxy."""
    for o in roles_in(ns):
        bed.apply(o)
    with Proxy(bed, faults) as proxy:
        kubeconfig = proxy.kubeconfig(ACCOUNT, ns)
        with operator_in(bed, ns, f"--kubeconfig={kubeconfig}", *args, roles=()) as operator:
            yield operator, proxy


def ready(operator, seconds=60):
    operator.wait_for("trusteeconfig", "t", lambda o: o.get("status", {}).get("isReady"), seconds)
    operator.quiet()


def told(operator) -> dict:
    """Each event about our kinds, and how often it was written."""
    events = operator.bed.get("events.events.k8s.io", "-n", operator.ns)["items"]
    return dict(collections.Counter((e["regarding"]["kind"], e["reason"], e["note"].replace(operator.ns, "NAMESPACE"))
                                    for e in events if e["regarding"]["kind"] in ("TrusteeConfig", "KbsConfig")))


def all_is_told(operator, undisturbed):
    """An event that was refused is written again later, longer each time."""
    operator.bed.wait(lambda: told(operator) == undisturbed.events, 60, "all is told")


def picture(operator) -> dict:
    """Everything in the namespace, without what is different each time."""
    out = {}
    for o in operator.bed.get(",".join(KINDS), "-n", operator.ns)["items"]:
        kind, meta, status = o["kind"], o["metadata"], o.get("status", {})
        spec = {k: v for k, v in o.get("spec", {}).items() if not k.startswith(("clusterIP", "template"))}
        text = json.dumps({
            "labels": meta.get("labels"), "owners": [(w["kind"], w["name"]) for w in meta.get("ownerReferences", ())],
            "spec": spec, "pod": o["spec"]["template"]["spec"] if kind == "Deployment" else None,
            "data": sorted(o.get("data", ())) if kind == "Secret" else o.get("data"),
            "conditions": [{k: c.get(k) for k in ("type", "status", "reason", "message")}
                           for c in status.get("conditions", ()) if kind != "Deployment"],
            "ready": status.get("isReady")})
        if meta["name"] != "kube-root-ca.crt":  # another in each cluster
            out[kind, meta["name"]] = json.loads(text.replace(operator.ns, "NAMESPACE"))
    return out


class Rest:
    """From now on nothing changes, for a minute: nothing is written beside the lease, nothing is told again."""

    def __init__(self, operator: Operator, proxy: Proxy):
        self.operator, self.proxy = operator, proxy
        self.picture, self.events, self.versions = picture(operator), told(operator), operator.versions(*KINDS)
        self.since, self.before = time.monotonic(), len(proxy.requests)

    def lasts(self) -> list:
        """Waits for the end of the minute; the requests of it."""
        time.sleep(max(0, self.since + IDLE_SECONDS - time.monotonic()))
        since = self.proxy.requests[self.before:]
        assert [f"{r.method} {r.path}" for r in since if r.writes] == []
        assert self.operator.versions(*KINDS) == self.versions
        assert told(self.operator) == self.events
        return since


@pytest.fixture(scope="module")
def undisturbed(request):
    """In a cluster of its own, so that it rests while the others are troubled."""
    with cluster(request) as bed:
        bed.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "undisturbed"}})
        with operator_behind(bed, "undisturbed", None, "--leader-elect") as (operator, proxy):
            operator.apply(trustee())
            ready(operator)
            yield Rest(operator, proxy)


def same_objects(rest, undisturbed):
    """The objects are those of the undisturbed operator; only what differs is shown."""
    found, wanted = rest.picture, undisturbed.picture
    assert {k: found.get(k) for k in {*found, *wanted} if found.get(k) != wanted.get(k)} == {}


class Storm(Faults):
    """Refuses each address so often, with the answers in turn, before it lets requests pass there."""

    def __init__(self, times, *answers, only=lambda r: not r.lease):
        self.times, self.answers, self.only = times, answers, only
        self.asked, self.refused, self.lock = collections.Counter(), 0, threading.Lock()

    def refuse(self, request):
        if not self.only(request):
            return None
        with self.lock:
            key = request.method, request.path, request.watch
            self.asked[key] += 1
            if self.asked[key] > self.times:
                return None
            self.refused += 1
            return self.answers[self.refused % len(self.answers)]


# Three in a row also of an event: the operator tries again. A 429 is waited for, by whoever is asked and as long as asked.
@pytest.mark.parametrize("storm", [
    pytest.param(lambda: Storm(3, (409, {}), only=lambda r: r.writes), id="409"),
    pytest.param(lambda: Storm(1, (429, {}), (429, {"Retry-After": "1"})), id="429"),
])
def test_a_storm_of_refusals_leaves_no_trace(bed, namespace, undisturbed, storm):
    with operator_behind(bed, namespace(bed), storm()) as (operator, proxy):
        operator.apply(trustee())
        ready(operator)
        assert len(proxy.seen(lambda r: r.refused)) > 20
        all_is_told(operator, undisturbed)
        rest = Rest(operator, proxy)
        same_objects(rest, undisturbed)
        assert rest.events == undisturbed.events
        rest.lasts()


class LastingStorm(Faults):
    """Nobody gets anything for a while but the advice to come back in a second."""
    SECONDS = 20

    def __init__(self):
        self.end = time.monotonic() + self.SECONDS

    def refuse(self, request):
        return (429, {"Retry-After": "1"}) if time.monotonic() < self.end and not request.lease else None


def test_a_storm_that_lasts_is_waited_for_without_joining_in(bed, namespace, undisturbed):
    with operator_behind(bed, namespace(bed), None, "--leader-elect") as (operator, proxy):
        bed.wait(lambda: proxy.seen(lambda r: r.watch and r.path.endswith("/trusteeconfigs") and r.status == 200), 30, "the watch")
        proxy.faults = LastingStorm()
        operator.apply(trustee())
        bed.wait(lambda: proxy.seen(lambda r: r.refused and not r.watch and r.method == "GET"), 30, "a decision that may not be made")
        proxy.cut_watches()
        ready(operator)
        refused = proxy.seen(lambda r: r.refused)
        assert len(refused) > LastingStorm.SECONDS
        times = collections.defaultdict(list)
        for r in refused:
            times[r.method, r.path, r.watch].append(r.at)
        assert max(map(len, times.values())) > 5  # beyond what one request is tried
        soonest = min((after - before, what) for what, at in times.items() for before, after in itertools.pairwise(at))
        assert soonest[0] > 0.99, soonest  # nobody came back sooner than he was asked to
        all_is_told(operator, undisturbed)
        rest = Rest(operator, proxy)
        same_objects(rest, undisturbed)
        assert rest.events == undisturbed.events
        rest.lasts()


class CutAtEveryEvent(Faults):
    """Each event of a watch is cut in its middle when it comes first, and right after it when it comes again."""

    def __init__(self):
        self.begun, self.lock = set(), threading.Lock()

    def cut(self, request, event):
        if json.loads(event)["type"] == "BOOKMARK":
            return None
        with self.lock:
            again = (request.path, event) in self.begun
            self.begun.add((request.path, event))
        return len(event) if again else len(event) // 2


def test_watches_that_break_at_every_event_are_resumed(bed, namespace, undisturbed):
    with operator_behind(bed, namespace(bed), CutAtEveryEvent()) as (operator, proxy):
        operator.apply(trustee())
        ready(operator, seconds=90)
        assert len(proxy.faults.begun) > 20
        rest = Rest(operator, proxy)
        same_objects(rest, undisturbed)
        assert rest.events == undisturbed.events
        rest.lasts()


class Outage(Faults):
    """The answer to the first write at `path` is lost, `begin` called; from then on nobody gets an answer until `over`."""

    def __init__(self, path, begin):
        self.path, self.begin, self.over = path, begin, threading.Event()
        self.lock, self.begun, self.expired = threading.Lock(), threading.Event(), set()

    def refuse(self, request):
        return (503, {}) if self.begun.is_set() and not self.over.is_set() else None

    def lose(self, request):
        with self.lock:
            first = not self.begun.is_set() and request.method == "PATCH" and request.path.endswith(self.path)
            if first:
                self.begin()
                self.begun.set()
            return first

    def cut(self, request, event):
        told = json.loads(event)
        if told["type"] == "ERROR" and told["object"]["code"] == 410:
            self.expired.add(request.path)


def test_an_api_server_that_dies_in_the_middle_and_has_forgotten_the_past_is_caught_up_with(bed, namespace, undisturbed):
    """The Deployment is written, but the operator is not told; when it may ask again, its watches are from before the
    compaction, and an object it made is gone."""
    ns = namespace(bed)
    outage = Outage("/deployments/trustee-deployment", lambda: bed.processes["kube-apiserver"].stop(signal.SIGKILL))
    with operator_behind(bed, ns, outage) as (operator, proxy):
        operator.apply(trustee())
        assert outage.begun.wait(30)
        bed.compact()
        bed.start_apiserver()
        gone = operator.get("configmap", "t-resource-policy")["metadata"]["uid"]
        bed.kubectl("delete", "configmap", "t-resource-policy", "-n", ns)
        before = len(proxy.requests)
        outage.over.set()
        operator.wait_for("configmap", "t-resource-policy", lambda o: o["metadata"]["uid"] != gone, 60)
        ready(operator, seconds=60)
        path = f"/api/v1/namespaces/{ns}/configmaps"
        assert path in outage.expired
        assert [r for r in proxy.requests[before:] if r.path == path and "limit" in r.query and r.status == 200]
        rest = Rest(operator, proxy)
        same_objects(rest, undisturbed)
        assert set(rest.events.values()) == {1}
        # Whether it was the one who wrote what it was not told of, it cannot know.
        assert {k[1] for k in rest.events} - {"ConfigMapMissing"} <= {k[1] for k in undisturbed.events}
        rest.lasts()


def change_role(bed, ns, keep):
    """The operator's Role with the rules for which `keep` holds."""
    (role,) = (o for o in roles_in(ns) if o["kind"] == "Role" and "manager" in o["metadata"]["name"])
    role["rules"] = [r for r in role["rules"] if keep(r)]
    bed.apply(role, force=True)


def test_a_right_taken_away_is_told_once_and_given_back_is_used(bed, namespace, undisturbed):
    ns = namespace(bed)
    with operator_behind(bed, ns) as (operator, proxy):
        operator.apply(trustee())
        ready(operator)
        change_role(bed, ns, lambda r: "deployments" not in r["resources"])
        bed.kubectl("delete", "deployment", "trustee-deployment", "-n", ns)
        bed.wait(lambda: len(proxy.seen(lambda r: r.method == "PATCH" and r.status == 403)) > 5, 30, "refusals of one write")
        bed.kubectl("wait", "--for=jsonpath={.status.conditions[?(@.type=='Ready')].reason}=WriteRefused", "trusteeconfig/t",
                    "-n", ns, "--timeout=30s")
        condition = next(c for c in operator.get("trusteeconfig", "t")["status"]["conditions"] if c["type"] == "Ready")
        assert condition["status"] == "False" and 'cannot patch resource "deployments"' in condition["message"], condition
        (failed,) = bed.wait(lambda: [k for k in told(operator) if k[1] == "WriteRefused"], 30, "the event")
        assert failed[0] == "KbsConfig" and failed[2] == condition["message"].replace(ns, "NAMESPACE")
        change_role(bed, ns, lambda r: True)
        ready(operator)
        rest = Rest(operator, proxy)
        same_objects(rest, undisturbed)
        events = dict(rest.events)
        assert events.pop(failed) == 1
        assert {k[1]: n for k, n in events.items()} == {"DeploymentCreated": 2, "ServiceCreated": 1, "Ready": 2, "NotReady": 1}
        rest.lasts()


@contextlib.contextmanager
def webhook_that_is_down(bed, ns):
    """Asked about each Deployment of the namespace."""
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}
    hook = {"name": f"{ns}.example.org", "clientConfig": {"url": "https://127.0.0.1:9/"}, "rules": [rule],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": ns}}, "failurePolicy": "Fail",
            "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 1}
    bed.apply({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
               "metadata": {"name": ns}, "webhooks": [hook]})
    bed.wait(lambda: "failed calling webhook" in bed.kubectl(
        "create", "deployment", "probe", "--image=i", "-n", ns, "--dry-run=server", check=False).stderr, 30, "the webhook")
    try:
        yield
    finally:
        bed.kubectl("delete", "validatingwebhookconfiguration", ns)


def test_a_webhook_that_is_down_is_told_once_and_forgotten_when_it_is_gone(bed, namespace, undisturbed):
    ns = namespace(bed)
    with operator_behind(bed, ns) as (operator, proxy):
        with webhook_that_is_down(bed, ns):
            operator.apply(trustee())
            bed.kubectl("wait", "--for=jsonpath={.status.conditions[?(@.type=='Ready')].reason}=WriteFailing",
                        "trusteeconfig/t", "-n", ns, "--timeout=60s")
            condition = next(c for c in operator.get("trusteeconfig", "t")["status"]["conditions"] if c["type"] == "Ready")
            assert condition["status"] == "False" and "failed calling webhook" in condition["message"], condition
            (failed,) = bed.wait(lambda: [k for k in told(operator) if k[1] == "WriteFailing"], 30, "the event")
            assert failed[0] == "KbsConfig" and failed[2] == condition["message"].replace(ns, "NAMESPACE")
        ready(operator)
        rest = Rest(operator, proxy)
        same_objects(rest, undisturbed)
        events = dict(rest.events)
        assert events.pop(failed) == 1
        assert events == undisturbed.events
        rest.lasts()


@pytest.mark.case("OP-40")
def test_nothing_is_written_when_nothing_changed(undisturbed):
    """Beside the lease, in a minute."""
    minute = undisturbed.lasts()
    assert len([r for r in minute if r.lease and r.method == "PUT"]) > IDLE_SECONDS // 4
