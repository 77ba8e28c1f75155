"""What the journeys of users share: an operator installed as OLM installs its bundle, a shell with kubectl, a guest."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import time

import pytest

from objects import DEPLOY, GROUP, ROOT, install_kinds, read
from waiting import NotInTime

BIN = pathlib.Path(os.environ.get("TRUSTEE_BIN", ROOT / "build/release/bin"))
ACCOUNT = "trustee-operator-controller-manager"
OF_OLM = "operators"  # where OLM installs for all namespaces
EVERYTHING = "configmaps,secrets,services,deployments,kbsconfigs"
API = f"{GROUP}/v1alpha1"
PERMISSIVE = f"""apiVersion: {API}
kind: TrusteeConfig
metadata:
  name: trusteeconfig
spec:
  profileType: Permissive
  kbsServiceType: ClusterIP
"""

# Lines of a Pod and of its container.
RESTRICTED = ("""  securityContext:
    runAsUser: 65532
    runAsNonRoot: true
    seccompProfile:
      type: RuntimeDefault
""", """    securityContext:
      allowPrivilegeEscalation: false
      capabilities:
        drop: [ALL]
""")

# Of one attempt in a loop: who connects to a Pod at the moment it goes waits for an answer that never comes.
ATTEMPT = 5
EDITOR = """import json, pathlib, sys, yaml

def merge(o, patch):
    for key, value in patch.items():
        o[key] = merge(o.get(key, {}), value) if isinstance(value, dict) else value
    return o

