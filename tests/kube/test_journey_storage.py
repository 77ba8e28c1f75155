"""A platform engineer says where the key broker runs, and that what it keeps outlives its Pods. Each thing that is still
missing is what `kubectl get trusteeconfig` names."""
import pytest

import node
from journey import PERMISSIVE, install, needs_programs, uninstall

pytestmark = needs_programs
NS = "trustee-keeps"
KEY = "of a disk\n"
DISK = """apiVersion: v1
kind: PersistentVolume
metadata:
  name: disk-of-trustee
spec:
  capacity:
    storage: 100Mi
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  local:
    path: {path}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions:
        - key: kubernetes.io/hostname
          operator: In
          values: [{node}]
"""
CLAIM = """apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: kept-by-trustee
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  volumeName: disk-of-trustee
  resources:
    requests:
      storage: 100Mi
"""
PRIORITY = """apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: keeps-secrets
value: 1000
"""
TRUSTEE = PERMISSIVE + """  deployment:
    nodeSelector:
      disk: safe
    tolerations:
    - key: only-for
      operator: Equal
      value: trustee
      effect: NoSchedule
    priorityClassName: keeps-secrets
    storage:
      type: PersistentVolumeClaim
      claimName: kept-by-trustee
"""


@pytest.fixture(scope="module")
def site(node_bed):
    """The guest and the operator are at home before the node is closed to others."""
    site = install(node_bed, NS)
    site.make_guest(restricted=True)
    site.kubectl("taint", "node", node.NAME, "only-for=trustee:NoSchedule")
    try:
        yield site
    finally:  # other modules need the node
        site.kubectl("taint", "node", node.NAME, "only-for-")
        site.kubectl("label", "node", node.NAME, "disk-")
        uninstall(node_bed)
        site.kubectl("delete", "priorityclass/keeps-secrets", "--ignore-not-found")
        site.kubectl("delete", "pv/disk-of-trustee", "--ignore-not-found", "--wait=false")


def wait_told(site, text: str):
    """What keeps the Pod away is in the condition, and so in what `kubectl get` shows."""
    site.bed.wait(lambda: text in site.condition("DeploymentAvailable").get("message", ""), 30, text)
    found = site.condition("DeploymentAvailable")
    assert (found["status"], found["reason"]) == ("False", "PodsFailing"), found
    assert site.sh("kubectl get trusteeconfig --no-headers").stdout.split()[2:4] == ["False", "PodsFailing"]


def test_1_a_pod_that_may_not_be_made_says_why(site):
    site.apply(TRUSTEE)
    wait_told(site, "no PriorityClass with name keeps-secrets was found")


def test_2_a_pod_whose_claim_is_missing_says_so(site):
    site.apply(PRIORITY)
    site.kubectl("delete", "replicaset", "-l", "app=kbs")  # its controller would try again in its own time
    wait_told(site, 'persistentvolumeclaim "kept-by-trustee" not found')


def test_3_a_pod_that_fits_no_node_says_so(site):
    path = site.bed.directory / "disk"
    path.mkdir(mode=0o755)  # root's, as a new volume is
    site.apply(DISK.format(path=path, node=node.NAME))
    site.apply(CLAIM)
    wait_told(site, "didn't match Pod's node affinity/selector")


def test_4_it_runs_where_it_may_and_serves(site):
    site.kubectl("label", "node", node.NAME, "disk=safe")
    site.ready()
    pod, = site.items("pods", "-l", "app=kbs")
    assert (pod["spec"]["nodeName"], pod["spec"]["priority"]) == (node.NAME, 1000)
    assert site.wait_served("default/kbsres1/key1", "res1val1")


def store(site, path: str):
    site.kubectl("exec", "-i", "kbs-client", "--", "kbs-client", "--url", "http://kbs-service:8080", "config", "set-resource",
                 "--path", path, "--resource-file", "/dev/stdin", data=KEY)


def test_5_what_an_administrator_stores_outlives_the_pod(site):
    text = site.get("configmap", "trusteeconfig-kbs-config")["data"]["kbs-config.toml"]
    assert 'authorization_mode = "DenyAll"' in text
    before = site.settled()
    site.edit("cm", "trusteeconfig-kbs-config",
              {"data": {"kbs-config.toml": text.replace('"DenyAll"', '"InsecureAllowAll"')}})
    site.bed.wait(lambda: site.settled().keys().isdisjoint(before), 60, "a new Pod serves")
    site.ready()
    site.wait_served("default/kbsres1/key1", "res1val1")  # the node's proxy may learn of the Pod after the operator
    store(site, "vault/disk/key")
    store(site, "default/disk/key")
    before = site.settled()
    site.kubectl("delete", "pod", "-l", "app=kbs")
    site.bed.wait(lambda: site.settled().keys().isdisjoint(before), 60, "a new Pod serves")
    for path in ("vault/disk/key", "default/disk/key"):
        assert site.wait_served(path, KEY)
    assert site.serves("default/kbsres1/key1", "res1val1")


def test_6_without_a_claim_it_is_gone_with_the_pod(site):
    """Also shows that what an administrator stores may be written at all where memory keeps it."""
    before = site.settled()
    site.kubectl("patch", "trusteeconfig", "trusteeconfig", "--type=merge", "-p", '{"spec": {"deployment": {"storage": null}}}')
    site.bed.wait(lambda: site.settled().keys().isdisjoint(before), 60, "a new Pod serves")
    site.ready()
    assert site.wait_served("default/kbsres1/key1", "res1val1")
    assert "kbs.resource_absent" in site.wait_refused("vault/disk/key").stderr
    store(site, "vault/disk/key")
    assert site.serves("vault/disk/key", KEY)
