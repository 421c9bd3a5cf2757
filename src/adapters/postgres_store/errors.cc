#include "src/adapters/postgres_store/errors.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

using Info = v1::ErrorInfo;

// The longest fitting prefix of the state decides.
struct Meaning {
  std::string_view prefix;
  Info::Reason reason;
  std::string_view hint;
};

constexpr Meaning kMeanings[] = {
    {"40001", Info::STORE_CONTENDED, ""},
    {"40P01", Info::STORE_CONTENDED, ""},
    {"55P03", Info::STORE_CONTENDED, "another transaction holds the row"},
    {"53100", Info::STORAGE_FULL, "make room on the server's disk"},
    {"54", Info::LIMIT_EXCEEDED, ""},
    {"XX001", Info::CORRUPT, "restore the server from a backup"},
    {"XX002", Info::CORRUPT, "let its administrator run REINDEX"},
    {"28", Info::STORE_FAILED,
     "check user and password of the conninfo, and the server's pg_hba.conf"},
    {"3D000", Info::STORE_FAILED,
     "create the database, or name another in the conninfo"},
    {"3F000", Info::NOT_A_STORE,
     "create the schema, or open with migrate = true"},
    {"42P01", Info::NOT_A_STORE,
     "open with migrate = true, or run what `hotline store schema` prints"},
    {"42703", Info::NOT_A_STORE,
     "the schema was altered; restore it from what `hotline store schema` "
     "prints"},
    {"42501", Info::STORE_FAILED,
     "grant the role USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on "
     "its tables; migrations need CREATE"},
    {"25006", Info::STORE_FAILED,
     "this server only reads, as a standby does; name the primary, or all "
     "hosts of the cluster, in the conninfo"},
    {"53300", Info::STORE_FAILED,
     "raise max_connections of the server, or open stores with fewer "
     "connections"},
    {"57P01", Info::STORE_FAILED, "the server is going; try again"},
    {"57P02", Info::STORE_FAILED,
     "the server recovers from a crash; try again"},
    {"57P03", Info::STORE_FAILED, "the server is starting; try again"},
    {"26000", Info::STORE_FAILED,
     "a pooler between must keep a session's connection (session pooling)"},
};

const Meaning* MeaningOf(std::string_view state) {
  const Meaning* best = nullptr;
  for (const Meaning& one : kMeanings) {
    if (state.starts_with(one.prefix) &&
        (best == nullptr || best->prefix.size() < one.prefix.size())) {
      best = &one;
    }
  }
  return best;
}

bool IsStateChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

}  // namespace

Info::Reason ReasonOfState(std::string_view state) {
  const Meaning* meaning = MeaningOf(state);
  return meaning == nullptr ? Info::STORE_FAILED : meaning->reason;
}

absl::Status ErrorOfState(std::string_view state, std::string_view message) {
  const Meaning* meaning = MeaningOf(state);
  const std::string_view hint =
      meaning != nullptr ? meaning->hint
      : state.empty()    ? std::string_view(
                               "is the server running, and are host and port of "
                                  "the conninfo right?")
                      : std::string_view();
  Info info;
  info.set_reason(ReasonOfState(state));
  if (!hint.empty()) {
    v1::Problem& problem = *info.add_problems();
    problem.set_path("store");
    problem.set_message(std::string(message));
    problem.set_hint(std::string(hint));
  }
  return MakeError(info, absl::StrCat("PostgreSQL: ", ToAbsl(message),
                                      state.empty() ? "" : " (", ToAbsl(state),
                                      state.empty() ? "" : ")",
                                      hint.empty() ? "" : "; ", ToAbsl(hint)));
}

absl::Status StoreFailed(std::string_view path, std::string_view message,
                         std::string_view hint) {
  Info info;
  info.set_reason(Info::STORE_FAILED);
  v1::Problem& problem = *info.add_problems();
  problem.set_path(std::string(path));
  problem.set_message(std::string(message));
  problem.set_hint(std::string(hint));
  return MakeError(info, absl::StrCat(ToAbsl(message), "; ", ToAbsl(hint)));
}

absl::Status ErrorOfConnecting(std::string_view message) {
  // "... failed: FATAL:  28P01: password authentication failed ...\nLOCATION:"
  constexpr std::string_view kMark = ":  ";
  constexpr size_t kState = 5;
  message = message.substr(0, message.find("\nLOCATION:"));
  for (size_t at = message.find(kMark); at != std::string_view::npos;
       at = message.find(kMark, at + 1)) {
    const std::string_view rest = message.substr(at + kMark.size());
    if (rest.size() < kState + 2 || rest.substr(kState, 2) != ": ") continue;
    const std::string_view state = rest.substr(0, kState);
    if (!std::all_of(state.begin(), state.end(), IsStateChar)) continue;
    return ErrorOfState(state, rest.substr(kState + 2));
  }
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  return ErrorOfState("", message);
}

}  // namespace hotline::internal
