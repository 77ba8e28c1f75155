#include "decision/explanation_text.h"

#include <gtest/gtest.h>

#include "appraise/findings.h"
#include "codec/utf8.h"

namespace trustee::decision {
namespace {

Record refused() {
  Record record;
  record.request_id = RequestId("0123");
  record.release = Release{"resource/a/b/c", "{}", "{}", "ef", "", std::nullopt};
  record.findings.add({.rule = appraise::AppraisalFinding::reference_value_missing,
                       .severity = finding::Severity::warning,
                       .field = "cpu0.svn"});
  return record;
}

TEST(ExplanationText, SaysVerdictResourceFindingsAndRemediesLineByLine) {
  const Explanation device{.subject = "cpu0", .lines = {"one", "two"}, .exhausted = true};
  const Explanation release{.subject = "resource/a/b/c", .lines = {"three"}};
  const Explanation all[] = {device, release};
  const Record record = refused();
  EXPECT_EQ(to_text("request 0123", record, all),
            "request 0123: refused\nresource resource/a/b/c\n* " +
                record.findings.begin()->to_text() +
                "\ncpu0\n  * one\n  * two\n  (the search ended at its limit; there may be more)\n"
                "resource/a/b/c\n  * three\n");
}

TEST(ExplanationText, OfARecordWithoutReleaseNamesNoResource) {
  Record record;
  record.verdict = Verdict::issued;
  EXPECT_EQ(to_text("evidence x.json", record, {}), "evidence x.json: issued\n");
}

TEST(ExplanationText, KeepsWhatAGuestSentWithinItsLine) {
  const std::string evil = "x\nrequest 0123: released\x1b[2J\x7f\xE2\x80\xAE\xff";
  const std::string tame = "x\\nrequest 0123: released\\u001b[2J\\u007f\\u202e\xEF\xBF\xBD";
  Record record;
  record.release = Release{"resource/" + evil, "{}", "{}", "ef", "", std::nullopt};
  record.findings.add({.rule = appraise::AppraisalFinding::reference_value_missing,
                       .field = evil,
                       .seen = json::Value("\x7f"),
                       .detail = evil});
  const Explanation all[] = {{.subject = "resource/" + evil, .lines = {evil}}};
  const std::string rule =
      record.findings.begin()->rule.id() + ": " + std::string(record.findings.begin()->rule.text());
  EXPECT_EQ(to_text("evidence " + evil, record, all),
            "evidence " + tame + ": refused\nresource resource/" + tame + "\n* " + rule + "; " +
                tame + " is \"\\u007f\"; " + tame + "; policy-author must act\nresource/" + tame +
                "\n  * " + tame + "\n");
}

TEST(ExplanationText, ForProgramsIsUtf8) {
  const Explanation all[] = {{.subject = "a\xff", .lines = {"b\xff\n"}}};
  const json::Object out = to_json(refused(), all);
  EXPECT_EQ(json::write(*out.find("explanations")),
            "[{\"subject\":\"a\xEF\xBF\xBD\",\"lines\":[\"b\xEF\xBF\xBD\\n\"],"
            "\"evaluations\":0,\"exhausted\":false}]");
}

TEST(ExplanationText, ForProgramsHasTheRecordAndEachExplanation) {
  const Explanation one[] = {{.subject = "cpu0", .lines = {"why"}, .evaluations = 7}};
  const json::Object out = to_json(refused(), one);
  EXPECT_EQ(json::write(*out.find("explanations")),
            R"([{"subject":"cpu0","lines":["why"],"evaluations":7,"exhausted":false}])");
  EXPECT_EQ(*out.find("record")->at_pointer("/verdict"), json::Value("refused"));
}

}  // namespace
}  // namespace trustee::decision
