"""What tests may rely on: facts of the API server, the controllers, a fake node, a real node, cert-manager."""
import base64
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest
from cryptography import x509

import images
import node
import oci
import processes
from bed import Bed, BedError
from programs import ROOT

WIDGET = pathlib.Path(__file__).resolve().parent / "widget-crd.json"


def config_map(name, namespace, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def widget(name, namespace, **spec):
    return {"apiVersion": "bed.test/v1", "kind": "Widget", "metadata": {"name": name, "namespace": namespace},
            "spec": spec}


@pytest.fixture(scope="module")
def widgets(api_bed):
    api_bed.apply(WIDGET)
    api_bed.kubectl("wait", "--for=condition=Established", "crd/widgets.bed.test", "--timeout=30s")
    return api_bed


# --- profile api ----------------------------------------------------------------------------------------


def test_a_crd_defaults_prunes_and_refuses(widgets, namespace):
    ns = namespace(widgets)
    widgets.apply(widget("w", ns, size=3))
    assert widgets.get("widget", "w", "-n", ns)["spec"] == {"size": 3, "colour": "red"}
    for spec, complaint in (({"size": 3, "colour": "pink"}, 'Unsupported value: "pink"'),
                            ({"size": 300}, "size must be at most 255"), ({"size": "x"}, ".spec.size: expected numeric"),
                            ({"size": 3, "other": 1}, ".spec.other: field not declared in schema")):
        done = widgets.apply(widget("bad", ns, **spec), check=False)
        assert done.returncode == 1 and complaint in done.stderr, (spec, done.stderr)
    path = f"/apis/bed.test/v1/namespaces/{ns}/widgets"
    answer = widgets.api("POST", path, widget("pruned", ns, size=1, other=1))
    assert answer.status == 201 and answer.json()["spec"] == {"size": 1, "colour": "red"}
    answer = widgets.api("POST", f"{path}?fieldValidation=Strict", widget("strict", ns, size=1, other=1))
    assert answer.status == 400 and 'unknown field "spec.other"' in answer.json()["message"]


def test_status_is_written_on_its_own_path_only(widgets, namespace):
    ns = namespace(widgets)
    widgets.apply({**widget("w", ns, size=1), "status": {"phase": "Wrong"}})
    assert "status" not in widgets.get("widget", "w", "-n", ns)
    widgets.kubectl("patch", "widget", "w", "-n", ns, "--subresource=status", "--type=merge",
                    "-p", '{"status": {"phase": "Right"}, "spec": {"size": 9}}')
    now = widgets.get("widget", "w", "-n", ns)
    assert (now["status"]["phase"], now["spec"]["size"]) == ("Right", 1)


def test_apply_knows_who_owns_a_field(api_bed, namespace):
    ns = namespace(api_bed)

    def version():
        return api_bed.get("configmap", "c", "-n", ns)["metadata"]["resourceVersion"]

    api_bed.apply(config_map("c", ns, a="1"), manager="one")
    before = version()
    api_bed.apply(config_map("c", ns, a="1"), manager="one")
    assert version() == before
    api_bed.apply(config_map("c", ns, b="2"), manager="two")
    done = api_bed.apply(config_map("c", ns, a="3"), manager="two", check=False)
    assert done.returncode == 1 and 'conflict with "one"' in done.stderr
    assert api_bed.get("configmap", "c", "-n", ns)["data"] == {"a": "1", "b": "2"}


def test_a_json_patch_that_does_not_fit_names_no_field_and_one_that_makes_an_invalid_object_does(api_bed, namespace):
    ns = namespace(api_bed)
    api_bed.apply({**config_map("c", ns, a="1"), "immutable": True})

    def causes(*patch):
        answer = api_bed.api("PATCH", f"/api/v1/namespaces/{ns}/configmaps/c", list(patch),
                             {"Content-Type": "application/json-patch+json"})
        assert (answer.status, answer.json()["reason"]) == (422, "Invalid")
        return [cause.get("field") for cause in answer.json()["details"].get("causes", [])]

    assert not any(causes({"op": "test", "path": "/data/a", "value": "2"}))
    assert not any(causes({"op": "remove", "path": "/data/b"}))
    assert causes({"op": "replace", "path": "/data/a", "value": "2"}) == ["data"]


def test_an_account_may_what_its_role_says(api_bed, namespace):
    ns = namespace(api_bed)
    api_bed.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader", "namespace": ns}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r", "namespace": ns},
         "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
         "metadata": {"name": "r", "namespace": ns},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
         "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": ns}]})
    token = api_bed.token("reader", ns)
    path = f"/api/v1/namespaces/{ns}"
    api_bed.wait(lambda: api_bed.api("GET", f"{path}/configmaps", token=token).status == 200, 10, "RBAC")
    assert api_bed.api("GET", f"{path}/secrets", token=token).status == 403
    assert api_bed.api("GET", f"{path}/configmaps", token=token + "x").status == 401
    kubeconfig = api_bed.kubeconfig_for_account("reader", ns)
    assert api_bed.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}",
                           kubeconfig=kubeconfig).stdout == f"system:serviceaccount:{ns}:reader"


