#include "eventlog/device_path.h"

#include <gtest/gtest.h>

#include "eventlog/errors.h"
#include "eventlog/eventlog_test_data.h"

namespace trustee::eventlog {
namespace {

/// The text of one node with this type, subtype and content.
std::string node(std::uint8_t type, std::uint8_t subtype, std::string_view content) {
  const ByteVec bytes = from_hex(content);
  ByteVec path = {type, subtype, static_cast<std::uint8_t>(bytes.size() + 4), 0};
  path.insert(path.end(), bytes.begin(), bytes.end());
  auto texts = device_path_texts(path);
  EXPECT_TRUE(texts.ok());
  return texts.ok() ? *texts->at(0).as_string() : "";
}

// The expected texts are those of the Trustee project's tests and of UEFI 2.10, 10.6.1.6.
TEST(DevicePath, KnownNodesHaveTheirText) {
  EXPECT_EQ(node(1, 1, "0004"), "Pci(0,4)");
  EXPECT_EQ(node(2, 1, "d041030a02000000"), "ACPI(PNP0A03,2)");
  EXPECT_EQ(node(3, 0x05, "0102"), "USB(1,2)");
  EXPECT_EQ(node(3, 0x15, "00010203040506070001020304050607"),
            "FibreEx(0x0001020304050607,0x0001020304050607)");
  EXPECT_EQ(node(3, 0x0B, "001320f5fa77" + std::string(2 * 26, '0') + "01"),
            "Mac(001320F5FA77,0x01)");
  EXPECT_EQ(node(3, 0x0C, "0100a8c06400a8c00000bc0c0600010000000000000000"),
            "IPv4(192.168.0.100,TCP,Static,192.168.0.1)");
  EXPECT_EQ(node(3, 0x0C, "0100a8c06400a8c00000bc0c1100000100000002000000"),
            "IPv4(192.168.0.100,UDP,DHCP,192.168.0.1,1,2)");
  EXPECT_EQ(node(3, 0x0C, "0100a8c06400a8c00000bc0c0000020000000000000000"),
            "IPv4(192.168.0.100,,,192.168.0.1)");
  EXPECT_EQ(node(4, 3, "72f728144ab61e44b8c39ebdd7f893c7"),
            "VenMedia(1428F772-B64A-441E-B8C3-9EBDD7F893C7,)");
  EXPECT_EQ(node(4, 3, "72f728144ab61e44b8c39ebdd7f893c7abcd"),
            "VenMedia(1428F772-B64A-441E-B8C3-9EBDD7F893C7,abcd)");
  EXPECT_EQ(node(4, 4, "6b00650072006e0065006c000000"), "File(kernel)");
  EXPECT_EQ(node(5, 1, "0500000000"), "BBS(USB,,0)");
  EXPECT_EQ(node(5, 1, "f0ff000000"), "BBS(65520,,0)");
  EXPECT_EQ(node(5, 1, "8000000041424300"), "BBS(DEV,ABC,0)");
  EXPECT_EQ(node(5, 1, "ff000100"), "BBS(UNKNOWN,,1)");
}

TEST(DevicePath, UnknownNodesAreShownAsHex) {
  EXPECT_EQ(node(3, 2, "00000000"), "Path(3,2,00000000)");
  EXPECT_EQ(node(3, 23, "010000000000000000000000"), "Path(3,23,010000000000000000000000)");
  EXPECT_EQ(node(6, 1, ""), "Path(6,1,)");
}

TEST(DevicePath, NodesWhoseContentDoesNotFitAreShownAsHex) {
  EXPECT_EQ(node(1, 1, "00"), "Path(1,1,00)");
  EXPECT_EQ(node(2, 1, "d041030a020000"), "Path(2,1,d041030a020000)");
  EXPECT_EQ(node(3, 0x05, "01"), "Path(3,5,01)");
  EXPECT_EQ(node(3, 0x0B, std::string(64, '0')), "Path(3,11," + std::string(64, '0') + ")");
  EXPECT_EQ(node(4, 1, std::string(72, '0') + "02"), "Path(4,1," + std::string(72, '0') + "02)");
  EXPECT_EQ(node(4, 1, std::string(72, '0') + "0303"),
            "Path(4,1," + std::string(72, '0') + "0303)");
  EXPECT_EQ(node(4, 4, ""), "Path(4,4,)");
  EXPECT_EQ(node(4, 4, "410000"), "Path(4,4,410000)");
  EXPECT_EQ(node(5, 1, "050000"), "Path(5,1,050000)");
  EXPECT_EQ(node(5, 1, "05000000ff"), "Path(5,1,05000000ff)");
}

TEST(DevicePath, HardDrivesAreGptOrMbr) {
  EXPECT_EQ(node(4, 1,
                 "0f000000002800000000000000500300000000005e27f1007553d5439eb5de2add4c9932"
                 "0202"),
            "HD(15,GPT,00F1275E-5375-43D5-9EB5-DE2ADD4C9932,0x2800,0x35000)");
  EXPECT_EQ(node(4, 1,
                 "00000000000000000000000000000000000000000000000000000000431202a000000000"
                 "0101"),
            "HD(0,MBR,0x00000000)");
  EXPECT_EQ(node(4, 1,
                 "01000000000800000000000000e02e0000000000431202a000000000431202a000000000"
                 "0101"),
            "HD(1,MBR,0xa0021243,0x800,0x2ee000)");
}

}  // namespace
}  // namespace trustee::eventlog
