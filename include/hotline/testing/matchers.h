// Matchers for what the library answers, in the tests of those who embed it.
//
//   EXPECT_THAT(engine->Execute(agent, command), hotline::testing::IsOk());
//   EXPECT_THAT(engine->Get(agent, "nonsense"),
//               hotline::testing::HasReason(v1::ErrorInfo::CASE_NOT_FOUND));
//
// They take absl::Status and absl::StatusOr of anything. EXPECT_THAT is
// GoogleMock's (gmock/gmock.h). A mismatch prints the status and its problems.
// Thread rule: values; use them anywhere.
#ifndef HOTLINE_TESTING_MATCHERS_H_
#define HOTLINE_TESTING_MATCHERS_H_

#include <ostream>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest-matchers.h"
#include "hotline/error.h"

namespace hotline::testing {
namespace internal {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& answer) {
  return answer.status();
}

inline void Explain(const absl::Status& status,
                    ::testing::MatchResultListener* listener) {
  *listener << "which is " << status.ToString();
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& p : info.problems()) {
    *listener << "\n  " << p.path() << ": " << p.message() << "; " << p.hint();
  }
}

// The test of one property of a status, and its name.
template <typename Test, typename Describe>
class StatusMatcher {
 public:
  StatusMatcher(Test test, Describe describe)
      : test_(std::move(test)), describe_(std::move(describe)) {}

  template <typename T>
  bool MatchAndExplain(const T& answer,
                       ::testing::MatchResultListener* listener) const {
    Explain(StatusOf(answer), listener);
    return test_(StatusOf(answer));
  }
  void DescribeTo(std::ostream* os) const {
    *os << "is ";
    describe_(os);
  }
  void DescribeNegationTo(std::ostream* os) const {
    *os << "is not ";
    describe_(os);
  }

 private:
  Test test_;
  Describe describe_;
};

template <typename Test, typename Describe>
auto MakeStatusMatcher(Test test, Describe describe) {
  return ::testing::MakePolymorphicMatcher(
      StatusMatcher<Test, Describe>(std::move(test), std::move(describe)));
}

}  // namespace internal

inline auto IsOk() {
  return internal::MakeStatusMatcher(
      [](const absl::Status& status) { return status.ok(); },
      [](std::ostream* os) { *os << "OK"; });
}

inline auto StatusIs(absl::StatusCode code) {
  return internal::MakeStatusMatcher(
      [code](const absl::Status& status) { return status.code() == code; },
      [code](std::ostream* os) {
        *os << "of code " << absl::StatusCodeToString(code);
      });
}

// Refused for this reason (hotline/v1/error.proto).
inline auto HasReason(v1::ErrorInfo::Reason reason) {
  return internal::MakeStatusMatcher(
      [reason](const absl::Status& status) {
        return !status.ok() && ReasonOf(status) == reason;
      },
      [reason](std::ostream* os) {
        *os << "refused for " << v1::ErrorInfo::Reason_Name(reason);
      });
}

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_MATCHERS_H_
