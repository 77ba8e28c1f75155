"""The real node of a bed: a network namespace without a way out, containerd, CNI, kubelet, kube-proxy, DNS.

Every address here is valid in the namespace only. Several beds can each have a node: names of
namespaces and cgroups come from the bed's directory.
"""
import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading

import images
from processes import BedError

NAME = "node1"
ADDRESS = "10.245.0.1"
PODS = "10.244.0.0/24"
CLONE_NEWNET = 0x40000000


def check_machine():
    """BedError with all that a node needs and this machine lacks."""
    lacks = []
    if os.geteuid() != 0:
        lacks.append("it must run as root")
    programs = ("containerd", "containerd-shim-runc-v2", "runc", "ctr", "nsenter", "ip", "nft", "iptables",
                "conntrack", "mount")
    missing = [p for p in programs if shutil.which(p, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]
    if missing:
        lacks.append(f"programs are missing: {', '.join(missing)} (scripts/install-deps)")
    if not pathlib.Path("/usr/lib/cni/bridge").exists():
        lacks.append("/usr/lib/cni/bridge is missing (scripts/install-deps)")
    if not lacks and subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        lacks.append("this machine lets nobody make a network namespace")
    if not lacks and not _hierarchies():
        lacks.append("/sys/fs/cgroup is not writable")
    if lacks:
        raise BedError("no Kubernetes node can run here: " + "; ".join(lacks))


def _hierarchies() -> list:
    """Roots of the cgroup hierarchies that containers use: many of version 1 or the one of version 2."""
    root = pathlib.Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        roots = {root}
    else:  # some hierarchies have a second name
        roots = {p.resolve() for p in root.iterdir() if (p / "cgroup.procs").exists() and p.name != "unified"}
    return sorted(r for r in roots if os.access(r, os.W_OK))


# --- network --------------------------------------------------------------------------------------------


def make_namespace(directory: pathlib.Path) -> list:
    """Makes the namespace named as the directory; returns the words that bring a command into it."""
    name = directory.name
    subprocess.run(["ip", "netns", "add", name], check=True)
    enter = ["nsenter", f"--net=/run/netns/{name}"]
    for command in ("ip link set lo up", "ip link add node0 type bridge",
                    f"ip addr add {ADDRESS}/24 dev node0", "ip link set node0 up",
                    "ip route add default dev node0"):  # a Service's address needs one before it is translated
        subprocess.run([*enter, *command.split()], check=True)
    with namespace(directory):
        for name in ("ip_forward", "conf/all/route_localnet"):
            pathlib.Path("/proc/sys/net/ipv4", name).write_text("1")
    return enter


@contextlib.contextmanager
def namespace(directory: pathlib.Path):
    """Puts the calling thread into the bed's namespace. Sockets stay where they were made."""
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(fd):
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    before = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{directory.name}", os.O_RDONLY)
    try:
        enter(there)
        try:
            yield
        finally:
            enter(before)
    finally:
        os.close(before)
        os.close(there)


# --- containers -----------------------------------------------------------------------------------------


def _snapshotter(directory: pathlib.Path) -> str:
    """overlayfs, or native where the file system below does not bear it."""
    with tempfile.TemporaryDirectory(dir=directory) as d:
        for part in ("low", "up", "work", "all"):
            pathlib.Path(d, part).mkdir()
        options = f"lowerdir={d}/low,upperdir={d}/up,workdir={d}/work"
        command = ["mount", "-t", "overlay", "overlay", "-o", options, f"{d}/all"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return "native"
        subprocess.run(["umount", f"{d}/all"], check=True)
    return "overlayfs"


def _containerd_config(d: pathlib.Path) -> str:
    return f"""
version = 2
root = "{d}/containerd"
state = "{d}/run"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.btrfs",
                    "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs",
                    "io.containerd.internal.v1.opt"]
[grpc]
  address = "{d}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{_snapshotter(d)}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "{d}/runc"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{d}/cni"
"""


def _cni_config(d: pathlib.Path) -> dict:
    return {"cniVersion": "1.0.0", "name": "bed", "plugins": [
        {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True,
         "ipam": {"type": "host-local", "dataDir": f"{d}/cni-state", "ranges": [[{"subnet": PODS}]],
                  "routes": [{"dst": "0.0.0.0/0"}]}},
        {"type": "portmap", "capabilities": {"portMappings": True}}]}


def ctr(bed, *args, **kwargs):
    return bed.run(["ctr", "-a", bed.directory / "containerd.sock", "-n", "k8s.io", *args], **kwargs)


def start_containerd(bed):
    """Starts containerd and imports the pause image."""
    d = bed.directory
    (d / "containerd.toml").write_text(_containerd_config(d))
    (d / "cni").mkdir()
    (d / "cni/bed.conflist").write_text(json.dumps(_cni_config(d)))
    containerd = bed.spawn("containerd", ["containerd", "--config", d / "containerd.toml"])
    containerd.wait_ready((d / "containerd.sock").exists, 30, "socket")
    containerd.wait_ready(lambda: ctr(bed, "version", check=False).returncode == 0, 30, "answers")
    bed.import_image(images.pause(d))


# --- kubelet, kube-proxy, DNS ---------------------------------------------------------------------------


def _make_cgroup(name: str):
    """The cgroup above all Pods of this bed; so its kubelet leaves those of others alone."""
    for root in _hierarchies():
        group = root / name
        group.mkdir()
        if (root / "cgroup.controllers").exists():
            for controller in ("cpuset", "cpu", "io", "memory", "pids", "hugetlb"):
                for parent in (root, group):
                    with contextlib.suppress(OSError):  # kubelet says which of them it cannot do without
                        (parent / "cgroup.subtree_control").write_text(f"+{controller}")
        elif root.name == "cpuset":
            for item in ("cpuset.cpus", "cpuset.mems"):
                (group / item).write_text((root / item).read_text())


def _kubelet_config(bed) -> dict:
    d, pki = bed.directory, bed.pki.path
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{d.name}", "failCgroupV1": False, "failSwapOn": False,
        "oomScoreAdj": 0, "containerRuntimeEndpoint": f"unix://{d}/containerd.sock",
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True},
                           "x509": {"clientCAFile": str(pki("ca"))}},
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki("kubelet-server")), "tlsPrivateKeyFile": str(pki("kubelet-server", "key")),
        "clusterDomain": "cluster.local", "clusterDNS": [ADDRESS], "resolvConf": str(d / "resolv.conf"),
        "podLogsDir": str(d / "pod-logs"), "volumePluginDir": str(d / "volume-plugins"),
        "staticPodPath": str(d / "static-pods"), "healthzBindAddress": "127.0.0.1",
        "evictionHard": {"nodefs.available": "1%", "imagefs.available": "1%", "memory.available": "50Mi"},
        "imageGCHighThresholdPercent": 100, "syncFrequency": "10s",
    }


