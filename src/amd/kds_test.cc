#include "amd/kds.h"

#include <gtest/gtest.h>

#include "amd/amd_test_data.h"
#include "amd/errors.h"
#include "tests/support/case.h"

namespace trustee::amd {
namespace {

constexpr const char* kGenoaChip =
    "371c55d6d15cb50f16dc31d39a24e300caaabff4431e841111429b73ec45ad67"
    "ea6e687ffae7bf84b54a5d0e6d79b3ef6ff0bd8b4cff94c2163af5c5de8718e8";

VcekRequest genoa() {
  return {Product::genoa, regularised<64>(from_hex(kGenoaChip)), {std::nullopt, 10, 0, 23, 25}};
}

VcekRequest turin() {
  return {Product::turin, regularised<64>(from_hex("1e550a8ee5cf9f4d")), {5, 3, 1, 8, 15}};
}

TEST(Kds, TcbPrefixesHaveTwoDigitsAndAnFmcWhenThereIsOne) {
  CASE("CPU-25");
  EXPECT_EQ(tcb_prefix({std::nullopt, 3, 1, 8, 15}), "bl03_tee01_snp08_ucode15");
  EXPECT_EQ(tcb_prefix({5, 3, 1, 8, 15}), "bl03_tee01_snp08_ucode15_fmc05");
  EXPECT_EQ(tcb_prefix({std::nullopt, 2, 0, 6, 21}), "bl02_tee00_snp06_ucode21");
  EXPECT_EQ(tcb_prefix({std::nullopt, 100, 9, 255, 10}), "bl100_tee09_snp255_ucode10");
}

TEST(Kds, AGenoaUrlNamesChipAndTcb) {
  CASE("CPU-26");
  EXPECT_EQ(kds_vcek_url(kKdsDefaultBase, genoa()).value(),
            std::string("https://kdsintf.amd.com/vcek/v1/Genoa/") + kGenoaChip +
                "?blSPL=10&teeSPL=00&snpSPL=23&ucodeSPL=25");
}

TEST(Kds, ATurinUrlHasTheFmcFirstAndAShortChipId) {
  EXPECT_EQ(kds_vcek_url("http://kds.example", turin()).value(),
            "http://kds.example/vcek/v1/Turin/1e550a8ee5cf9f4d"
            "?fmcSPL=05&blSPL=03&teeSPL=01&snpSPL=08&ucodeSPL=15");
  VcekRequest without_fmc = turin();
  without_fmc.tcb.fmc.reset();
  EXPECT_TRUE(kds_vcek_url(kKdsDefaultBase, without_fmc).error().is(Errc::fmc_missing));
}

TEST(Kds, AMaskedChipIdCannotBeAskedFor) {
  CASE("CPU-27");
  VcekRequest masked = genoa();
  masked.chip_id = {};
  const auto url = kds_vcek_url(kKdsDefaultBase, masked);
  ASSERT_FALSE(url.ok());
  EXPECT_TRUE(url.error().is(Errc::hardware_id_zero));
}

TEST(Kds, CrlUrlsNameTheProductAndTheKind) {
  EXPECT_EQ(kds_crl_url(kKdsDefaultBase, Product::milan, VekKind::vcek),
            "https://kdsintf.amd.com/vcek/v1/Milan/crl");
  EXPECT_EQ(kds_crl_url(kKdsDefaultBase, Product::turin, VekKind::vlek),
            "https://kdsintf.amd.com/vlek/v1/Turin/crl");
}

TEST(OfflineStore, TheTcbNamedFileComesBeforeTheFlatOne) {
  const std::string directory = std::string("vcek/") + kGenoaChip;
  EXPECT_EQ(offline_store_paths(genoa()),
            (std::vector<std::string>{directory + "/bl10_tee00_snp23_ucode25_vcek.der",
                                      directory + "/vcek.der"}));
}

TEST(OfflineStore, ATurinChipMayBeNamedByEightOrBySixtyFourBytes) {
  const auto paths = offline_store_paths(turin());
  ASSERT_EQ(paths.size(), 4U);
  EXPECT_EQ(paths[0], "vcek/1e550a8ee5cf9f4d/bl03_tee01_snp08_ucode15_fmc05_vcek.der");
  EXPECT_EQ(paths[1], "vcek/1e550a8ee5cf9f4d/vcek.der");
  EXPECT_EQ(paths[3], "vcek/1e550a8ee5cf9f4d" + std::string(112, '0') + "/vcek.der");
}

TEST(OfflineStore, AMaskedChipIdIsADirectoryOfZeros) {
  VcekRequest masked = genoa();
  masked.chip_id = {};
  EXPECT_EQ(offline_store_paths(masked).at(1), "vcek/" + std::string(128, '0') + "/vcek.der");
}

TEST(HardwareId, CoversTheWholeChipId) {
  const ByteArray<64> chip = regularised<64>(from_hex("1e550a8ee5cf9f4d"));
  EXPECT_TRUE(hwid_matches(from_hex("1e550a8ee5cf9f4d"), chip));
  EXPECT_TRUE(hwid_matches(chip, chip));
  EXPECT_FALSE(hwid_matches(from_hex("1e550a8ee5cf9f4e"), chip));
  EXPECT_FALSE(hwid_matches(from_hex("1e550a8ee5cf9f"), chip)) << "a byte is left";
  ByteArray<64> tail = chip;
  tail[63] = 1;
  EXPECT_FALSE(hwid_matches(from_hex("1e550a8ee5cf9f4d"), tail));
  EXPECT_FALSE(hwid_matches(ByteVec(65, 0), ByteArray<64>{}));
}

TEST(Endorsement, AFetchedKeyMustBeForTheChipAndTheTcbAskedFor) {
  const ByteVec der = file_bytes(snp_vector("evidence-genoa-e2e.vcek.der"));
  const auto vek = verify_vek_chain({Product::genoa, VekKind::vcek, der, {}, {}},
                                    real_roots().of(Product::genoa))
                       .value();
  EXPECT_TRUE(check_endorses(**vek, genoa()).ok());
  VcekRequest other = genoa();
  other.tcb.microcode = 26;
  EXPECT_TRUE(check_endorses(**vek, other).error().is(Errc::endorsement_mismatch));
  other = genoa();
  other.chip_id[5] ^= 1U;
  EXPECT_TRUE(check_endorses(**vek, other).error().is(Errc::endorsement_mismatch));
  other.chip_id = {};
  EXPECT_TRUE(check_endorses(**vek, other).ok()) << "masked: any chip";
}

TEST(VcekName, ReadsBackAndNothingElseIsOne) {
  const VcekRequest genoa{
      Product::genoa, regularised<64>(ByteVec(64, 0xAB)), {std::nullopt, 10, 0, 23, 255}};
  VcekRequest turin{Product::turin, {}, {5, 3, 1, 8, 15}};
  turin.chip_id[7] = 1;
  for (const VcekRequest& request : {genoa, turin}) {
    EXPECT_EQ(parse_cache_name(cache_name(request)).value(), request);
  }
  EXPECT_EQ(cache_name(turin), "Turin/0000000000000001/bl03_tee01_snp08_ucode15_fmc05");
  for (const char* name :
       {"", "Turin/0000000000000001", "Turin/0000000000000001/bl03_tee01_snp08_ucode15_fmc05/",
        "Turin/00000000000000010/bl03_tee01_snp08_ucode15", "Rome/0000000000000001/bl03",
        "Turin/0000000000000001/bl3_tee01_snp08_ucode15", "Turin/000000000000000A/bl03_tee01",
        "Turin/0000000000000001/bl03_tee01_snp08_ucode256", "/0000000000000001/bl03_tee01_snp08"}) {
    EXPECT_TRUE(parse_cache_name(name).error().is(Errc::vcek_name_malformed)) << name;
  }
}

}  // namespace
}  // namespace trustee::amd
