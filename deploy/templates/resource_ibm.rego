# IBM Secure Execution: releases resources to one known image. Put your own values in the place of
# the three texts in angle brackets; until then nothing is released.
package policy

import rego.v1

default allow := false

se := input.submods.cpu0["ear.veraison.annotated-evidence"].se

allow if {
	data.plugin == "resource"
	se.attestation_phkh == "<se.attestation_phkh>"
	se.image_phkh == "<se.image_phkh>"
	se.tag == "<se.tag>"
	se.version == 256
}
