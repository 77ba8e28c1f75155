# Releases resources to whoever was attested.
package policy

import rego.v1

default allow := false

allow if data.plugin == "resource"
