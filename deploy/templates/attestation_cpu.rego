# Appraises the claims of a CPU TEE. `trust_claims` is the AR4SI trustworthiness vector; what no rule
# vouches for keeps the value of its default. Reference values come from the ConfigMap
# `…-rvps-reference-values`.
package policy

import rego.v1

default executables := 33 # unrecognised run-time content

default hardware := 97 # unrecognised

default configuration := 36 # relevant elements unavailable

default file_system := 0

default instance_identity := 0

default runtime_opaque := 0

default storage_opaque := 0

default sourced_data := 0

trust_claims := {
	"executables": executables,
	"hardware": hardware,
	"configuration": configuration,
	"file-system": file_system,
	"instance-identity": instance_identity,
	"runtime-opaque": runtime_opaque,
	"storage-opaque": storage_opaque,
	"sourced-data": sourced_data,
}

# ---- sample: proves nothing, for tests

executables := 3 if {
	input.sample
	input.sample.launch_digest in query_reference_value("launch_digest")
}

hardware := 2 if {
	input.sample
	input.sample.svn in query_reference_value("svn")
	input.sample.platform_version.major == query_reference_value("major_version")
	minimum := query_reference_value("minimum_minor_version")

	# A value that is not registered is null, which sorts below every number.
	is_number(minimum)
	input.sample.platform_version.minor >= minimum
}

configuration := 2 if {
	input.sample
	input.sample.debug == false
}

# ---- AMD SEV-SNP

executables := 3 if {
	input.snp
	input.snp.measurement in query_reference_value("snp_launch_measurement")
}

hardware := 2 if {
	input.snp
	input.snp.reported_tcb_bootloader in query_reference_value("snp_bootloader")
	input.snp.reported_tcb_microcode in query_reference_value("snp_microcode")
	input.snp.reported_tcb_snp in query_reference_value("snp_snp_svn")
	input.snp.reported_tcb_tee in query_reference_value("snp_tee_svn")
}

# Everything about the platform and the guest policy is known, or at least neither debugging nor
# migration is possible.
configuration := 2 if {
	snp_sealed
	input.snp.platform_smt_enabled == query_reference_value("snp_smt_enabled")
	input.snp.platform_tsme_enabled == query_reference_value("snp_tsme_enabled")
	input.snp.policy_abi_major == query_reference_value("snp_guest_abi_major")
	input.snp.policy_abi_minor == query_reference_value("snp_guest_abi_minor")
	input.snp.policy_single_socket == query_reference_value("snp_single_socket")
	input.snp.policy_smt_allowed == query_reference_value("snp_smt_allowed")
} else := 3 if {
	snp_sealed
}

snp_sealed if {
	input.snp
	input.snp.policy_debug_allowed == false
	input.snp.policy_migrate_ma == false
}

# ---- Intel TDX

# Booted directly: kernel and command line are known, too. Through a boot loader only the registers are.
executables := 3 if {
	tdx_registers
	tdx_kernel
	tdx_kernel_parameters
} else := 4 if {
	tdx_registers
}

hardware := 2 if {
	input.tdx
	tdx_genuine(input.tdx.quote.header)
	input.tdx.quote.body.mr_td in query_reference_value("mr_td")
	input.tdx.tcb_status == "UpToDate"
	input.tdx.collateral_expiration_status == "0"
}

configuration := 2 if {
	input.tdx
	input.tdx.td_attributes.debug == false
	input.tdx.quote.body.xfam in query_reference_value("xfam")
}

tdx_registers if {
	input.tdx
	input.tdx.quote.body.rtmr_1 in query_reference_value("rtmr_1")
	input.tdx.quote.body.rtmr_2 in query_reference_value("rtmr_2")
}

tdx_genuine(header) if {
	header.tee_type == "81000000"
	header.vendor_id == "939a7233f79c4ca9940a0db3957f0607"
}

tdx_kernel if {
	some event in input.tdx.uefi_event_logs
	event.type_name == "EV_EFI_BOOT_SERVICES_APPLICATION"
	"File(kernel)" in event.details.device_paths
	some measured in event.digests
	measured.digest == query_reference_value("tdvfkernel")
}

tdx_kernel_parameters if {
	some event in input.tdx.uefi_event_logs
	event.type_name == "EV_EVENT_TAG"
	event.details.string == "LOADED_IMAGE::LoadOptions"
	some measured in event.digests
	measured.digest == query_reference_value("tdvfkernelparams")
}

# ---- Azure confidential VMs: the vTPM's registers say what runs, the platform below is Azure's. Names
# are written out, so that the service can fetch all of them at once.

executables := 3 if {
	input["az-snp-vtpm"]
	input["az-snp-vtpm"].tpm.pcr03 in query_reference_value("snp_pcr03")
	input["az-snp-vtpm"].tpm.pcr08 in query_reference_value("snp_pcr08")
	input["az-snp-vtpm"].tpm.pcr09 in query_reference_value("snp_pcr09")
	input["az-snp-vtpm"].tpm.pcr11 in query_reference_value("snp_pcr11")
	input["az-snp-vtpm"].tpm.pcr12 in query_reference_value("snp_pcr12")
}

hardware := 2 if input["az-snp-vtpm"]

configuration := 2 if input["az-snp-vtpm"]

executables := 3 if {
	input["az-tdx-vtpm"]
	input["az-tdx-vtpm"].tpm.pcr03 in query_reference_value("tdx_pcr03")
	input["az-tdx-vtpm"].tpm.pcr08 in query_reference_value("tdx_pcr08")
	input["az-tdx-vtpm"].tpm.pcr09 in query_reference_value("tdx_pcr09")
	input["az-tdx-vtpm"].tpm.pcr11 in query_reference_value("tdx_pcr11")
	input["az-tdx-vtpm"].tpm.pcr12 in query_reference_value("tdx_pcr12")
}

hardware := 2 if {
	input["az-tdx-vtpm"]
	tdx_genuine(input["az-tdx-vtpm"].quote.header)
	input["az-tdx-vtpm"].tcb_status == "UpToDate"
}

configuration := 2 if input["az-tdx-vtpm"]

# ---- TPM

executables := 3 if {
	input.tpm
	input.tpm.pcr11 in query_reference_value("tpm_pcr11")
}

hardware := 2 if input.tpm

configuration := 0 if input.tpm

# ---- IBM Secure Execution: the verifier has compared everything

executables := 3 if input.se

hardware := 2 if input.se

configuration := 2 if input.se

# ---- What the token tells about the workload

extensions := [{
	"name": "ear.trustee.identifiers",
	"key": -18,
	"value": {"validated": object.union(validated_images, validated_users)},
}]

container_images := [image |
	some container in input.init_data_claims.agent_policy_claims.containers
	image := container.OCI.Annotations["io.kubernetes.cri.image-name"]
]

container_users := [user |
	some container in input.init_data_claims.agent_policy_claims.containers
	user := container.OCI.Process.User.UID
]

validated_images := {"container_images": container_images} if {
	count(container_images) > 0
} else := {}

validated_users := {"container_uids": container_users} if {
	count(container_users) > 0
} else := {}
