#include "hotline/error.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/limits.h"
#include "src/base/utf8.h"

namespace hotline {
namespace {

using testing::HasSubstr;

TEST(MakeErrorTest, EveryReasonHasItsCode) {
  using absl::StatusCode;
  const std::pair<v1::ErrorInfo::Reason, StatusCode> table[] = {
      {v1::ErrorInfo::INVALID_ARGUMENT, StatusCode::kInvalidArgument},
      {v1::ErrorInfo::INVALID_POLICY, StatusCode::kInvalidArgument},
      {v1::ErrorInfo::CASE_NOT_FOUND, StatusCode::kNotFound},
      {v1::ErrorInfo::ILLEGAL_VERB, StatusCode::kFailedPrecondition},
      {v1::ErrorInfo::PERMISSION_DENIED, StatusCode::kPermissionDenied},
      {v1::ErrorInfo::VERSION_CONFLICT, StatusCode::kAborted},
      {v1::ErrorInfo::KEY_REUSED, StatusCode::kAlreadyExists},
      {v1::ErrorInfo::DUPLICATE_REFERENCE, StatusCode::kAlreadyExists},
      {v1::ErrorInfo::LIMIT_EXCEEDED, StatusCode::kResourceExhausted},
      {v1::ErrorInfo::OUTCOME_UNKNOWN, StatusCode::kUnknown},
      {v1::ErrorInfo::STORAGE_FULL, StatusCode::kResourceExhausted},
      {v1::ErrorInfo::STORE_BUSY, StatusCode::kUnavailable},
      {v1::ErrorInfo::NOT_SUPPORTED, StatusCode::kUnimplemented},
      {v1::ErrorInfo::STORE_CONTENDED, StatusCode::kAborted},
      {v1::ErrorInfo::SCHEMA_NEWER, StatusCode::kFailedPrecondition},
      {v1::ErrorInfo::NOT_A_STORE, StatusCode::kFailedPrecondition},
      {v1::ErrorInfo::CORRUPT, StatusCode::kDataLoss},
      {v1::ErrorInfo::STALE_TOKEN, StatusCode::kAborted},
      {v1::ErrorInfo::NO_POLICY, StatusCode::kFailedPrecondition},
      {v1::ErrorInfo::STORE_FAILED, StatusCode::kUnavailable},
  };
  const auto* reasons = v1::ErrorInfo::Reason_descriptor();
  ASSERT_EQ(reasons->value_count(), static_cast<int>(std::size(table)) + 1)
      << "a reason without a row here";
  for (const auto& [reason, code] : table) {
    const absl::Status status = MakeError(reason, "said");
    EXPECT_EQ(status.code(), code) << v1::ErrorInfo::Reason_Name(reason);
    EXPECT_EQ(status.message(), "said");
    EXPECT_EQ(ReasonOf(status), reason);
  }
}

TEST(MakeErrorTest, PayloadComesBack) {
  v1::ErrorInfo info;
  info.set_reason(v1::ErrorInfo::ILLEGAL_VERB);
  info.set_reference("4821-0937-55127");
  info.add_legal_verbs("reopen");
  const v1::ErrorInfo got = InfoOf(MakeError(info, "no"));
  EXPECT_EQ(got.reference(), "4821-0937-55127");
  EXPECT_THAT(got.legal_verbs(), testing::ElementsAre("reopen"));
}

TEST(MakeErrorTest, ForeignStatusesHaveNoReason) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), v1::ErrorInfo::REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("x")),
            v1::ErrorInfo::REASON_UNSPECIFIED);
}