file = pathlib.Path(sys.argv[1])
patch = json.loads(pathlib.Path(__file__).with_name("patch.json").read_text())
file.write_text(yaml.safe_dump(merge(yaml.safe_load(file.read_text()), patch)))
"""

needs_programs = pytest.mark.skipif(not (BIN / "manager").exists(), reason="the program `manager` is not built")


def b64u_decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def csv() -> dict:
    """What OLM installs."""
    return read((DEPLOY / "bundle/manifests/trustee-operator.clusterserviceversion.yaml").read_text())[0]


def as_olm_installs(ns: str, kbs_image: str | None = None, everywhere=False) -> list:
    """The objects that OLM makes of the bundle in a namespace: account, roles, bindings, the Deployment. In its mode
    AllNamespaces (`everywhere`) what the bundle asks for a namespace is granted in all of them."""
    spec = csv()["spec"]["install"]["spec"]
    if kbs_image:
        env = spec["deployments"][0]["spec"]["template"]["spec"]["containers"][0]["env"]
        next(e for e in env if e["name"] == "KBS_IMAGE_NAME")["value"] = kbs_image
    subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": ns}
    objects = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT, "namespace": ns}}]
    own = ("ClusterRole", "trustee-operator-bundle-own") if everywhere else ("Role", "trustee-operator-bundle")
    for (kind, name), rules in ((("ClusterRole", "trustee-operator-bundle"), spec["clusterPermissions"]), (own, spec["permissions"])):
        group = "rbac.authorization.k8s.io"
        metadata = {"name": name, **({"namespace": ns} if kind == "Role" else {})}
        objects += [{"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata, "rules": rules[0]["rules"]},
                    {"apiVersion": f"{group}/v1", "kind": f"{kind}Binding", "metadata": metadata, "subjects": [subject],
                     "roleRef": {"apiGroup": group, "kind": kind, "name": name}}]
    objects += [{"apiVersion": "apps/v1", "kind": "Deployment", "spec": d["spec"],
                 "metadata": {"name": d["name"], "namespace": ns, "labels": d["label"]}} for d in spec["deployments"]]
    return objects


def import_images(bed, programs=BIN, *recipes):
    """Makes our images of `programs` and brings them onto the node."""
    made = bed.directory / "images"
    subprocess.run([ROOT / "tools/oci_image", "--bin", programs.resolve(), "--output", made, *recipes], check=True,
                   capture_output=True)
    for archive in made.glob("*.oci.tar"):
        bed.import_image(archive)
        archive.unlink()


class Site:
    """A namespace with an operator, where a user works. Shared by the modules of journeys, one after another."""

    def __init__(self, bed, ns: str):
        self.bed, self.ns = bed, ns
        self.reach = ("--url", "http://kbs-service:8080")  # how the guest's client reaches the key broker
        self.kubeconfig = bed.directory / "pki" / f"user-{ns}.kubeconfig"
        shutil.copy(bed.kubeconfig, self.kubeconfig)
        self.work = bed.directory / f"work-{ns}"
        self.work.mkdir(exist_ok=True)
        self.kubectl("config", "set-context", "--current", f"--namespace={ns}")

    def sh(self, script: str, check=True, **env) -> subprocess.CompletedProcess:
        """Commands as documents print them, in a directory of this site."""
        return self.bed.run(["bash", "-c", f"set -eu -o pipefail\n{script}"], cwd=self.work, check=check,
                            env={"KUBECONFIG": str(self.kubeconfig), **env})

    def kubectl(self, *args, **kwargs) -> subprocess.CompletedProcess:
        return self.bed.kubectl(*args, kubeconfig=self.kubeconfig, **kwargs)

    def get(self, kind: str, name: str) -> dict:
        return json.loads(self.kubectl("get", kind, name, "-o", "json").stdout)

    def find(self, kind: str, name: str):
        """The object, or None: only when the API server says that there is none."""
        done = self.kubectl("get", kind, name, "-o", "json", "--ignore-not-found")
        return json.loads(done.stdout) if done.stdout else None

    def items(self, kind: str, *args) -> list:
        return json.loads(self.kubectl("get", kind, "-o", "json", *args).stdout)["items"]

    def wait_for(self, kind, name, holds=lambda o: True, seconds=30):
        def there():
            o = self.find(kind, name)
            return o if o is not None and holds(o) else None
        return self.bed.wait(there, seconds, f"{kind} {name}")

    def apply(self, text: str) -> str:
        return self.kubectl("apply", "-f", "-", data=text).stdout

    def edit(self, kind: str, name: str, patch: dict) -> str:
        """`kubectl edit` with an editor that changes the object as a merge patch says."""
        (self.work / "patch.json").write_text(json.dumps(patch))
        (self.work / "editor").write_text(EDITOR)
        return self.sh(f"kubectl edit {kind} -n {self.ns} {name}", KUBE_EDITOR=f"/usr/bin/python3 {self.work}/editor").stdout

    def ready(self, seconds=60):
        self.kubectl("wait", "--for=condition=Ready", "trusteeconfig/trusteeconfig", f"--timeout={seconds}s")

    def condition(self, kind="Ready", of="trusteeconfig", name="trusteeconfig") -> dict:
        conditions = self.get(of, name).get("status", {}).get("conditions", [])
        return next((c for c in conditions if c["type"] == kind), {})

    def wait_condition(self, kind: str, reason: str) -> dict:
        """The condition of the TrusteeConfig once it has this reason."""
        self.kubectl("wait", f"--for=jsonpath={{.status.conditions[?(@.type=='{kind}')].reason}}={reason}",
                     "trusteeconfig/trusteeconfig", "--timeout=20s")
        return self.condition(kind)

    def events(self) -> list:
        """Those of the objects that there are, not of earlier ones of their names."""
        uids = [o["metadata"]["uid"] for o in self.items("trusteeconfigs,kbsconfigs")]
        return [(e["regarding"]["kind"], e["reason"], e["note"]) for e in self.items("events.events.k8s.io")
                if e["regarding"].get("uid") in uids]

    def told(self, kind: str, reason: str) -> list:
        """The events of that kind and reason, once there is one: it is written after the status."""
        return self.bed.wait(lambda: [e for e in self.events() if e[:2] == (kind, reason)], 20, f"event {reason}")

    def pods(self) -> dict:
        """uid -> restarts of the Pods that serve."""
        return {p["metadata"]["uid"]: sum(c["restartCount"] for c in p["status"].get("containerStatuses", []))
                for p in self.items("pods", "-l", "app=kbs") if "deletionTimestamp" not in p["metadata"]}

    def settled(self, seconds=60) -> dict:
        """`pods` after a rollout: as many as are wanted, none of them on its way out."""
        self.kubectl("rollout", "status", "deployment/trustee-deployment", f"--timeout={seconds}s")
        wanted = self.get("deployment", "trustee-deployment")["spec"]["replicas"]
        self.bed.wait(lambda: len(self.items("pods", "-l", "app=kbs")) == wanted, seconds, "old Pods are gone")
        return self.pods()

    def make_guest(self, name="kbs-client", restricted=False):
        """The Pod of D1, step 14, or one that Pod Security `restricted` lets be."""
        pod, container = RESTRICTED if restricted else ("", "")
        self.apply(f"""apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
{pod}  terminationGracePeriodSeconds: 0
  containers:
  - name: kbs-client
    image: localhost/trustee/kbs-client:0.1.0
    imagePullPolicy: IfNotPresent
    command:
      - sleep
      - "360000"
    env:
      - name: RUST_LOG
        value: none
{container}""")
        self.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s")

    def guest(self, *args, **kwargs) -> subprocess.CompletedProcess:
        return self.kubectl("exec", "kbs-client", "--", "kbs-client", *args, **{"check": False, **kwargs})

    def get_resource(self, path: str, **kwargs) -> subprocess.CompletedProcess:
        return self.guest(*self.reach, "get-resource", "--path", path, **kwargs)

    def serves(self, path: str, value, **kwargs) -> bool:
        """Whether guests read the value now; AssertionError with what the client says when they do not."""
        done = self.get_resource(path, **kwargs)
        assert (done.returncode, done.stdout) == (0, printed(value)), done.stdout + done.stderr
        return True

    def wait_served(self, path: str, value, seconds=20, **kwargs) -> float:
        """Waits until guests read the value; how long that took."""
        begin = time.monotonic()
        answers = []

        def look():
            try:
                done = self.get_resource(path, timeout=ATTEMPT, **kwargs)
            except subprocess.TimeoutExpired:
                answers.append(f"{time.monotonic() - begin:.1f} s: no answer\n")
                return False
            answers.append(f"{time.monotonic() - begin:.1f} s: {done.stdout}{done.stderr}")
            return (done.returncode, done.stdout) == (0, printed(value))
        try:
            self.bed.wait(look, seconds, f"{path} is served")
        except NotInTime as e:
            raise NotInTime(f"{e}\n{''.join(answers[-4:])}") from e
        return time.monotonic() - begin

    def wait_refused(self, path: str, seconds=20, **kwargs) -> subprocess.CompletedProcess:
        def look():
            done = self.get_resource(path, **kwargs)
            return done if done.returncode == 1 and done.stdout == "" else None
        return self.bed.wait(look, seconds, f"{path} is refused")

    def token(self) -> tuple:
        """Header and claims of the token that the guest gets now."""
        done = self.guest(*self.reach, "attest", check=True)
        header, claims, _ = (b64u_decode(part) for part in done.stdout.strip().split("."))
        return json.loads(header), json.loads(claims)

    def claims(self) -> dict:
        """What the token says of the guest that attests now."""
        return self.token()[1]["submods"]["cpu0"]

    def wait_gone(self, objects, seconds=60):
        """Waits until none of the objects (kind, name) is left."""
        wanted, left = set(objects), set()

        def look():
            left.clear()
            left.update(wanted & {(o["kind"], o["metadata"]["name"]) for o in self.items(EVERYTHING)})
            return not left and not self.items("pods", "-l", "app=kbs")
        try:
            self.bed.wait(look, seconds, "gone")
        except NotInTime as e:
            raise NotInTime(f"{e}; left: {sorted(left)}") from e

    def revision(self) -> int:
        """How many templates the Deployment has had."""
        annotations = self.get("deployment", "trustee-deployment")["metadata"]["annotations"]
        return int(annotations["deployment.kubernetes.io/revision"])

    def log(self) -> str:
        return self.kubectl("logs", "-l", "app=kbs", "--tail=-1").stdout

    def rested(self, kind: str, name: str, seconds=6) -> dict:
        """The object once nobody has written it for so long: longer than the operator takes to look at its own write again."""
        o, since = self.get(kind, name), time.monotonic()

        def rests():
            nonlocal o, since
            if (now := self.get(kind, name))["metadata"]["resourceVersion"] != o["metadata"]["resourceVersion"]:
                o, since = now, time.monotonic()
            return time.monotonic() - since >= seconds
        self.bed.wait(rests, 60, f"{kind} {name} rests")
        return o

    def list_resource(self, name: str):
        """The JSON patch of the documents."""
        return self.sh(f"""
