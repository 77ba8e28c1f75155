#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/key.h"

namespace trustee {

// Certificates and revocation lists of AMD's profile for Genoa, for tests, written as DER by hand;
// shares no code with src/amd.

/// When everything that a builder makes was issued and ends, unless told otherwise.
inline const Time kAmdIssued = from_unix_seconds(1704067200);   // 2024-01-01
inline const Time kAmdExpires = from_unix_seconds(2335219200);  // 2044-01-01

/// An endorsement key of one chip at one TCB; those of SnpBuilder::genoa_v3 by default.
struct VcekBuilder {
  VcekBuilder();
  /// The chip of a number, each another one; its id is 64 bytes.
  static VcekBuilder of_chip(unsigned number);

  ByteVec chip_id;
  unsigned bootloader = 10;
  unsigned tee = 0;
  unsigned snp = 23;
  unsigned microcode = 25;
  Time not_before = kAmdIssued;
  Time not_after = kAmdExpires;
};

/// A revocation list of the ARK.
struct ArkCrlBuilder {
  Time this_update = kAmdIssued;
  Time next_update = kAmdExpires;
  std::vector<unsigned> revoked;  ///< serial numbers
};

/// A hierarchy as AMD's: ARK, ASK, ASVK, and one key that all VCEKs carry.
struct AmdPki {
  AmdPki();

  crypto::PrivateKey ark_key;
  crypto::PrivateKey ask_key;
  crypto::PrivateKey asvk_key;
  crypto::PrivateKey vcek_key;

  /// ASK, ARK, ASVK in PEM.
  std::string roots_pem() const;
  /// ASK, ARK in PEM, as KDS serves them.
  std::string chain_pem() const;
  ByteVec vcek(const VcekBuilder& chip) const;
  ByteVec crl(const ArkCrlBuilder& list) const;

 private:
  std::string authority_pem(const char* name, const crypto::PrivateKey& key, unsigned serial) const;
};

}  // namespace trustee
