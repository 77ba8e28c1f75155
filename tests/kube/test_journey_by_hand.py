"""A key broker put together by hand, as the sample of a KbsConfig says, and taken apart into three programs, of which our
images hold one."""
import pytest

from journey import install, needs_programs
from objects import DEPLOY

pytestmark = needs_programs
SAMPLE = DEPLOY / "samples/kbsconfig.yaml"
NAME = "kbsconfig-sample"


@pytest.fixture(scope="module")
def site(node_bed):
    site = install(node_bed, "operators")
    site.make_guest()
    yield site
    site.kubectl("delete", "kbsconfig", NAME, "--timeout=60s")
    site.kubectl("delete", "-f", SAMPLE, "--ignore-not-found")
    site.kubectl("delete", "pod/kbs-client", "secret/kbs-auth-public-key", "configmap/as-config", "configmap/rvps-config",
                 "--ignore-not-found")
    site.wait_gone([("KbsConfig", NAME), ("Deployment", "trustee-deployment"), ("Service", "kbs-service")])


def test_the_sample_serves(site):
    commands = [line.removeprefix("#   ") for line in SAMPLE.read_text().splitlines() if line.startswith("#   ")]
    assert len(commands) == 3
    site.sh("\n".join(commands))
    site.sh(f"kubectl apply -f {SAMPLE}")
    site.kubectl("wait", "--for=condition=Ready", f"kbsconfig/{NAME}", "--timeout=60s")
    told = site.condition("Ready", "kbsconfig", NAME)
    assert (told["status"], told["reason"]) == ("True", "Ready"), told
    site.wait_served("default/attestation-status/status", "success")


def test_programs_that_are_not_there_are_told_and_the_old_pod_serves(site):
    """The operator deploys microservices as it is asked to; our images have the key broker only."""
    site.sh("""for name in as-config rvps-config; do kubectl create configmap $name --from-literal=$name.json='{}'; done
kubectl patch kbsconfig kbsconfig-sample --type=merge -p '{"spec": {"kbsDeploymentType": "MicroservicesDeployment",
  "kbsAsConfigMapName": "as-config", "kbsRvpsConfigMapName": "rvps-config"}}'""")
    told = site.bed.wait(lambda: next((c for c in [site.condition("DeploymentAvailable", "kbsconfig", NAME)]
                                       if c.get("reason") == "PodsFailing"), None), 60, "it is told")
    assert told["status"] == "False" and "container as: " in told["message"], told
    assert "localhost/trustee/attestation-service" in told["message"], told
    assert site.serves("default/attestation-status/status", "success")
