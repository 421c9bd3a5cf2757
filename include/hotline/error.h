// Errors as every room of the library gives them: an absl::Status whose message
// is a sentence for people and whose payload, hotline.v1.ErrorInfo, is for
// programs.
//
//   auto receipt = engine->Execute(agent, command);
//   if (!receipt.ok() &&
//       hotline::ReasonOf(receipt.status()) == v1::ErrorInfo::ILLEGAL_VERB) {
//     Show(hotline::InfoOf(receipt.status()).legal_verbs());
//   }
//
// Thread rule: free functions and values; use them anywhere.
#ifndef HOTLINE_ERROR_H_
#define HOTLINE_ERROR_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "hotline/v1/error.pb.h"

namespace hotline {

// A status of this reason. The code follows from the reason, so that callers
// who look at codes only are served too: NOT_FOUND for CASE_NOT_FOUND, ABORTED
// for VERSION_CONFLICT, STALE_TOKEN and STORE_CONTENDED, ALREADY_EXISTS for
// KEY_REUSED and DUPLICATE_REFERENCE, FAILED_PRECONDITION for ILLEGAL_VERB and
// NO_POLICY, UNIMPLEMENTED for NOT_SUPPORTED,
// PERMISSION_DENIED, RESOURCE_EXHAUSTED for LIMIT_EXCEEDED and STORAGE_FULL,
// UNAVAILABLE for STORE_BUSY and STORE_FAILED, UNKNOWN for OUTCOME_UNKNOWN,
// DATA_LOSS for CORRUPT, INVALID_ARGUMENT for the rest.
// Bytes that are no UTF-8 are given as `?`: what was sent may be quoted.
absl::Status MakeError(v1::ErrorInfo::Reason reason, std::string_view message);
absl::Status MakeError(const v1::ErrorInfo& info, std::string_view message);

// The payload; an empty one if the status bears none.
v1::ErrorInfo InfoOf(const absl::Status& status);
v1::ErrorInfo::Reason ReasonOf(const absl::Status& status);

// Collects everything that is wrong with one input, so that it is told in one
// go. At most limits::kProblemsMax are kept; the last then says how many more.
//
//   Problems problems;
//   if (spec.id().empty())
//     problems.Add("id", "is empty", "give the policy a name");
//   if (!problems.empty())
//     return problems.ToStatus(v1::ErrorInfo::INVALID_POLICY, "policy");
class Problems {
 public:
  void Add(std::string_view path, std::string_view message,
           std::string_view hint = "");

  // The same for what is one past a bound of hotline/limits.h: if nothing else
  // is wrong, INVALID_ARGUMENT becomes LIMIT_EXCEEDED.
  void AddLimit(std::string_view path, std::string_view message,
                std::string_view hint = "");

  bool empty() const { return problems_.empty(); }
  size_t size() const { return problems_.size() + dropped_; }
  const std::vector<v1::Problem>& list() const { return problems_; }

  // OK if empty. The message counts the problems and tells the first.
  absl::Status ToStatus(v1::ErrorInfo::Reason reason,
                        std::string_view subject) const;

 private:
  std::vector<v1::Problem> problems_;
  size_t dropped_ = 0;
  size_t limits_ = 0;
};

// The word of `known` nearest to `word` by edit distance, or "" if none is
// near. For hints: did you mean ...?
std::string Nearest(std::string_view word,
                    const std::vector<std::string>& known);

// True if `text` is well-formed UTF-8 without control characters except TAB
// and LF, and without U+FFFE, U+FFFF.
bool IsCleanText(std::string_view text);

}  // namespace hotline

#endif  // HOTLINE_ERROR_H_
