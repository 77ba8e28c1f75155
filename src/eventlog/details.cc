#include "eventlog/details.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/cursor.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/utf16.h"
#include "codec/utf8.h"
#include "eventlog/device_path.h"
#include "eventlog/errors.h"

namespace trustee::eventlog {

namespace {

constexpr std::uint32_t kAaelTag = 0x4141454C;  // "LEAA"
constexpr std::size_t kEndNode = 4;             // bytes of the node that ends a device path

Error malformed(std::string why) { return {Errc::event_data_malformed, std::move(why)}; }

json::Object only_string(std::string text) { return {{"string", std::move(text)}}; }

Bytes up_to_nul(Bytes data) {
  const auto nul = std::find(data.begin(), data.end(), std::uint8_t{0});
  return data.first(static_cast<std::size_t>(nul - data.begin()));
}

/// The whole data are a text.
Result<json::Object> text(Bytes data) {
  if (!codec::is_utf8(data)) return malformed("not UTF-8");
  return only_string(std::string(as_text(data)));
}

/// A length byte, then as many bytes of text less one.
Result<json::Object> counted_text(Bytes data) {
  Cursor c(data);
  TRY(const std::size_t length, c.length_u8(0xFF));
  if (length == 0 || data.size() < length) {
    return malformed("Data is too short: expected at least " + std::to_string(length) + " bytes");
  }
  return text(c.take(length - 1));
}

/// The text without control characters (U+0000 to U+001F, U+007F to U+009F); U+0010 is a space.
std::string without_control_characters(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(in[i]);
    const bool c1 =
        byte == 0xC2 && i + 1 < in.size() && static_cast<std::uint8_t>(in[i + 1]) < 0xA0;
    if (byte == 0x10) {
      out.push_back(' ');
    } else if (c1) {
      ++i;
    } else if (byte >= 0x20 && byte != 0x7F) {
      out.push_back(in[i]);
    }
  }
  return out;
}

Result<json::Object> platform_config_flags(Bytes data) {
  if (!codec::is_utf8(data)) return only_string("");
  return only_string(without_control_characters(as_text(data)));
}

/// Google's loader writes 2e 00 and a UTF-16 text with its final NUL, others bytes up to a NUL.
Result<json::Object> initial_program_load(Bytes data) {
  if (data.size() < 2) return malformed("Data is too short: expected at least 2 bytes");
  Cursor c(data);
  if (c.u16le() != 0x002E) {
    const Bytes name = up_to_nul(data);
    return only_string(codec::is_utf8(name) ? std::string(as_text(name)) : codec::hex_encode(data));
  }
  const std::size_t rest = c.remaining();
  if (rest == 0 || rest % 2 != 0) return malformed("Data is too short or not UTF-16 string");
  return only_string(codec::utf16le_lossy(c.take(rest - 2)));
}

/// An entry of the attestation agent: domain, operation and content, separated by single spaces.
Result<json::Object> aael_entry(Bytes data) {
  if (!codec::is_utf8(data)) return malformed("an AAEL entry is not UTF-8");
  const std::string_view entry = as_text(data);
  const std::size_t first = entry.find(' ');
  const std::size_t second = first == entry.npos ? entry.npos : entry.find(' ', first + 1);
  if (second == entry.npos) return malformed("an AAEL entry lacks operation or content");
  const std::string_view content = entry.substr(second + 1);
  auto parsed = json::parse(content, json::Duplicates::last_wins, {.depth = kMaxContentDepth});
  return json::Object{{"content", parsed.ok() ? std::move(*parsed) : json::Value(content)},
                      {"domain", entry.substr(0, first)},
                      {"operation", entry.substr(first + 1, second - first - 1)}};
}

/// TCG_PCClientTaggedEvent
Result<json::Object> event_tag(Bytes data) {
  Cursor c(data);
  const std::uint32_t tag = c.u32le();
  TRY(const std::size_t size, c.length_u32le(data.size()));
  const Bytes tagged = c.take(size);
  TRY_VOID(c.status());
  std::string string = codec::utf8_lossy(as_text(tagged));
  std::erase(string, '\0');
  if (tag != kAaelTag) return only_string(std::move(string));
  TRY(json::Object entry, aael_entry(tagged));
  return json::Object{
      {"data", std::move(entry)}, {"string", std::move(string)}, {"unicode_name", "AAEL"}};
}

/// A GUID in the order of its bytes, which is what policies compare with.
std::string guid_text(const ByteArray<16>& guid) {
  std::string digits = codec::hex_encode(guid);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) {
    digits.insert(at, "-");
  }
  return digits;
}

