"""A Kubernetes cluster for tests: real etcd and API server, and as much of the rest as a profile says.

    api    etcd and kube-apiserver
    kcm    also the controller manager and the scheduler
    kwok   also a fake node on which Pods become Ready without running
    node   a real node instead: containerd, kubelet, kube-proxy and DNS in a network namespace

`tests/kube/build-bed` builds the programs. Several beds can stand side by side.
"""
import contextlib
import dataclasses
import datetime
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess

import node
from pki import Pki
from processes import BedError, Process, clear, clear_leftovers, free_ports, new_directory
from programs import ROOT
from waiting import wait_until

CACHE = pathlib.Path(os.environ.get("TRUSTEE_KUBE_CACHE") or pathlib.Path.home() / ".cache/trustee-kube").absolute()
LOGS = ROOT / "build/kube-logs"  # of beds in whose time something failed
PROFILES = ("api", "kcm", "kwok", "node")
SERVICES = "10.96.0.0/16"
FIRST_SERVICE = "10.96.0.1"


@dataclasses.dataclass
class Answer:
    """What the API server answered to `Bed.api`."""
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)


class Bed:
    """A running cluster. `with Bed("api") as bed:` or `start()` and `stop()`.

    Attributes: `directory` (all files; logs in `log/`), `kubeconfig` (of a cluster administrator),
    `server` (URL of the API server), `pki`, and `prefix`, the words before a command that bring it to
    where the cluster's addresses are valid (empty unless the profile is `node`).
    """

    def __init__(self, profile: str = "api", apiserver_args=()):
        if profile not in PROFILES:
            raise BedError(f"no profile {profile}; there are {', '.join(PROFILES)}")
        missing = [p for p in ("kubebed", "kubectl") if not (CACHE / "bin" / p).exists()]
        if missing:
            raise BedError(f"{CACHE}/bin has no {missing[0]}: run tests/kube/build-bed")
        self.profile = profile
        self.apiserver_args = list(apiserver_args)
        self.processes = {}
        self.directory = self.pki = self.server = self.kubeconfig = None
        self.prefix = ()
        self.programs = CACHE / "bin"

    # --- life ---------------------------------------------------------------------------------------

    def start(self):
        """Starts everything of the profile and waits until it answers. Cost: 5 to 15 s."""
        clear_leftovers()
        if self.profile == "node":
            node.check_machine()
        self.directory = new_directory()
        try:
            self._start()
        except BaseException:
            self._stop_with_logs()
            raise
        return self

    def _start(self):
        self.home = self.directory / "home"
        self.home.mkdir()
        self.host = "127.0.0.1"
        if self.profile == "node":
            self.host = node.ADDRESS
            self.prefix = node.make_namespace(self.directory)
        self.etcd_port, self.peer_port, self.api_port, *self.other_ports = free_ports(6)
        self.server = f"https://{self.host}:{self.api_port}"
        self.pki = Pki(self.directory / "pki")
        names = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                 "kubernetes.default.svc.cluster.local", "127.0.0.1", FIRST_SERVICE, self.host)
        self.pki.issue_server("apiserver", "kube-apiserver", dict.fromkeys(names))
        self.kubeconfig = self.kubeconfig_for("admin", ["system:masters"])
        self.start_etcd()
        self.start_apiserver()
        if self.profile == "node":
            node.start_containerd(self)
        if self.profile != "api":
            self._start_controllers()
        if self.profile == "kwok":
            self._start_kwok()
        if self.profile == "node":
            node.start_node(self)

    def stop(self):
        """Stops everything in order and removes the directory and all else the bed made."""
        if self.directory is None:
            return
        clear(self.directory)
        self.directory = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self._stop_with_logs()

    def _stop_with_logs(self):
        try:
            self.save_logs()
        finally:
            self.stop()

    def save_logs(self):
        """Copies the logs to LOGS, for a look after the bed is gone."""
        if self.directory is not None and (self.directory / "log").exists():
            shutil.copytree(self.directory / "log", LOGS / f"{self.profile}-{self.directory.name}", dirs_exist_ok=True)

    def environment(self) -> dict:
        """The environment for programs beside the bed: its kubectl first, its kubeconfig, its HOME."""
        return {**os.environ, "PATH": f"{CACHE / 'bin'}:{os.environ['PATH']}", "HOME": str(self.home),
                "KUBECONFIG": str(self.kubeconfig)}

    def spawn(self, name: str, command, env=None) -> Process:
        """Starts a program where the cluster's addresses are valid; stopped with the bed at the latest."""
        process = Process(self.directory, name, command, {**self.environment(), **(env or {})}, self.prefix)
        self.processes[name] = process
        return process

    def run(self, command, **kwargs) -> subprocess.CompletedProcess:
        """Runs a command to its end where the cluster's addresses are valid. Text unless said otherwise."""
        kwargs = {"check": True, "text": True, "capture_output": True, "timeout": 120, **kwargs}
        kwargs["env"] = {**self.environment(), **(kwargs.get("env") or {})}
        try:
            return subprocess.run([*self.prefix, *map(str, command)], **kwargs)
        except subprocess.CalledProcessError as e:
            raise BedError(f"{' '.join(map(str, command))}: exit {e.returncode}\n{e.stdout}{e.stderr}") from e

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes meanwhile belong to the bed's network."""
        with node.namespace(self.directory) if self.prefix else contextlib.nullcontext():
            yield

    # --- etcd and API server ------------------------------------------------------------------------

    def start_etcd(self):
        url, peer = (f"http://127.0.0.1:{port}" for port in (self.etcd_port, self.peer_port))
        etcd = self.spawn("etcd", [
            self.programs / "etcd", "--data-dir", self.directory / "etcd", "--name", "bed", "--unsafe-no-fsync",
            "--listen-client-urls", url, "--advertise-client-urls", url, "--log-level", "warn",
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"bed={peer}"])
        etcd.wait_ready(lambda: self.listens("127.0.0.1", self.etcd_port), 30, "listens")

    def start_apiserver(self, *extra):
        """Starts the API server with the bed's arguments and `extra`, and waits for /readyz."""
        pki = self.pki.path
        command = [
            self.programs / "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self.etcd_port}",
            f"--secure-port={self.api_port}", f"--tls-cert-file={pki('apiserver')}",
            f"--tls-private-key-file={pki('apiserver', 'key')}", f"--client-ca-file={pki('ca')}",
            "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true", f"--service-cluster-ip-range={SERVICES}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={pki('sa', 'pub')}",
            f"--service-account-signing-key-file={pki('sa', 'key')}"]
        command += node.apiserver_args(self) if self.profile == "node" else [
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none"]
        server = self.spawn("kube-apiserver", [*command, *self.apiserver_args, *extra])
        server.wait_ready(self.ready, 120, "/readyz")

    def stop_apiserver(self):
        """Like a crash after 5 s: an orderly end waits a minute for whoever keeps a connection open."""
        self.processes["kube-apiserver"].stop(seconds=5)

    def restart_apiserver(self, *extra):
        """A new API server on the old port. It answers watches from before its start with 410."""
        self.stop_apiserver()
        self.start_apiserver(*extra)

    def ready(self) -> bool:
        """Whether /readyz answers ok."""
        try:
            return self.api("GET", "/readyz", timeout=5).body == b"ok"
        except OSError:
            return False

    def compact(self) -> int:
        """Compacts etcd at its newest revision, so that no older one can be read, and returns it."""
        head = self._etcd("/v3/kv/range", {"key": "AA==", "count_only": True})["header"]
        self._etcd("/v3/kv/compaction", {"revision": head["revision"], "physical": True})
        return int(head["revision"])

    def _etcd(self, path, body):
        answer = self.http("127.0.0.1", self.etcd_port, path, "POST", json.dumps(body),
                           {"Content-Type": "application/json"}, 30)
        if answer.status != 200:
            raise BedError(f"etcd {path}: {answer.status} {answer.body.decode(errors='replace')}")
        return answer.json()

    @contextlib.contextmanager
    def _connection(self, connection):
        with self.inside():
            connection.connect()
        with contextlib.closing(connection):
            yield connection

    def http(self, host: str, port: int, path: str, method="GET", body=None, headers=None, timeout=10) -> Answer:
        """One plain HTTP request to an address of the cluster: a Pod's, a Service's, the node's."""
        with self._connection(http.client.HTTPConnection(host, port, timeout=timeout)) as c:
            c.request(method, path, body, headers or {})
            answer = c.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def try_http(self, *args, **kwargs):
        """As `http`, but None while nobody answers."""
        try:
            return self.http(*args, **kwargs)
        except (OSError, http.client.HTTPException):
            return None

    def listens(self, host: str, port: int) -> bool:
        """Whether somebody accepts connections there."""
        try:
            with self.inside():
                socket.create_connection((host, port), 1).close()
            return True
        except OSError:
            return False

    # --- controllers --------------------------------------------------------------------------------

    def _start_controllers(self):
        pki = self.pki.path
        manager = self.kubeconfig_for("system:kube-controller-manager")
        scheduler = self.kubeconfig_for("system:kube-scheduler")
        pods = [f"--cluster-cidr={node.PODS}", "--allocate-node-cidrs=false"] if self.profile == "node" else []
        self.spawn("kube-controller-manager", [
            self.programs / "kube-controller-manager", f"--kubeconfig={manager}", "--bind-address=127.0.0.1",
            f"--secure-port={self.other_ports[0]}", "--leader-elect=false", "--controllers=*",
            "--use-service-account-credentials=true", f"--root-ca-file={pki('ca')}",
            f"--service-account-private-key-file={pki('sa', 'key')}",
            f"--cluster-signing-cert-file={pki('ca')}", f"--cluster-signing-key-file={pki('ca', 'key')}",
            "--kube-api-qps=500", "--kube-api-burst=1000", *pods])
        self.spawn("kube-scheduler", [
            self.programs / "kube-scheduler", f"--kubeconfig={scheduler}", "--bind-address=127.0.0.1",
            f"--secure-port={self.other_ports[1]}", "--leader-elect=false"])
        self.processes["kube-controller-manager"].wait_ready(
            lambda: self.exists("/api/v1/namespaces/default/serviceaccounts/default"), 60, "default ServiceAccount")

    def _start_kwok(self):
        self.spawn("kwok", [self.programs / "kwok", f"--kubeconfig={self.kubeconfig}",
                            f"--config={CACHE / 'kwok-stages.yaml'}", "--manage-all-nodes=true",
                            "--node-lease-duration-seconds=40"])
        self.add_fake_node("fake1")

    def add_fake_node(self, name: str):
        """A node that only KWOK plays, Ready when this returns. For the profile `kwok`."""
        self.apply({"apiVersion": "v1", "kind": "Node", "metadata": {
            "name": name, "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}}})
        self.kubectl("wait", "--for=condition=Ready", f"node/{name}", "--timeout=60s")

    def install_kinds(self, *files):
        """CustomResourceDefinitions of these files or directories, ready to be used."""
        named = [word for file in files for word in ("-f", file)]
        self.kubectl("apply", "--server-side", *named)
        self.kubectl("wait", "--for=condition=Established", *named, "--timeout=60s")

    def install_olm_kinds(self):
        """OLM's own CRDs for what users see of it. Its controllers cannot be had as Go modules."""
        self.install_kinds(*(CACHE / f"olm-crds/operators.coreos.com_{kind}.yaml" for kind in ("clusterserviceversions", "subscriptions")))

    def start_cert_manager(self):
        """cert-manager's CRDs and its controllers. Write `kind: Issuer` out in issuerRef: no webhook does."""
        self.install_kinds(CACHE / "cert-manager-crds")
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cert-manager"}})
        self.spawn("cm-controller", [self.programs / "cm-controller", f"--kubeconfig={self.kubeconfig}"])

    def renew_certificate(self, name: str, namespace: str):
        """Asks cert-manager for a renewal now, as its command line does: condition Issuing on the status."""
        def conditions_at_rest():  # one that is being issued would be done with both
            found = self.get("certificate", name, "-n", namespace).get("status", {}).get("conditions", [])
            return None if any(c["type"] == "Issuing" and c["status"] == "True" for c in found) else found or None

        conditions = self.wait(conditions_at_rest, 60, f"{name} is not being issued")
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        conditions = [c for c in conditions if c["type"] != "Issuing"]
        conditions.append({"type": "Issuing", "status": "True", "reason": "ManuallyTriggered",
                           "message": "asked for by a test", "lastTransitionTime": now})
        self.kubectl("patch", "certificate", name, "-n", namespace, "--subresource=status", "--type=merge",
                     "-p", json.dumps({"status": {"conditions": conditions}}))

    # --- clients ------------------------------------------------------------------------------------

    def kubectl(self, *args, data=None, check=True, kubeconfig=None, timeout=120) -> subprocess.CompletedProcess:
        """Runs kubectl as the administrator, or with another kubeconfig. `data` is its standard input."""
        env = {"KUBECONFIG": str(kubeconfig)} if kubeconfig else None
        return self.run([self.programs / "kubectl", *args], input=data, check=check, env=env, timeout=timeout)

    def get(self, *args, **kwargs) -> dict:
        """`kubectl get … -o json`, read."""
        return json.loads(self.kubectl("get", *args, "-o", "json", **kwargs).stdout)

    def apply(self, *objects, namespace=None, manager="bed", force=False, check=True, kubeconfig=None):
        """Server-side apply of objects (trees), manifests (text) or files (paths), in this order."""
        args = ["apply", "--server-side", f"--field-manager={manager}"]
        args += ["-n", namespace] if namespace else []
        args += ["--force-conflicts"] if force else []
        done = None
        for o in objects:
            text = o.read_text() if isinstance(o, pathlib.Path) else o if isinstance(o, str) else json.dumps(o)
            done = self.kubectl(*args, "-f", "-", data=text, check=check, kubeconfig=kubeconfig)
        return done

    def token(self, account: str, namespace: str = "default", duration: str = "1h") -> str:
        """A bearer token of a ServiceAccount, by TokenRequest."""
        return self.kubectl("create", "token", account, "-n", namespace, "--duration", duration).stdout.strip()

    def kubeconfig_for(self, user: str, groups=()) -> pathlib.Path:
        """A kubeconfig with a new client certificate for a user in groups."""
        name = user.replace(":", "-")
        self.pki.issue(name, user, groups)
        path = self.directory / "pki" / f"{name}.kubeconfig"
        return self.pki.kubeconfig(path, self.server, self.pki.certificate_user(name))

    def kubeconfig_for_account(self, account: str, namespace: str = "default") -> pathlib.Path:
        """A kubeconfig with an hour's token of a ServiceAccount."""
        path = self.directory / "pki" / f"sa-{namespace}-{account}.kubeconfig"
        path.unlink(missing_ok=True)
        return self.pki.kubeconfig(path, self.server, {"token": self.token(account, namespace)})

    def open(self, method: str, path: str, body=None, headers=None, token=None, timeout=60):
        """(connection, response) of a request to the API server, body unread: for watches.

        Without `token` the administrator asks. `body` is a tree (sent as JSON), bytes or None.
        """
        context = ssl.create_default_context(cafile=str(self.pki.path("ca")))
        headers = dict(headers or {})
        if token is None:
            context.load_cert_chain(self.pki.path("admin"), self.pki.path("admin", "key"))
        else:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPSConnection(self.host, self.api_port, context=context, timeout=timeout)
        try:
            with self.inside():
                connection.connect()
            connection.request(method, path, body, headers)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def api(self, method: str, path: str, body=None, headers=None, token=None, timeout=60) -> Answer:
        """One request to the API server, without kubectl between."""
        connection, answer = self.open(method, path, body, headers, token, timeout)
        with contextlib.closing(connection):
            return Answer(answer.status, answer.headers, answer.read())

    def exists(self, path: str) -> bool:
        """Whether GET of an API path finds an object; BedError when the answer is neither yes nor no."""
        status = self.api("GET", path).status
        if status not in (200, 404):
            raise BedError(f"GET {path}: {status}")
        return status == 200

    def wait(self, condition, seconds: float = 30, what: str = "condition"):
        """The first true value of `condition()`; NotInTime when it does not come."""
        return wait_until(condition, seconds, what)

    # --- node ---------------------------------------------------------------------------------------

    def import_image(self, archive: pathlib.Path):
        """Imports an OCI archive under the name it carries. For the profile `node`."""
        return node.ctr(self, "images", "import", archive)

    def nudge(self, pod: str, namespace: str):
        """Changes an annotation of a Pod, so that kubelet looks at its volumes now and not in ten seconds."""
        self.kubectl("annotate", "pod", pod, "-n", namespace, "--overwrite", f"bed.test/nudge={os.urandom(4).hex()}")


@contextlib.contextmanager
def shared_bed(profile: str, session):
    """A bed for many tests of a pytest session; its logs are kept when one of them failed."""
    with Bed(profile) as bed:
        try:
            yield bed
        finally:
            if session.testsfailed:
                bed.save_logs()
