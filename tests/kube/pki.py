"""Keys, certificates and kubeconfigs of a test cluster: one CA, short names, a day of validity."""
import base64
import datetime
import ipaddress
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def pem_key(key) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def write_private(path: pathlib.Path, content: bytes) -> pathlib.Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


class Pki:
    """A CA in a directory: `ca.crt`, `ca.key`, a pair per name, `sa.key` and `sa.pub`."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        directory.mkdir(mode=0o700)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bed")])
        builder = self._builder(self.name, self.key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = builder.sign(self.key, hashes.SHA256())
        self._write("ca", self.key, self.certificate)
        tokens = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        write_private(directory / "sa.key", pem_key(tokens))
        (directory / "sa.pub").write_bytes(tokens.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))

    def _builder(self, subject, key):
        now = datetime.datetime.utcnow()
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
                .public_key(key.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=1)))

    def _write(self, name, key, certificate):
        write_private(self.directory / f"{name}.key", pem_key(key))
        self.path(name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def path(self, name: str, suffix: str = "crt") -> pathlib.Path:
        return self.directory / f"{name}.{suffix}"

    def issue(self, name: str, common_name: str, groups=(), hosts=(), usage=ExtendedKeyUsageOID.CLIENT_AUTH):
        """Writes `<name>.crt` and `<name>.key`; `hosts` are DNS names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([*(x509.NameAttribute(NameOID.ORGANIZATION_NAME, g) for g in groups),
                             x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = self._builder(subject, key)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if hosts:
            names = []
            for host in hosts:
                try:
                    names.append(x509.IPAddress(ipaddress.ip_address(host)))
                except ValueError:
                    names.append(x509.DNSName(host))
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self._write(name, key, builder.sign(self.key, hashes.SHA256()))

    def issue_server(self, name: str, common_name: str, hosts):
        self.issue(name, common_name, hosts=hosts, usage=ExtendedKeyUsageOID.SERVER_AUTH)

    def kubeconfig(self, path: pathlib.Path, server: str, user: dict) -> pathlib.Path:
        """Writes a kubeconfig with the CA inside; `user` is the kubeconfig's own form of credentials."""
        ca = base64.b64encode(self.path("ca").read_bytes()).decode()
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "bed",
            "clusters": [{"name": "bed", "cluster": {"server": server, "certificate-authority-data": ca}}],
            "users": [{"name": "bed", "user": user}],
            "contexts": [{"name": "bed", "context": {"cluster": "bed", "user": "bed"}}],
        }
        return write_private(path, json.dumps(config, indent=1).encode())

    def certificate_user(self, name: str) -> dict:
        """Credentials for `kubeconfig` from a pair that `issue` wrote."""
        return {f"client-{what}-data": base64.b64encode(self.path(name, suffix).read_bytes()).decode()
                for what, suffix in (("certificate", "crt"), ("key", "key"))}
