# Releases resources to every token that is not the sample TEE's.
#
# The appraisal is not consulted: evidence of real hardware passes even when it is contraindicated.
# For anything but a first look upload a policy of your own, or resource_affirming.rego.
package policy

import rego.v1

default allow := false

allow if {
	data.plugin == "resource"
	not input.submods.cpu0["ear.veraison.annotated-evidence"].sample
}
