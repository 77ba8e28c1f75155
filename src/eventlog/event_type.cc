#include "eventlog/event_type.h"

#include "base/check.h"

namespace trustee::eventlog {

namespace {

using T = EventType;

constexpr struct Row {
  EventType type;
  std::string_view name;
} kTypes[] = {
    {T::preboot_cert, "EV_PREBOOT_CERT"},
    {T::post_code, "EV_POST_CODE"},
    {T::unused, "EV_UNUSED"},
    {T::no_action, "EV_NO_ACTION"},
    {T::separator, "EV_SEPARATOR"},
    {T::action, "EV_ACTION"},
    {T::event_tag, "EV_EVENT_TAG"},
    {T::s_crtm_contents, "EV_S_CRTM_CONTENTS"},
    {T::s_crtm_version, "EV_S_CRTM_VERSION"},
    {T::cpu_microcode, "EV_CPU_MICROCODE"},
    {T::platform_config_flags, "EV_PLATFORM_CONFIG_FLAGS"},
    {T::table_of_devices, "EV_TABLE_OF_DEVICES"},
    {T::compact_hash, "EV_COMPACT_HASH"},
    {T::ipl, "EV_IPL"},
    {T::ipl_partition_data, "EV_IPL_PARTITION_DATA"},
    {T::nonhost_code, "EV_NONHOST_CODE"},
    {T::nonhost_config, "EV_NONHOST_CONFIG"},
    {T::nonhost_info, "EV_NONHOST_INFO"},
    {T::omit_boot_device_events, "EV_OMIT_BOOT_DEVICE_EVENTS"},
    {T::efi_event_base, "EV_EFI_EVENT_BASE"},
    {T::efi_variable_driver_config, "EV_EFI_VARIABLE_DRIVER_CONFIG"},
    {T::efi_variable_boot, "EV_EFI_VARIABLE_BOOT"},
    {T::efi_boot_services_application, "EV_EFI_BOOT_SERVICES_APPLICATION"},
    {T::efi_boot_services_driver, "EV_EFI_BOOT_SERVICES_DRIVER"},
    {T::efi_runtime_services_driver, "EV_EFI_RUNTIME_SERVICES_DRIVER"},
    {T::efi_gpt_event, "EV_EFI_GPT_EVENT"},
    {T::efi_action, "EV_EFI_ACTION"},
    {T::efi_platform_firmware_blob, "EV_EFI_PLATFORM_FIRMWARE_BLOB"},
    {T::efi_handoff_tables, "EV_EFI_HANDOFF_TABLES"},
    {T::efi_platform_firmware_blob2, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"},
    {T::efi_handoff_tables2, "EV_EFI_HANDOFF_TABLES2"},
    {T::efi_variable_boot2, "EV_EFI_VARIABLE_BOOT2"},
    {T::efi_hcrtm_event, "EV_EFI_HCRTM_EVENT"},
    {T::efi_variable_authority, "EV_EFI_VARIABLE_AUTHORITY"},
    {T::efi_spdm_firmware_blob, "EV_EFI_SPDM_FIRMWARE_BLOB"},
    {T::efi_spdm_firmware_config, "EV_EFI_SPDM_FIRMWARE_CONFIG"},
};

}  // namespace

std::string_view to_string(EventType type) {
  for (const Row& row : kTypes) {
    if (row.type == type) return row.name;
  }
  TRUSTEE_CHECK(false);  // every enumerator has its row
}

std::optional<EventType> event_type_of(std::uint32_t number) {
  for (const Row& row : kTypes) {
    if (static_cast<std::uint32_t>(row.type) == number) return row.type;
  }
  return std::nullopt;
}

}  // namespace trustee::eventlog
