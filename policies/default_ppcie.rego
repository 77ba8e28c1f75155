# Appraises the topology of a protected PCIe machine. Claims of this class exist only after the
# verifier found eight GPUs and four switches connected as they must be.
package policy

import rego.v1

trust_claims := {
	"executables": 0,
	"hardware": 0,
	"configuration": 2,
	"file-system": 0,
	"instance-identity": 0,
	"runtime-opaque": 0,
	"storage-opaque": 0,
	"sourced-data": 0,
}