CR_NAME=$(kubectl get kbsconfig -n {self.ns} -o=jsonpath='{{.items[0].metadata.name}}')
kubectl patch KbsConfig -n {self.ns} $CR_NAME --type=json -p='[{{"op":"add", "path":"/spec/kbsSecretResources/-", "value":"{name}"}}]'
""")



def printed(value) -> str:
    """How the client prints a resource."""
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode() + "\n"


def install(bed, ns: str, kbs_image: str | None = None) -> Site:
    """An operator from the bundle in a namespace. One at a time: another that stands is taken away."""
    if getattr(bed, "installed", None) == ns:
        return Site(bed, ns)
    uninstall(bed)
    bed.installed = ns
    if not getattr(bed, "has_images", False):
        import_images(bed)
        bed.has_images = True
    install_kinds(bed)
    make_namespace(bed, ns)
    bed.apply(*as_olm_installs(ns, kbs_image, everywhere=ns == OF_OLM))
    bed.kubectl("rollout", "status", f"deployment/{ACCOUNT}", "-n", ns, "--timeout=60s")
    return Site(bed, ns)


def make_namespace(bed, ns: str):
    """An empty namespace with its account. All but OLM's own enforce that Pods are restricted."""
    bed.kubectl("wait", "--for=delete", f"namespace/{ns}", "--timeout=90s")
    bed.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": ns, "labels": {"pod-security.kubernetes.io/enforce": "restricted"} if ns != OF_OLM else {}}})
    bed.wait(lambda: bed.exists(f"/api/v1/namespaces/{ns}/serviceaccounts/default"), 30, "ServiceAccount")


def uninstall(bed):
    """Takes the operator and its namespace away; the namespace may be on its way out for a while."""
    ns = getattr(bed, "installed", None)
    if ns is None:
        return
    bed.kubectl("delete", "trusteeconfigs,kbsconfigs", "--all", "-n", ns, "--timeout=60s")
    bed.kubectl("delete", "deployment", ACCOUNT, "-n", ns, "--cascade=foreground", "--timeout=60s")
    bed.kubectl("delete", "namespace", ns, "--wait=false")
    bed.installed = None


def taken_away(site: Site, *more):
    """Deletes the TrusteeConfig and `more` of a module, and waits until what the operator made is gone."""
    site.kubectl("delete", "trusteeconfig", "--all", "--timeout=60s")
    if more:
        site.kubectl("delete", "--ignore-not-found", "--wait=false", *more)
    made = [("KbsConfig", "trusteeconfig-kbs-config"), ("Deployment", "trustee-deployment"), ("Service", "kbs-service"),
            ("Secret", "trusteeconfig-auth-secret"), ("ConfigMap", "trusteeconfig-kbs-config"), ("Secret", "kbsres1")]
    site.wait_gone(made)