def apiserver_args(bed) -> list:
    """What the API server needs to reach a kubelet."""
    bed.pki.issue("kubelet-client", "kube-apiserver-kubelet-client", ["system:masters"])
    return ["--bind-address=0.0.0.0", f"--advertise-address={ADDRESS}",
            f"--kubelet-client-certificate={bed.pki.path('kubelet-client')}",
            f"--kubelet-client-key={bed.pki.path('kubelet-client', 'key')}",
            "--kubelet-preferred-address-types=InternalIP,Hostname"]


def start_node(bed):
    """Starts kubelet, kube-proxy and CoreDNS; returns when the node is Ready and names resolve."""
    d, bin_directory = bed.directory, bed.programs
    for part in ("static-pods", "volume-plugins", "pod-logs"):
        (d / part).mkdir()
    (d / "resolv.conf").write_text(f"nameserver {ADDRESS}\n")
    _make_cgroup(d.name)
    bed.pki.issue_server("kubelet-server", NAME, [NAME, ADDRESS])
    (d / "kubelet.json").write_text(json.dumps(_kubelet_config(bed)))
    kubelet = bed.spawn("kubelet", [
        bin_directory / "kubelet", f"--config={d / 'kubelet.json'}", f"--hostname-override={NAME}",
        f"--kubeconfig={bed.kubeconfig_for(f'system:node:{NAME}', ['system:nodes'])}",
        f"--node-ip={ADDRESS}", f"--root-dir={d / 'kubelet'}", f"--cert-dir={d / 'pki'}"])
    bed.spawn("kube-proxy", [
        bin_directory / "kube-proxy", f"--kubeconfig={bed.kubeconfig_for('system:kube-proxy')}",
        "--proxy-mode=nftables", f"--cluster-cidr={PODS}", f"--hostname-override={NAME}",
        "--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s"])  # no sysctl of the whole machine
    (d / "Corefile").write_text(
        ".:53 {\n  errors\n  ready 127.0.0.1:8181\n"
        f"  kubernetes cluster.local in-addr.arpa {{\n    kubeconfig {bed.kubeconfig}\n"
        "    pods insecure\n    ttl 1\n  }\n}\n")
    dns = bed.spawn("coredns", [bin_directory / "coredns", "-conf", d / "Corefile"])

    def node_ready():
        answer = bed.api("GET", f"/api/v1/nodes/{NAME}")
        conditions = answer.json()["status"].get("conditions", []) if answer.status == 200 else []
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    kubelet.wait_ready(node_ready, 120, "node Ready")
    dns.wait_ready(lambda: bed.listens("127.0.0.1", 8181) and bed.http("127.0.0.1", 8181, "/ready").status == 200,
                   60, "DNS ready")
