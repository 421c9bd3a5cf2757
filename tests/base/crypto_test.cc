#include "src/base/crypto.h"

#include <random>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "src/base/sha256.h"

namespace hotline::internal {
namespace {

// FIPS 180-4's examples (csrc.nist.gov, "Examples with Intermediate Values").
TEST(Sha256, GivesWhatTheStandardGives) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(Sha256("abcdbcdecdefdefgefghfghighijhijkijkl"
                                          "jklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, IsTheSameByProcessorAndBySodiumForEveryLength) {
  if (!Sha256ByProcessor("").has_value()) {
    GTEST_SKIP() << "this processor has no instructions for it";
  }
  std::mt19937 dice(7);
  std::string bytes;
  for (int size = 0; size < 1'000; ++size) {
    EXPECT_EQ(Sha256ByProcessor(bytes), Sha256BySodium(bytes)) << size;
    bytes.push_back(static_cast<char>(dice()));
  }
}

TEST(Sha256Parts, TellsListsOfTheSameBytesApart) {
  EXPECT_NE(Sha256Parts({"ab", "c"}), Sha256Parts({"a", "bc"}));
  EXPECT_NE(Sha256Parts({"abc"}), Sha256Parts({"abc", ""}));
  EXPECT_EQ(Sha256Parts({"ab", "c"}),
            Sha256(std::string("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c", 19)));
}

}  // namespace
}  // namespace hotline::internal
