#include "hotline/ids.h"

#include <set>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hotline/clock.h"
#include "hotline/error.h"

namespace hotline {
namespace {

constexpr std::string_view kCharacters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const absl::CivilDay kDay(2026, 2, 13);

v1::ReferenceSpec Spec(v1::ReferenceSpec::Form form,
                       const std::string& prefix = "") {
  v1::ReferenceSpec spec;
  spec.set_form(form);
  spec.set_prefix(prefix);
  return spec;
}

std::string Normal(const v1::ReferenceSpec& spec, std::string_view typed) {
  const auto normal = NormalizeReference(spec, typed);
  return normal.ok() ? *normal : std::string(normal.status().message());
}

TEST(UuidTest, BearsTimeVersionAndVariant) {
  // The example of RFC 9562, appendix A.6.
  const absl::Time at = absl::FromUnixMillis(0x017F22E279B0);
  const std::string id =
      MakeUuidV7(at, "\x0c\xc3\x18\xc4\xdc\x0c\x0c\x07\x39\x8f");
  EXPECT_EQ(UuidToString(id), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(UuidTest, GrowsWithTime) {
  const std::string high(10, '\xff');
  const std::string low(10, '\0');
  const absl::Time at = absl::FromUnixMillis(1'700'000'000'000);
  EXPECT_LT(MakeUuidV7(at, high), MakeUuidV7(at + absl::Milliseconds(1), low));
}

TEST(UuidTest, TakesTimesOutsideItsRangeAndShortRandomness) {
  EXPECT_EQ(UuidToString(MakeUuidV7(absl::InfinitePast(), "")),
            "00000000-0000-7000-8000-000000000000");
  EXPECT_EQ(UuidToString(MakeUuidV7(absl::InfiniteFuture(), "")),
            "ffffffff-ffff-7000-8000-000000000000");
}

TEST(UuidTest, IsShownOnlyIfItHasSixteenBytes) {
  EXPECT_EQ(UuidToString("short"), "");
  EXPECT_EQ(UuidToString(std::string(17, 'x')), "");
}

TEST(ReferenceTest, IsReadAsMeant) {
  const auto digits = Spec(v1::ReferenceSpec::FORM_UNSPECIFIED);
  for (const std::string_view typed :
       {"4821-0937-55127", "4821093755127", " 4821 0937 5512-7 ",
        "４８２１－０９３７－５５１２７", "4821—0937—55127",
        "482l-O937-55I27"}) {
    EXPECT_EQ(Normal(digits, typed), "4821-0937-55127") << typed;
  }
  const auto letters = Spec(v1::ReferenceSpec::CROCKFORD);
  for (const std::string_view typed :
       {"7K3M9-QXDTZ", "7k3m9qxdtz", "７Ｋ３Ｍ９　ｑｘｄｔｚ"}) {
    EXPECT_EQ(Normal(letters, typed), "7K3M9-QXDTZ") << typed;
  }
  const auto dated = Spec(v1::ReferenceSpec::DATED);
  EXPECT_EQ(Normal(dated, "20260213 00042 1"), "20260213-00042-1");
}

TEST(ReferenceTest, PrefixMayBeLeftOut) {
  const auto spec = Spec(v1::ReferenceSpec::DIGITS, "TN-");
  for (const std::string_view typed :
       {"TN-4821-0937-55127", "tn 4821 0937 55127", "4821093755127"}) {
    EXPECT_EQ(Normal(spec, typed), "TN-4821-0937-55127") << typed;
  }
}

TEST(ReferenceTest, BodyMayBeginLikeThePrefix) {
  const auto spec = Spec(v1::ReferenceSpec::CROCKFORD, "7K");
  EXPECT_EQ(Normal(spec, "7K3M9-QXDTZ"), "7K7K3M9-QXDTZ");
  EXPECT_EQ(Normal(spec, "7K7K3M9-QXDTZ"), "7K7K3M9-QXDTZ");
}

TEST(ReferenceTest, WhatIsNoneIsRefusedWithAHint) {
  struct Row {
    v1::ReferenceSpec::Form form;
    std::string typed;
    std::string_view says;
  };
  const Row rows[] = {
      {v1::ReferenceSpec::DIGITS, "", "has 0 characters"},
      {v1::ReferenceSpec::DIGITS, "4821-0937-5512", "has 12 characters"},
      {v1::ReferenceSpec::DIGITS, "4821-0937-551277", "has 14 characters"},
      {v1::ReferenceSpec::DIGITS, "4821-0937-55126", "check character"},
      {v1::ReferenceSpec::DIGITS, "4821-0937-5512X", "a character that no"},
      {v1::ReferenceSpec::DIGITS,
       "4821-0937-55\x00"
       "127",
       "has 6 char"},
      {v1::ReferenceSpec::DIGITS, "\xff", "has 0 characters"},
      {v1::ReferenceSpec::DIGITS, std::string(100'000, '1'), "has 0 char"},
      {v1::ReferenceSpec::CROCKFORD, "7K3M9-QXDU1", "a character that no"},
      {v1::ReferenceSpec::CROCKFORD, "7K3M9-QXDT2", "check character"},
      {v1::ReferenceSpec::DATED, "20261313-00042-1", "with a date"},
      {v1::ReferenceSpec::DATED, "20260213-00043-1", "check character"},
      {v1::ReferenceSpec::DATED, "20260213-0042-1", "has 13 characters"},
  };
  for (const Row& row : rows) {
    const auto got = NormalizeReference(Spec(row.form), row.typed);
    ASSERT_FALSE(got.ok()) << row.typed;
    EXPECT_EQ(ReasonOf(got.status()), v1::ErrorInfo::INVALID_ARGUMENT);
    ASSERT_EQ(InfoOf(got.status()).problems_size(), 1);
    const v1::Problem problem = InfoOf(got.status()).problems(0);
    if (row.typed.size() != 12) {
      EXPECT_THAT(problem.message(), testing::HasSubstr(row.says)) << row.typed;
    }
    EXPECT_THAT(problem.hint(), testing::HasSubstr("a reference is"));
  }
}

TEST(ReferenceTest, WhatIsMadeIsNormal) {
  SeededEntropy entropy(1);
  for (const auto form :
       {v1::ReferenceSpec::DIGITS, v1::ReferenceSpec::CROCKFORD,
        v1::ReferenceSpec::DATED}) {
    const auto spec = Spec(form, "K-");
    for (const int64_t number : {0L, 1L, 99'999L, 100'000L, 9'999'999'999L}) {
      const std::string made =
          MakeReference(spec, entropy.Bytes(16), kDay, number);
      EXPECT_EQ(Normal(spec, made), made);
    }
  }
}

// Every wrong character must be found; of swapped neighbours all but the pair
// of the first and the last character of the alphabet, as Luhn's check has it.
TEST(ReferenceTest, EveryWrongCharacterIsFound) {
  SeededEntropy entropy(2);
  for (const auto form :
       {v1::ReferenceSpec::DIGITS, v1::ReferenceSpec::CROCKFORD}) {
    const auto spec = Spec(form);
    const std::string_view alphabet =
        kCharacters.substr(0, form == v1::ReferenceSpec::DIGITS ? 10 : 32);
    for (int round = 0; round < 20; ++round) {
      const std::string made = MakeReference(spec, entropy.Bytes(16), kDay, 0);
      for (size_t i = 0; i < made.size(); ++i) {
        if (made[i] == '-') continue;
        for (const char other : alphabet) {
          std::string wrong = made;
          wrong[i] = other;
          EXPECT_EQ(NormalizeReference(spec, wrong).ok(), other == made[i])
              << made << " as " << wrong;
        }
      }
    }
  }
}

TEST(ReferenceTest, SwappedNeighboursAreFound) {
  SeededEntropy entropy(3);
  const auto spec = Spec(v1::ReferenceSpec::CROCKFORD);
  for (int round = 0; round < 200; ++round) {
    const std::string made = MakeReference(spec, entropy.Bytes(16), kDay, 0);
    for (size_t i = 0; i + 1 < made.size(); ++i) {
      std::string wrong = made;
      std::swap(wrong[i], wrong[i + 1]);
      if (wrong == made || made[i] == '-' || made[i + 1] == '-') continue;
      const std::set<char> pair = {made[i], made[i + 1]};
      if (pair == std::set<char>{'0', 'Z'}) continue;
      EXPECT_FALSE(NormalizeReference(spec, wrong).ok()) << made << wrong;
    }
  }
}

TEST(ReferenceTest, EveryDigitComesUpAboutAsOften) {
  SeededEntropy entropy(4);
  const auto spec = Spec(v1::ReferenceSpec::DIGITS);
  int count[10] = {};
  for (int i = 0; i < 10'000; ++i) {
    const std::string made = MakeReference(spec, entropy.Bytes(16), kDay, 0);
    for (const char c : made) {
      if (c != '-') ++count[c - '0'];
    }
  }
  // 13,000 of each expected; 5 standard deviations are about 540.
  for (const int seen : count) EXPECT_NEAR(seen, 13'000, 540);
}

}  // namespace
}  // namespace hotline
