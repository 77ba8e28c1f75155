#include "eventlog/device_path.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include "base/cursor.h"
#include "base/try.h"
#include "codec/hex.h"
#include "codec/utf16.h"
#include "codec/utf8.h"
#include "eventlog/errors.h"

namespace trustee::eventlog {

namespace {

constexpr std::size_t kNodeHeader = 4;
constexpr std::size_t kMaxNode = 0xFFFF;

/// A node as text; nothing when its content does not fit its kind.
using Text = std::optional<std::string>;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return text;
}

/// Lower-case hexadecimal of at least `width` digits.
std::string hexadecimal(std::uint64_t n, std::size_t width) {
  std::string digits;
  while (n != 0 || digits.size() < width) {
    digits.insert(digits.begin(), "0123456789abcdef"[n & 0xFU]);
    n >>= 4U;
  }
  return digits;
}

/// A GUID as UEFI writes it: the first three fields are little-endian.
std::string guid_text(Cursor& c) {
  const std::uint32_t first = c.u32le();
  const std::uint16_t second = c.u16le();
  const std::uint16_t third = c.u16le();
  const auto clock = c.array<2>();
  const auto node = c.array<6>();
  return upper(hexadecimal(first, 8) + "-" + hexadecimal(second, 4) + "-" + hexadecimal(third, 4) +
               "-" + codec::hex_encode(clock) + "-" + codec::hex_encode(node));
}

std::string number(std::uint64_t n) { return std::to_string(n); }

Text pci(Cursor c) {
  const std::uint8_t function = c.u8();
  const std::uint8_t device = c.u8();
  if (c.failed()) return std::nullopt;
  return "Pci(" + number(function) + "," + number(device) + ")";
}

/// An EISA id is three letters of five bits, then 16 bits of product.
Text acpi(Cursor c) {
  const std::uint16_t vendor = c.u16le();
  const std::uint16_t product = c.u16le();
  const std::uint32_t uid = c.u32le();
  if (c.failed()) return std::nullopt;
  std::string id;
  for (const unsigned shift : {10U, 5U, 0U}) {
    id.push_back(static_cast<char>('@' + ((vendor >> shift) & 0x1FU)));
  }
  return "ACPI(" + id + upper(hexadecimal(product, 4)) + "," + number(uid) + ")";
}

Text usb(Cursor c) {
  const std::uint8_t port = c.u8();
  const std::uint8_t interface = c.u8();
  if (c.failed()) return std::nullopt;
  return "USB(" + number(port) + "," + number(interface) + ")";
}

Text fibre_channel_ex(Cursor c) {
  const auto name = c.array<8>();
  const auto unit = c.array<8>();
  if (c.failed()) return std::nullopt;
  return "FibreEx(0x" + codec::hex_encode(name) + ",0x" + codec::hex_encode(unit) + ")";
}

/// The address loses its trailing zero digits, an odd one as well: so upstream writes it.
Text mac(Cursor c) {
  std::string address = upper(codec::hex_encode(c.array<31>()));
  c.skip(1);
  const std::uint8_t interface_type = c.u8();
  if (c.failed()) return std::nullopt;
  address.erase(address.find_last_not_of('0') + 1);
  return "Mac(" + address + ",0x" + upper(hexadecimal(interface_type, 2)) + ")";
}

/// The number's bytes from its most significant one, as upstream writes what it reads
/// little-endian.
std::string ipv4_text(std::uint32_t address) {
  return number(address >> 24U) + "." + number((address >> 16U) & 0xFFU) + "." +
         number((address >> 8U) & 0xFFU) + "." + number(address & 0xFFU);
}

Text ipv4(Cursor c) {
  const std::uint32_t local = c.u32le();
  const std::uint32_t remote = c.u32le();
  c.skip(4);  // ports
  const std::uint16_t protocol = c.u16le();
  const std::uint8_t origin = c.u8();
  const std::uint32_t gateway = c.u32le();
  const std::uint32_t mask = c.u32le();
  if (c.failed()) return std::nullopt;
  const std::string protocol_name = protocol == 6 ? "TCP" : protocol == 17 ? "UDP" : "";
  const std::string origin_name = origin == 0 ? "DHCP" : origin == 1 ? "Static" : "";
  std::string out = "IPv4(" + ipv4_text(remote) + "," + protocol_name + "," + origin_name + "," +
                    ipv4_text(local);
  if (gateway != 0 || mask != 0) out += "," + number(gateway) + "," + number(mask);
  return out + ")";
}

Text hard_drive(Cursor c) {
  const std::uint32_t partition = c.u32le();
  const std::uint64_t start = c.u64le();
  const std::uint64_t size = c.u64le();
  const Bytes signature = c.take(16);
  const std::uint8_t format = c.u8();
  c.skip(1);  // signature type
  if (c.failed()) return std::nullopt;
  Cursor s(signature);
  std::string out = "HD(" + number(partition);
  if (format == 1) {
    out += ",MBR,0x" + hexadecimal(s.u32le(), 8);
  } else if (format == 2) {
    out += ",GPT," + guid_text(s);
  } else {
    return std::nullopt;
  }
  if (partition != 0) out += ",0x" + hexadecimal(start, 1) + ",0x" + hexadecimal(size, 1);
  return out + ")";
}

Text vendor_media(Cursor c) {
  const std::string guid = guid_text(c);
  if (c.failed()) return std::nullopt;
  return "VenMedia(" + guid + "," + codec::hex_encode(c.take(c.remaining())) + ")";
}

/// A UTF-16 text with its final NUL.
Text file_path(Cursor c) {
  const std::size_t size = c.remaining();
  if (size == 0 || size % 2 != 0) return std::nullopt;
  return "File(" + codec::utf16le_lossy(c.take(size - 2)) + ")";
}

std::string boot_device_name(std::uint16_t type) {
  switch (type) {
    case 0x01:
      return "FLOPPY";
    case 0x02:
      return "HARD_DRIVE";
    case 0x03:
      return "CDROM";
    case 0x04:
      return "PCMCIA";
    case 0x05:
      return "USB";
    case 0x06:
      return "EMBEDDED_NETWORK";
    case 0x80:
      return "DEV";
    case 0xFF:
      return "UNKNOWN";
    default:  // a number from the wire, not an enum of ours
      return number(type);
  }
}

Text bios_boot(Cursor c) {
  const std::uint16_t type = c.u16le();
  const std::uint16_t status = c.u16le();
  if (c.failed()) return std::nullopt;
  const Bytes rest = c.take(c.remaining());
  const auto nul = std::find(rest.begin(), rest.end(), std::uint8_t{0});
  const Bytes description = rest.first(static_cast<std::size_t>(nul - rest.begin()));
  if (!codec::is_utf8(description)) return std::nullopt;
  return "BBS(" + boot_device_name(type) + "," + std::string(as_text(description)) + "," +
         number(status) + ")";
}

constexpr struct Kind {
  std::uint8_t type;
  std::uint8_t subtype;
  Text (*text)(Cursor);
} kKinds[] = {
    {1, 0x01, pci},       {2, 0x01, acpi},      {3, 0x05, usb},        {3, 0x15, fibre_channel_ex},
    {3, 0x0B, mac},       {3, 0x0C, ipv4},      {4, 0x01, hard_drive}, {4, 0x03, vendor_media},
    {5, 0x01, bios_boot}, {4, 0x04, file_path},
};

std::string node_text(std::uint8_t type, std::uint8_t subtype, Bytes content) {
  for (const Kind& kind : kKinds) {
    if (kind.type != type || kind.subtype != subtype) continue;
    if (Text text = kind.text(Cursor(content)); text.has_value()) return *text;
  }
  return "Path(" + number(type) + "," + number(subtype) + "," + codec::hex_encode(content) + ")";
}

Result<std::string> read_node(Cursor& c) {
  const std::uint8_t type = c.u8();
  const std::uint8_t subtype = c.u8();
  TRY(const std::size_t length, c.length_u16le(kMaxNode));
  if (length < kNodeHeader || length - kNodeHeader > c.remaining()) {
    return Error(Errc::event_data_malformed,
                 "Data is too short: expected at least " + std::to_string(length) + " bytes");
  }
  return node_text(type, subtype, c.take(length - kNodeHeader));
}

}  // namespace

Result<json::Array> device_path_texts(Bytes path) {
  if (path.size() < kNodeHeader) {
    return Error(Errc::event_data_malformed, "Remaining device path is shorter than 4 bytes");
  }
  json::Array texts;
  Cursor c(path);
  while (c.remaining() != 0) {
    TRY(auto text, read_node(c));
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace trustee::eventlog