def watch(bed, path, version):
    """(connection, events) of a watch; events are read one at a time."""
    connection, answer = bed.open("GET", f"{path}?watch=1&resourceVersion={version}", timeout=30)
    assert answer.status == 200, answer.read()
    return connection, (json.loads(line) for line in answer)


def test_a_restarted_api_server_answers_old_watches_with_410():
    with Bed("api") as bed:
        path = "/api/v1/namespaces/default/configmaps"
        version = bed.api("GET", path).json()["metadata"]["resourceVersion"]
        bed.apply(config_map("c", "default", a="1"))
        connection, events = watch(bed, path, version)
        with contextlib.closing(connection):
            event = next(events)
        assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "c")
        bed.restart_apiserver()
        assert bed.get("configmap", "c", "-n", "default")["data"] == {"a": "1"}
        connection, events = watch(bed, path, 1)
        with contextlib.closing(connection):
            event = next(events)
        assert event["type"] == "ERROR"
        assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")


def test_a_list_cannot_go_on_after_compaction():
    """The API server answers later pages from memory, unless told not to."""
    path = "/api/v1/namespaces/default/configmaps?limit=1"
    with Bed("api", apiserver_args=["--feature-gates=ListFromCacheSnapshot=false"]) as bed:
        bed.apply(*(config_map(f"c{i}", "default", a="1") for i in range(3)))
        token = bed.api("GET", path).json()["metadata"]["continue"]
        assert bed.api("GET", f"{path}&continue={token}").status == 200
        bed.apply(config_map("c4", "default", a="1"))
        bed.compact()
        answer = bed.api("GET", f"{path}&continue={token}")
        assert (answer.status, answer.json()["reason"]) == (410, "Expired")


# --- beds as such ---------------------------------------------------------------------------------------


def test_a_bed_leaves_nothing_behind():
    bed = Bed("api").start()
    directory, pids = bed.directory, [p.pid for p in bed.processes.values()]
    bed.stop()
    assert not directory.exists()
    assert [processes.start_time(p) for p in pids] == [None] * len(pids)


def test_what_a_crashed_run_left_is_cleared():
    """A run that is killed leaves its programs; the next bed ends them and removes their files."""
    script = ("import sys; sys.path[:0] = sys.argv[1:]; import bed, time; b = bed.Bed('api').start();"
              "print(b.directory, *(p.pid for p in b.processes.values()), flush=True); time.sleep(600)")
    places = [ROOT / name for name in ("tests/kube", "tests/support", "tools")]
    with subprocess.Popen([sys.executable, "-c", script, *places], stdout=subprocess.PIPE, text=True) as run:
        directory, *pids = run.stdout.readline().split()
        os.kill(run.pid, signal.SIGKILL)
    pids = [int(p) for p in pids]
    assert len(pids) == 2 and all(processes.start_time(p) for p in pids)
    processes.clear_leftovers()
    assert not pathlib.Path(directory).exists()
    assert [processes.start_time(p) for p in pids] == [None, None]


def test_a_program_that_ends_is_reported_with_its_log():
    with pytest.raises(BedError, match="unknown flag: --no-such-flag"):
        Bed("api", apiserver_args=["--no-such-flag"]).start()