TEST(ProblemsTest, NoneIsOk) {
  EXPECT_TRUE(
      Problems().ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy").ok());
}

TEST(ProblemsTest, AreAllTold) {
  Problems problems;
  problems.Add("id", "is empty", "give the policy a name");
  problems.Add("units[0].parent", "names no unit");
  const absl::Status status =
      problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy");
  EXPECT_EQ(status.message(),
            "policy: 2 problems, first: id: is empty; give the policy a name");
  EXPECT_EQ(InfoOf(status).problems_size(), 2);
  EXPECT_EQ(InfoOf(status).problems(1).path(), "units[0].parent");
}

TEST(ProblemsTest, TooManyAreCounted) {
  Problems problems;
  for (size_t i = 0; i < limits::kProblemsMax; ++i) problems.Add("a", "b", "c");
  EXPECT_EQ(InfoOf(problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy"))
                .problems()
                .rbegin()
                ->hint(),
            "c");
  problems.Add("a", "b");
  problems.Add("a", "b");
  EXPECT_EQ(problems.size(), limits::kProblemsMax + 2);
  const auto status =
      problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy");
  EXPECT_EQ(InfoOf(status).problems_size(),
            static_cast<int>(limits::kProblemsMax));
  EXPECT_THAT(InfoOf(status).problems().rbegin()->hint(),
              HasSubstr("2 more problems"));
}

TEST(NearestTest, FindsWhatWasMeant) {
  const std::vector<std::string> known = {"streetlight", "pothole", "noise"};
  EXPECT_EQ(Nearest("streetlihgt", known), "streetlight");
  EXPECT_EQ(Nearest("potholes", known), "pothole");
  EXPECT_EQ(Nearest("nose", known), "noise");
  EXPECT_EQ(Nearest("garbage", known), "");
  EXPECT_EQ(Nearest("x", {}), "");
}

TEST(NearestTest, TakesNothingLongOrFarFromBeingMeant) {
  EXPECT_EQ(Nearest("ab", {"xy"}), "") << "no character in common";
  EXPECT_EQ(
      Nearest(std::string(1 << 20, 'a'), {"a", std::string(1 << 20, 'b')}), "");
}

TEST(IsCleanTextTest, TakesEveryWellFormedText) {
  for (const std::string_view text :
       {"", "plain", "two\nlines\tand a tab", "路燈不亮", "Straße", "🚧",
        "\xc2\xa0", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbd", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbd",
        "\xe2\x80\xae"
        "bidi override is kept"}) {
    EXPECT_TRUE(IsCleanText(text)) << text;
  }
}

// Malformed sequences of Markus Kuhn's UTF-8 decoder stress test, by kind.
TEST(IsCleanTextTest, RefusesEveryMalformedSequence) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {
           "\x80"sv,
           "\xbf"sv,
           "a\x80"sv,  // lone continuation
           "\xc3"sv,
           "\xc3("sv,
           "\xe4\xba"sv,  // cut short
           "\xe4\xba("sv,
           "\xf0\x9f\x9a"sv,  // cut short
           "\xc0\xaf"sv,
           "\xc1\xbf"sv,  // overlong, 2 bytes
           "\xe0\x80\xaf"sv,
           "\xe0\x9f\xbf"sv,      // overlong, 3 bytes
           "\xf0\x80\x80\xaf"sv,  // overlong, 4 bytes
           "\xf0\x8f\xbf\xbf"sv,
           "\xc0\x80"sv,  // overlong; NUL of Java
           "\xed\xa0\x80"sv,
           "\xed\xbf\xbf"sv,              // surrogates
           "\xed\xa0\xbd\xed\xb8\x80"sv,  // a pair of them
           "\xf4\x90\x80\x80"sv,
           "\xf5\x80\x80\x80"sv,          // past U+10FFFF
           "\xf8\x88\x80\x80\x80"sv,      // five bytes
           "\xfc\x84\x80\x80\x80\x80"sv,  // six bytes
           "\xfe"sv,
           "\xff"sv,  // never in UTF-8
       }) {
    EXPECT_FALSE(IsCleanText(text)) << testing::PrintToString(text);
  }
}

TEST(IsCleanTextTest, RefusesControlsAndNoncharacters) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"\0"sv, "a\0b"sv, "\r\n"sv, "\x1b[31m"sv, "\x7f"sv, "\xc2\x80"sv,
        "\xc2\x85"sv, "\xc2\x9f"sv, "\xef\xbf\xbe"sv, "\xef\xbf\xbf"sv}) {
    EXPECT_FALSE(IsCleanText(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8Test, WhatIsWrittenIsRead) {
  for (const uint32_t value : {0u, 0x7fu, 0x80u, 0x7ffu, 0x800u, 0xd7ffu,
                               0xe000u, 0xffffu, 0x10000u, 0x10ffffu}) {
    std::string text;
    internal::AppendUtf8(value, &text);
    const auto read = internal::DecodeUtf8(text);
    EXPECT_EQ(read.value, value);
    EXPECT_EQ(read.length, text.size());
  }
}

TEST(Utf8Test, FoldsWidthAndCase) {
  EXPECT_EQ(internal::FoldWidth(0xff21), uint32_t{'A'});
  EXPECT_EQ(internal::FoldWidth(0x3000), uint32_t{' '});
  EXPECT_EQ(internal::FoldWidth(0x8def), 0x8defu);
  EXPECT_EQ(internal::FoldCase('A'), uint32_t{'a'});
  EXPECT_EQ(internal::FoldCase(0xc9), 0xe9u);
  EXPECT_EQ(internal::FoldCase(0xd7), 0xd7u) << "the multiplication sign";
}

}  // namespace
}  // namespace hotline