/// UEFI_VARIABLE_DATA
Result<json::Object> efi_variable(Bytes data) {
  Cursor c(data);
  const auto guid = c.array<16>();
  const std::uint64_t name_length = c.u64le();
  const std::uint64_t data_length = c.u64le();
  if (name_length > c.remaining() / 2) {
    return malformed("Out of bounds while reading description bytes");
  }
  const auto name = codec::utf16le_decode(c.take(2 * static_cast<std::size_t>(name_length)));
  if (!name.has_value()) return malformed("the name of an EFI variable is not UTF-16");
  if (data_length > c.remaining()) return malformed("Out of bounds while reading variable_data");
  const Bytes value = c.take(static_cast<std::size_t>(data_length));
  TRY_VOID(c.status());
  return json::Object{{"unicode_name", *name},
                      {"unicode_name_length", name_length},
                      {"variable_data", codec::base64_encode(value)},
                      {"variable_data_length", data_length},
                      {"variable_name", guid_text(guid)}};
}

/// UEFI_IMAGE_LOAD_EVENT; the last four bytes of the device path are its end node.
Result<json::Object> image_load(Bytes data) {
  Cursor c(data);
  c.skip(24);  // location, length and link time address of the image
  const std::uint64_t length = c.u64le();
  if (c.failed()) return malformed("Data is too short: expected at least 32 bytes");
  if (length == 0) return json::Object{};
  if (length < kEndNode || length - kEndNode > c.remaining()) {
    return malformed("Data is shorter than claimed by dev_path_offset");
  }
  TRY(auto paths, device_path_texts(c.take(static_cast<std::size_t>(length) - kEndNode)));
  return json::Object{{"device_paths", std::move(paths)}};
}

Result<json::Object> dispatch(EventType type, Bytes data) {
  switch (type) {
    case EventType::post_code:
    case EventType::action:
    case EventType::compact_hash:
    case EventType::omit_boot_device_events:
    case EventType::efi_action:
      return text(data);
    case EventType::efi_platform_firmware_blob2:
    case EventType::efi_handoff_tables2:
      return counted_text(data);
    case EventType::platform_config_flags:
      return platform_config_flags(data);
    case EventType::ipl:
      return initial_program_load(data);
    case EventType::event_tag:
      return event_tag(data);
    case EventType::efi_variable_driver_config:
    case EventType::efi_variable_boot:
    case EventType::efi_variable_boot2:
    case EventType::efi_variable_authority:
      return efi_variable(data);
    case EventType::efi_boot_services_application:
      return image_load(data);
    case EventType::preboot_cert:
    case EventType::unused:
    case EventType::no_action:
    case EventType::separator:
    case EventType::s_crtm_contents:
    case EventType::s_crtm_version:
    case EventType::cpu_microcode:
    case EventType::table_of_devices:
    case EventType::ipl_partition_data:
    case EventType::nonhost_code:
    case EventType::nonhost_config:
    case EventType::nonhost_info:
    case EventType::efi_event_base:
    case EventType::efi_boot_services_driver:
    case EventType::efi_runtime_services_driver:
    case EventType::efi_gpt_event:
    case EventType::efi_platform_firmware_blob:
    case EventType::efi_handoff_tables:
    case EventType::efi_hcrtm_event:
    case EventType::efi_spdm_firmware_blob:
    case EventType::efi_spdm_firmware_config:
      return json::Object{};
  }
  return malformed("no such type");
}

}  // namespace

Result<json::Object> details_of(EventType type, Bytes data) {
  auto details = dispatch(type, data);
  if (details.ok() || details.error().is(Errc::event_data_malformed)) return details;
  return malformed(details.error().to_string());  // a cursor's code says nothing of the event
}

}  // namespace trustee::eventlog
