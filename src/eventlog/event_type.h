#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trustee::eventlog {

/// The event types of the TCG; the number is the one on the wire.
/// Source  TCG PC Client Platform Firmware Profile 1.06 rev 52, table 27.
enum class EventType : std::uint32_t {
  preboot_cert = 0x0,
  post_code = 0x1,
  unused = 0x2,
  no_action = 0x3,
  separator = 0x4,
  action = 0x5,
  event_tag = 0x6,
  s_crtm_contents = 0x7,
  s_crtm_version = 0x8,
  cpu_microcode = 0x9,
  platform_config_flags = 0xA,
  table_of_devices = 0xB,
  compact_hash = 0xC,
  ipl = 0xD,
  ipl_partition_data = 0xE,
  nonhost_code = 0xF,
  nonhost_config = 0x10,
  nonhost_info = 0x11,
  omit_boot_device_events = 0x12,
  efi_event_base = 0x80000000,
  efi_variable_driver_config = 0x80000001,
  efi_variable_boot = 0x80000002,
  efi_boot_services_application = 0x80000003,
  efi_boot_services_driver = 0x80000004,
  efi_runtime_services_driver = 0x80000005,
  efi_gpt_event = 0x80000006,
  efi_action = 0x80000007,
  efi_platform_firmware_blob = 0x80000008,
  efi_handoff_tables = 0x80000009,
  efi_platform_firmware_blob2 = 0x8000000A,
  efi_handoff_tables2 = 0x8000000B,
  efi_variable_boot2 = 0x8000000C,
  efi_hcrtm_event = 0x80000010,
  efi_variable_authority = 0x800000E0,
  efi_spdm_firmware_blob = 0x800000E1,
  efi_spdm_firmware_config = 0x800000E2,
};

/// `EV_…`, as claims name it.
std::string_view to_string(EventType type);

/// The type with this number, or nothing.
std::optional<EventType> event_type_of(std::uint32_t number);

}  // namespace trustee::eventlog
