#!/usr/bin/env python3
"""Writes a bundle without our code: bundle.jws and the key that checks it, bundle.pub."""
import base64
import json
import os

from jwcrypto import jwk, jws

here = os.path.dirname(os.path.abspath(__file__))
key = jwk.JWK.generate(kty="OKP", crv="Ed25519")
payload = {
    "format": "trustee-bundle",
    "version": 1,
    "created": "2026-11-24T10:00:00Z",
    "items": [
        {
            "document": "intel-qe-identity/tdx/early",
            "fetched": "2026-11-24T09:00:00Z",
            "expires": "2026-12-24T09:00:00Z",
            "issuer_chain": "-----BEGIN CERTIFICATE-----\n",
            "body": base64.b64encode(b'{"enclaveIdentity":{}}').decode(),
        },
        {
            "document": "amd-crl/Genoa/vcek",
            "fetched": "2026-11-24T09:00:00Z",
            "expires": "2027-11-24T09:00:00Z",
            "body": base64.b64encode(bytes(range(256))).decode(),
        },
    ],
}
token = jws.JWS(json.dumps(payload).encode())
token.add_signature(key, protected=json.dumps({"typ": "trustee-bundle", "alg": "EdDSA"}))
with open(os.path.join(here, "bundle.jws"), "w") as out:
    out.write(token.serialize(compact=True) + "\n")
with open(os.path.join(here, "bundle.pub"), "wb") as out:
    out.write(key.export_to_pem())
