#include "attester/esys_tpm.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "attester/errors.h"
#include "attester/tpm.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "tests/support/fake_machine.h"
#include "tests/support/file_bytes.h"
#include "tests/support/temp_dir.h"

namespace trustee::attester {
namespace {

// A TPM 2.0 in software on a Unix socket, ended by the process id that was started.
class Swtpm {
 public:
  Swtpm() {
    const std::string state = "dir=" + directory_.path();
    const std::string server = "type=unixio,path=" + socket();
    const std::string control = server + ".ctrl";
    const char* argv[] = {"swtpm",
                          "socket",
                          "--tpm2",
                          "--tpmstate",
                          state.c_str(),
                          "--server",
                          server.c_str(),
                          "--ctrl",
                          control.c_str(),
                          "--flags",
                          "startup-clear,not-need-init",
                          nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, file("swtpm.log").c_str(),
                                       O_WRONLY | O_CREAT, 0600);
    if (::posix_spawnp(&pid_, "swtpm", &actions, nullptr, const_cast<char**>(argv), environ) != 0) {
      pid_ = -1;
    }
    ::posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < 500 && pid_ > 0 && ::access(socket().c_str(), F_OK) != 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  ~Swtpm() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Swtpm(const Swtpm&) = delete;
  Swtpm& operator=(const Swtpm&) = delete;

  std::string socket() const { return directory_ / "socket"; }
  std::string tcti() const { return "swtpm:path=" + socket(); }
  std::string file(const std::string& name) const { return directory_ / name; }
  /// Runs one of tpm2-tools in the directory; it has half a minute.
  bool tool(const std::string& command) const {
    const std::string line = "cd " + directory_.path() + " && TPM2TOOLS_TCTI='" + tcti() +
                             "' timeout 30 " + command + " >tool.log 2>&1";
    return std::system(line.c_str()) == 0;
  }
  /// An endorsement key, and an attestation key at the usual handle.
  bool provision(const std::string& algorithms) const {
    return tool("tpm2_createek -c ek.ctx -G rsa -u ek.pub") && tool("tpm2_flushcontext -t") &&
           tool("tpm2_createak -C ek.ctx -c ak.ctx -u ak.pem -f pem " + algorithms) &&
           tool("tpm2_flushcontext -t") && tool("tpm2_evictcontrol -C o -c ak.ctx 0x81010002");
  }

 private:
  TempDir directory_;
  pid_t pid_ = -1;
};

struct EsysTpmTest : ::testing::Test {
  void SetUp() override { ASSERT_EQ(::access(swtpm.socket().c_str(), F_OK), 0); }
  std::unique_ptr<Tpm> open() { return open_esys_tpm(swtpm.tcti()).value(); }
  void store(const std::string& name, Bytes bytes) {
    std::ofstream(swtpm.file(name), std::ios::binary) << as_text(bytes);
  }
  Swtpm swtpm;
};

// The quote's own digest of the PCRs is its last 32 bytes.
ByteVec digest_in(const ByteVec& message) { return ByteVec(message.end() - 32, message.end()); }

ByteVec digest_of(const PcrBank& pcrs) {
  ByteVec all;
  for (const auto& value : pcrs.values) {
    all.insert(all.end(), value.begin(), value.end());
  }
  return to_vec(crypto::sha256(all));
}

TEST_F(EsysTpmTest, evidence_is_accepted_by_tpm2_checkquote) {
  ASSERT_TRUE(swtpm.provision("-G rsa -g sha256 -s rsassa"));
  FakeMachine fake;
  fake.machine.open_tpm = open_esys_tpm;
  fake.machine.environment.tpm_device = swtpm.tcti();
  const auto evidence = tpm_evidence(fake.machine, ByteVec(48, 0xA5));
  ASSERT_TRUE(evidence.ok()) << evidence.error().to_string();
  const auto bytes_at = [&](std::string_view pointer) {
    return codec::base64_decode(*evidence->at_pointer(pointer)->as_string()).value();
  };
  const std::string spki = file_text(swtpm.file("ak.pem"));
  EXPECT_EQ(crypto::PublicKey::from_pem(spki)->spki(), bytes_at("/ak_public"));
  store("message", bytes_at("/tpm_quote/message"));
  store("signature", bytes_at("/tpm_quote/signature"));
  const std::string check = "tpm2_checkquote -u ak.pem -m message -s signature -g sha256 -q ";
  EXPECT_TRUE(swtpm.tool(check + codec::hex_encode(ByteVec(32, 0xA5))));
  EXPECT_FALSE(swtpm.tool(check + codec::hex_encode(ByteVec(32, 0xA6))));
}

TEST_F(EsysTpmTest, quotes_cover_the_24_values_it_reads) {
  ASSERT_TRUE(swtpm.provision("-G rsa -g sha256 -s rsassa"));
  const auto tpm = open();
  for (std::uint32_t pcr = 0; pcr < 16; ++pcr) {
    ByteArray<32> digest{};
    digest[0] = static_cast<std::uint8_t>(pcr);
    ASSERT_TRUE(tpm->extend_pcr(pcr, digest).ok());
  }
  const auto settled = settled_quote(*tpm, kDefaultAkHandle, ByteVec(32, 1));
  ASSERT_TRUE(settled.ok()) << settled.error().to_string();
  EXPECT_EQ(digest_in(settled->quote.message), digest_of(settled->pcrs));
  // count 1, SHA-256, three bytes of mask
  const ByteVec selection = from_hex("00000001000b03ffffff0020");
  const ByteVec& m = settled->quote.message;
  EXPECT_EQ(ByteVec(m.end() - 44, m.end() - 32), selection);
  ASSERT_TRUE(swtpm.tool("tpm2_pcrread sha256:all -o pcrs"));
  ByteVec all;
  for (const auto& value : settled->pcrs.values) {
    all.insert(all.end(), value.begin(), value.end());
  }
  EXPECT_EQ(file_bytes(swtpm.file("pcrs")), all);
}

TEST_F(EsysTpmTest, keys_on_a_curve_quote_as_well) {
  ASSERT_TRUE(swtpm.provision("-G ecc -g sha256 -s ecdsa"));
  const auto tpm = open();
  const auto key = tpm->public_key(kDefaultAkHandle);
  ASSERT_TRUE(key.ok()) << key.error().to_string();
  EXPECT_EQ(key->spki(), crypto::PublicKey::from_pem(file_text(swtpm.file("ak.pem")))->spki());
  const auto quote = tpm->quote(kDefaultAkHandle, ByteVec(32, 1));
  ASSERT_TRUE(quote.ok()) << quote.error().to_string();
  store("message", quote->message);
  store("signature", quote->signature);
  EXPECT_TRUE(swtpm.tool("tpm2_checkquote -u ak.pem -m message -s signature -g sha256 -q " +
                         codec::hex_encode(ByteVec(32, 1))));
}

TEST_F(EsysTpmTest, init_data_is_in_pcr_8_as_the_specification_says) {
  const auto tpm = open();
  const ByteVec digest =
      from_hex("2765b31f35243636a195a8acc595b86d69223c25bcff9ebb6f7a4e0c340df6b4");
  ASSERT_TRUE(bind_init_data_to_pcr8(*tpm, digest).ok());
  ASSERT_TRUE(bind_init_data_to_pcr8(*tpm, digest).ok());
  ASSERT_TRUE(swtpm.tool("tpm2_pcrread sha256:8 -o pcr8"));
  EXPECT_EQ(codec::hex_encode(file_bytes(swtpm.file("pcr8"))),
            "0f1564a86080d039539dbe4ec1cc941d5ceab54385111ec9c34b7a0f7b313aba");
}

TEST_F(EsysTpmTest, memory_of_any_size_is_read_whole) {
  const auto tpm = open();
  EXPECT_TRUE(tpm->nv_read(0x01400001).error().is(Errc::file_missing));
  ByteVec data(1300);
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<std::uint8_t>(i * 5);
  }
  store("data", data);
  ASSERT_TRUE(swtpm.tool("tpm2_nvdefine 0x01400001 -C o -s 1300 -a 'ownerread|ownerwrite'"));
  ASSERT_TRUE(swtpm.tool("tpm2_nvwrite 0x01400001 -C o -i data"));
  EXPECT_EQ(*tpm->nv_read(0x01400001), data);
  ASSERT_TRUE(tpm->nv_write(0x01400002, ByteVec(64, 3)).ok());
  ASSERT_TRUE(tpm->nv_write(0x01400002, ByteVec(64, 4)).ok());
  EXPECT_EQ(*tpm->nv_read(0x01400002), ByteVec(64, 4));
}

TEST_F(EsysTpmTest, what_is_missing_is_told) {
  const auto tpm = open();
  EXPECT_TRUE(tpm->quote(kDefaultAkHandle, {}).error().is(Errc::tpm_key_missing));
  EXPECT_TRUE(tpm->public_key(kDefaultAkHandle).error().is(Errc::tpm_key_missing));
  EXPECT_TRUE(tpm->extend_pcr(24, {}).error().is(Errc::register_unknown));
}

TEST(EsysTpm, that_is_not_there_is_told) {
  for (const char* tcti : {"swtpm:path=/nowhere/socket", "device:/nowhere", "nonsense:x", ""}) {
    const auto tpm = open_esys_tpm(tcti);
    ASSERT_FALSE(tpm.ok()) << tcti;
    EXPECT_TRUE(tpm.error().is(Errc::tpm_unavailable));
  }
}

}  // namespace
}  // namespace trustee::attester
