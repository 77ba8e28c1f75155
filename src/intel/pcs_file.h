#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "intel/needs.h"
#include "intel/pcs.h"

namespace trustee::intel {

/// The largest file of collateral.
inline constexpr std::size_t kMaxPcsFile = 16U << 20U;
inline constexpr std::size_t kMaxPcsFileTcbInfos = 4096;
inline constexpr std::size_t kMaxPcsFileDepth = 40;  ///< the documents' own 32 and what is around

/// One document of the file as PCS would have served it: the file's own tokens, without the white
/// space that the tool put between them, as Intel signs compact text. No other re-writing, so that
/// none breaks a signature.
struct PcsFileDocument {
  std::string body;
  std::string issuer_chain;  ///< PEM; empty for the root's list
};

/// The file that Intel's PCS client tool writes for machines without a way out (`collaterals`:
/// `tcbinfos`, `pckcacrl`, `qeidentity`, `tdqeidentity`, `certificates`, `rootcacrl`,
/// `rootcacrl_cdp`). Parsed once; nothing in it is verified here. Immutable.
/// Source  verifiers specification 5.3, "File backend".
class PcsFile {
 public:
  /// Errors  pcs_file_malformed.
  static Result<PcsFile> parse(std::string_view text);

  // Errors of all  not_in_file.
  /// The first entry with this FMSPC, in hexadecimal of either case. `early` prefers the early
  /// document and takes the plain one where there is none.
  Result<PcsFileDocument> tcb_info(TeeType tee, const Fmspc& fmspc, TcbUpdate update) const;
  Result<PcsFileDocument> qe_identity(TeeType tee, TcbUpdate update) const;
  Result<PcsFileDocument> pck_crl(PckCa ca) const;
  /// Also not_in_file when the file names another distribution point than the root certificate of
  /// the QE identity's chain does.
  Result<PcsFileDocument> root_crl() const;
  /// What the file has TCB info for.
  std::vector<std::pair<TeeType, Fmspc>> platforms() const;

 private:
  PcsFile() = default;

  struct TcbInfoEntry {
    std::string fmspc;                                          ///< lower case
    std::map<std::string, std::string, std::less<>> documents;  ///< raw, by member name
  };
  static Result<std::vector<TcbInfoEntry>> read_tcb_infos(std::string_view array);
  Result<void> read_chains(std::string_view certificates);

  std::vector<TcbInfoEntry> tcb_infos_;
  std::map<std::string, std::string, std::less<>> identities_;  ///< raw, by member name
  std::map<std::string, std::string, std::less<>> chains_;      ///< PEM, by header name
  std::map<std::string, std::string, std::less<>> pck_chains_;  ///< PEM, by CA
  std::map<std::string, std::string, std::less<>> crls_;        ///< hex, by member name
  std::optional<std::string> distribution_point_;
};

}  // namespace trustee::intel