def test_the_logs_of_a_bed_that_fails_are_kept_and_it_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr("bed.LOGS", tmp_path)
    with pytest.raises(BedError):
        Bed("api", apiserver_args=["--no-such-flag"]).start()
    with pytest.raises(ZeroDivisionError):
        with Bed("api") as one:
            directory = one.directory
            raise ZeroDivisionError
    assert not directory.exists()
    assert len(list(tmp_path.glob("api-*/kube-apiserver.log"))) == 2
    with Bed("api"):
        pass
    assert len(list(tmp_path.iterdir())) == 2


# --- controllers without a node -------------------------------------------------------------------------


def deployment(name, namespace, image, replicas=1, **pod):
    labels = {"app": name}
    container = {"name": name, "image": image, "securityContext": {
        "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True},
        **pod.pop("container", {})}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {
                    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                    "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 2,
                    "containers": [container], **pod}}}}


def service(name, namespace, port, target):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"app": name}, "ports": [{"port": port, "targetPort": target}]}}


def test_a_fake_node_makes_deployments_available(kwok_bed, namespace):
    ns = namespace(kwok_bed)
    kwok_bed.apply(deployment("d", ns, "nowhere.test/none:1", replicas=3), service("d", ns, 80, 80))
    kwok_bed.kubectl("wait", "--for=condition=Available", "deployment/d", "-n", ns, "--timeout=60s")
    kwok_bed.wait(lambda: [len(s["endpoints"]) for s in kwok_bed.get("endpointslices", "-n", ns)["items"]] == [3],
                  20, "an EndpointSlice with three endpoints")
    kwok_bed.kubectl("delete", "deployment", "d", "-n", ns)
    kwok_bed.wait(lambda: not kwok_bed.get("pods", "-n", ns)["items"], 30, "Pods are gone")


# --- cert-manager ---------------------------------------------------------------------------------------


def served(bed, ns, name):
    """The certificate in a Secret, or None while there is none."""
    answer = bed.api("GET", f"/api/v1/namespaces/{ns}/secrets/{name}")
    if answer.status != 200 or not answer.json().get("data", {}).get("tls.crt"):
        return None
    return x509.load_pem_x509_certificate(base64.b64decode(answer.json()["data"]["tls.crt"]))


def test_cert_manager_issues_and_renews(kwok_bed, namespace):
    ns = namespace(kwok_bed)
    kwok_bed.start_cert_manager()
    kwok_bed.apply(
        {"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "i", "namespace": ns},
         "spec": {"selfSigned": {}}},
        {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "c", "namespace": ns},
         "spec": {"secretName": "tls", "dnsNames": ["kbs-service"], "issuerRef": {"kind": "Issuer", "name": "i"},
                  "privateKey": {"algorithm": "ECDSA", "size": 256, "encoding": "PKCS8", "rotationPolicy": "Always"}}})
    first = kwok_bed.wait(lambda: served(kwok_bed, ns, "tls"), 60, "a certificate")
    names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["kbs-service"]
    kwok_bed.kubectl("wait", "--for=condition=Ready", "certificate/c", "-n", ns, "--timeout=30s")
    kwok_bed.renew_certificate("c", ns)

    def renewed():
        now = served(kwok_bed, ns, "tls")
        return now if now and now.serial_number != first.serial_number else None

    second = kwok_bed.wait(renewed, 60, "a renewed certificate")
    assert second.public_key().public_numbers() != first.public_key().public_numbers()


# --- a real node ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    directory = tmp_path_factory.mktemp("images")
    return images.files(directory), images.shell(directory)


@pytest.fixture(scope="module")
def stocked(node_bed, archives):
    """The node's bed with the images of a file server and of a shell."""
    for archive in archives:
        node_bed.import_image(archive)
    return node_bed


@pytest.fixture(scope="module")
def files_pod(stocked):
    """Namespace of a Deployment and Service `files` that serve a Secret, and a Pod `shell`."""
    ns = "files"
    stocked.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": {
            "pod-security.kubernetes.io/enforce": "restricted"}}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": ns},
         "stringData": {"word": "first"}},
        deployment("files", ns, images.FILES, container={
            "volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": True}],
            "readinessProbe": {"httpGet": {"port": 8080, "path": "/word"}, "periodSeconds": 1}},
            volumes=[{"name": "data", "secret": {"secretName": "s"}}]),
        service("files", ns, 80, 8080),
        deployment("shell", ns, images.SHELL))
    for name in ("files", "shell"):
        stocked.kubectl("wait", "--for=condition=Available", f"deployment/{name}", "-n", ns, "--timeout=60s")
    return ns


