#include "hotline/error.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "hotline/limits.h"
#include "src/base/absl_bridge.h"
#include "src/base/utf8.h"

namespace hotline {
namespace {

using internal::ToAbsl;

constexpr char kTypeUrl[] = "type.googleapis.com/hotline.v1.ErrorInfo";

absl::StatusCode CodeOf(v1::ErrorInfo::Reason reason) {
  switch (reason) {
    case v1::ErrorInfo::CASE_NOT_FOUND:
      return absl::StatusCode::kNotFound;
    case v1::ErrorInfo::ILLEGAL_VERB:
    case v1::ErrorInfo::NO_POLICY:
    case v1::ErrorInfo::SCHEMA_NEWER:
    case v1::ErrorInfo::NOT_A_STORE:
      return absl::StatusCode::kFailedPrecondition;
    case v1::ErrorInfo::PERMISSION_DENIED:
      return absl::StatusCode::kPermissionDenied;
    case v1::ErrorInfo::VERSION_CONFLICT:
    case v1::ErrorInfo::STALE_TOKEN:
    case v1::ErrorInfo::STORE_CONTENDED:
      return absl::StatusCode::kAborted;
    case v1::ErrorInfo::KEY_REUSED:
    case v1::ErrorInfo::DUPLICATE_REFERENCE:
      return absl::StatusCode::kAlreadyExists;
    case v1::ErrorInfo::LIMIT_EXCEEDED:
    case v1::ErrorInfo::STORAGE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case v1::ErrorInfo::STORE_BUSY:
    case v1::ErrorInfo::STORE_FAILED:
      return absl::StatusCode::kUnavailable;
    case v1::ErrorInfo::OUTCOME_UNKNOWN:
      return absl::StatusCode::kUnknown;
    case v1::ErrorInfo::NOT_SUPPORTED:
      return absl::StatusCode::kUnimplemented;
    case v1::ErrorInfo::CORRUPT:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1,
                         diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

// A text that is no UTF-8 is serialised and never read again.
void MakeReadable(std::string* text) {
  std::string clean;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t length = internal::DecodeUtf8(rest).length;
    if (length == 0) {
      clean.push_back('?');
    } else {
      clean.append(rest.substr(0, length));
    }
    rest.remove_prefix(length == 0 ? 1 : length);
  }
  *text = std::move(clean);
}

}  // namespace

absl::Status MakeError(v1::ErrorInfo::Reason reason, std::string_view message) {
  v1::ErrorInfo info;
  info.set_reason(reason);
  return MakeError(info, message);
}

absl::Status MakeError(const v1::ErrorInfo& info, std::string_view message) {
  v1::ErrorInfo readable = info;
  MakeReadable(readable.mutable_reference());
  for (v1::Problem& p : *readable.mutable_problems()) {
    MakeReadable(p.mutable_path());
    MakeReadable(p.mutable_message());
    MakeReadable(p.mutable_hint());
  }
  for (std::string& verb : *readable.mutable_legal_verbs()) MakeReadable(&verb);
  std::string sentence(message);
  MakeReadable(&sentence);
  absl::Status status(CodeOf(info.reason()), sentence);
  status.SetPayload(kTypeUrl, absl::Cord(readable.SerializeAsString()));
  return status;
}

v1::ErrorInfo InfoOf(const absl::Status& status) {
  v1::ErrorInfo info;
  if (const auto payload = status.GetPayload(kTypeUrl)) {
    info.ParseFromString(std::string(*payload));
  }
  return info;
}

v1::ErrorInfo::Reason ReasonOf(const absl::Status& status) {
  return InfoOf(status).reason();
}

void Problems::Add(std::string_view path, std::string_view message,
                   std::string_view hint) {
  if (problems_.size() >= limits::kProblemsMax) {
    ++dropped_;
    return;
  }
  v1::Problem& p = problems_.emplace_back();
  p.set_path(std::string(path));
  p.set_message(std::string(message));
  p.set_hint(std::string(hint));
}

void Problems::AddLimit(std::string_view path, std::string_view message,
                        std::string_view hint) {
  ++limits_;
  Add(path, message, hint);
}

absl::Status Problems::ToStatus(v1::ErrorInfo::Reason reason,
                                std::string_view subject) const {
  if (problems_.empty()) return absl::OkStatus();
  if (reason == v1::ErrorInfo::INVALID_ARGUMENT && limits_ == size()) {
    reason = v1::ErrorInfo::LIMIT_EXCEEDED;
  }
  v1::ErrorInfo info;
  info.set_reason(reason);
  for (const v1::Problem& p : problems_) *info.add_problems() = p;
  if (dropped_ > 0) {
    info.mutable_problems()->rbegin()->set_hint(
        absl::StrCat(dropped_, " more problems are not shown"));
  }
  const v1::Problem& first = problems_.front();
  std::string message = absl::StrCat(
      ToAbsl(subject), ": ", size(),
      size() == 1 ? " problem: " : " problems, first: ", first.path(),
      first.path().empty() ? "" : ": ", first.message());
  if (!first.hint().empty()) absl::StrAppend(&message, "; ", first.hint());
  return MakeError(info, message);
}

std::string Nearest(std::string_view word,
                    const std::vector<std::string>& known) {
  std::string best;
  // No code is so long; the distance would take the square of the length.
  if (word.size() > limits::kCodeBytesMax) return best;
  size_t least = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const auto [shorter, longer] = std::minmax({word.size(), candidate.size()});
    if (longer - shorter >= least) continue;
    const size_t distance = EditDistance(word, candidate);
    // Words without a character in common are not near.
    if (distance < least && distance < longer) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

bool IsCleanText(std::string_view text) {
  while (!text.empty()) {
    // Most texts are ASCII for the most part.
    if (text.front() >= 0x20 && text.front() < 0x7f) {
      text.remove_prefix(1);
      continue;
    }
    const auto [length, point] = internal::DecodeUtf8(text);
    if (length == 0) return false;
    const bool control = (point < 0x20 && point != '\t' && point != '\n') ||
                         (point >= 0x7f && point < 0xa0);
    if (control || (point & 0xfffe) == 0xfffe) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace hotline
