# In force while the policy that was asked for cannot be used and there was none before it: nothing
# is recognised.
package policy

import rego.v1

trust_claims := {
	"executables": 33,
	"hardware": 97,
	"configuration": 36,
	"file-system": 0,
	"instance-identity": 0,
	"runtime-opaque": 0,
	"storage-opaque": 0,
	"sourced-data": 0,
}