def test_the_node_is_ready_and_has_our_images(stocked, archives):
    found = stocked.get("node", node.NAME)
    assert {c["type"]: c["status"] for c in found["status"]["conditions"]}["Ready"] == "True"
    listed = stocked.kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.nodeInfo.kubeletVersion}").stdout
    assert listed == stocked.api("GET", "/version").json()["gitVersion"]
    rows = [line.split()[:3] for line in node.ctr(stocked, "images", "ls").stdout.splitlines()]
    for archive in archives:
        ours = oci.check_archive(archive)
        assert [ours["name"], oci.MANIFEST, ours["digest"]] in rows


def test_a_service_is_reached_by_name_and_address(stocked, files_pod):
    address = stocked.get("service", "files", "-n", files_pod)["spec"]["clusterIP"]
    answer = stocked.wait(lambda: stocked.try_http(address, 80, "/word"), 20, "the Service's address answers")
    assert (answer.status, answer.body) == (200, b"first")
    for name in ("files", f"files.{files_pod}.svc.cluster.local"):
        done = stocked.kubectl("exec", "deployment/shell", "-n", files_pod, "--",
                               "curl", "--silent", "--fail", "--max-time", "10", f"http://{name}/word")
        assert done.stdout == "first"
    assert "serving /data on port 8080" in stocked.kubectl("logs", "deployment/files", "-n", files_pod).stdout


def test_a_changed_secret_reaches_the_pod_at_once_when_nudged(stocked, files_pod):
    pod = stocked.get("pods", "-n", files_pod, "-l", "app=files")["items"][0]
    stocked.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": files_pod},
                   "stringData": {"word": "second"}})
    stocked.nudge(pod["metadata"]["name"], files_pod)
    address = pod["status"]["podIP"]
    stocked.wait(lambda: stocked.http(address, 8080, "/word").body == b"second", 30, "the new content")
    now = stocked.get("pods", "-n", files_pod, "-l", "app=files")["items"][0]
    assert now["status"]["containerStatuses"][0]["restartCount"] == 0


def test_pod_security_refuses_what_is_not_restricted(stocked, files_pod):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": files_pod},
           "spec": {"containers": [{"name": "p", "image": images.SHELL, "securityContext": {"privileged": True}}]}}
    done = stocked.apply(pod, check=False)
    assert done.returncode == 1 and 'violates PodSecurity "restricted' in done.stderr


def test_a_node_leaves_nothing_behind(tmp_path):
    """Also beside another node: neither touches the other's Pods, addresses or files."""
    with Bed("node") as bed:
        bed.import_image(images.files(tmp_path))
        bed.apply(deployment("files", "default", images.FILES))
        bed.kubectl("wait", "--for=condition=Available", "deployment/files", "--timeout=60s")
        sockets = [f.read_text().removeprefix("unix://") for f in bed.directory.glob("run/*.task/k8s.io/*/address")]
        kinds = {kind for kind, _ in traces(bed.directory, sockets)}
        directory = bed.directory
    assert kinds == {"directory", "mount", "network", "cgroup", "log", "cni", "socket", "process"}
    assert traces(directory, sockets) == []


def traces(directory, sockets) -> list:
    """(kind, where) of everything on this machine that belongs to a bed."""
    name = directory.name
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    return [
        *(("directory", str(directory)) for _ in range(directory.exists())),
        *(("mount", m.split()[4]) for m in mounts if name in m),
        *(("network", str(p)) for p in pathlib.Path("/run/netns").glob(name)),
        *(("cgroup", str(p)) for p in pathlib.Path("/sys/fs/cgroup").glob(f"**/{name}")),
        *(("log", str(p)) for p in pathlib.Path("/var/log/containers").glob("*") if name in os.readlink(p)),
        *(("cni", str(p)) for p in pathlib.Path("/var/lib/cni/results").glob("*") if name in p.read_text()),
        *(("socket", s) for s in sockets if os.path.exists(s)),
        *(("process", str(p)) for p in pathlib.Path("/proc").glob("[0-9]*") if name in command_line(p)),
    ]


def command_line(process: pathlib.Path) -> str:
    try:
        return (process / "cmdline").read_text()
    except OSError:
        return ""
