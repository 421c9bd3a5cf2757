// Intake: rows of another system's export become cases, each command at the
// instant at which it happened there. It serves cutovers, and trying a policy
// against last year's cases.
//
//   auto map = hotline::ParseImportMap(text);
//   std::ifstream file("export.csv", std::ios::binary);
//   auto rows = hotline::ReadCsv(&file);
//   hotline::SimulatedClock clock;
//   auto engine = hotline::Engine::Open(store.get(), {.clock = &clock});
//   auto summary = hotline::ReplayRows(engine->get(), &clock, *policy, *map,
//                                      {{"export.csv", rows.get()}}, {});
//
// The rule of the room: nothing is dropped or repaired silently. Every row
// becomes a case, a contact or a refusal that names row, field and reason, so
// rows = cases + contacts + refused; and every repair the map orders is counted
// under its own remark.
//
// Thread rule: a reader and a replay are used by one thread at a time; the rest
// are free functions. Lifetime: what is passed by pointer must outlive the
// call, a stream its reader.
// Memory: one planned command for each step of each row of an import is held,
// because rows are sorted by their instants.
#ifndef HOTLINE_INTAKE_H_
#define HOTLINE_INTAKE_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/clock.h"
#include "hotline/engine.h"
#include "hotline/policy.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/intake.pb.h"

namespace hotline {

// One row as read. A damaged one has no values.
struct ImportRow {
  int64_t number = 0;  // 1 is the first after the header
  int64_t line = 0;    // on which it begins, from 1
  std::vector<std::pair<std::string, std::string>> values;  // column, text
  // Why it could not be read: `field_count`, `bad_quote`, `too_long`,
  // `bad_json`, ...; empty: it could.
  std::string damage;
  std::string damage_detail;

  // The text of a column; null if the row has none of that name.
  const std::string* Find(std::string_view column) const;
};

// Gives the rows of one file, one after another.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // False at the end. INVALID_ARGUMENT if there is no telling rows apart, such
  // as a missing header; a damaged row is a row and not an error.
  virtual absl::StatusOr<bool> Next(ImportRow* row) = 0;
  // The columns of the header; null if every row names its own.
  virtual const std::vector<std::string>* columns() const { return nullptr; }
};

// RFC 4180 with a header row: quotes, line ends CRLF, LF and CR, also within
// quotes; a byte order mark is skipped. A row has at most 1,024 fields and
// 1 MiB.
std::unique_ptr<RowReader> ReadCsv(std::istream* in);

// A JSON array of flat objects. Nested values are left aside; numbers that a
// double cannot hold exactly are damage, because keys must not be rounded.
std::unique_ptr<RowReader> ReadJson(std::istream* in);

// A map from its text. INVALID_ARGUMENT lists what is wrong.
absl::StatusOr<v1::ImportMap> ParseImportMap(std::string_view textproto);

// Everything about the map that cannot be, for this policy: forms, zones, codes
// the policy does not have. Paths are those of the map.
absl::Status CheckImportMap(const Policy& policy, const v1::ImportMap& map);

struct ImportFile {
  std::string name;
  RowReader* rows = nullptr;
};

struct RefusedRow {
  std::string file;
  int64_t row = 0;
  int64_t line = 0;
  std::string key;
  std::string field;   // of the map, such as `opened`
  std::string reason;  // one word, counted in the summary
  std::string detail;  // a sentence
};

struct ReplayedCase {
  std::string file;
  int64_t row = 0;
  std::string source_id;
  v1::Case found;  // as of the end of the replay
};

struct ReplaySummary {
  struct Clock {
    int64_t met = 0;
    int64_t breached = 0;
    int64_t running = 0;  // not breached so far
    int64_t cancelled = 0;
  };
  struct Due {
    int64_t compared = 0;
    int64_t agree = 0;  // within the map's tolerance
    int64_t verdicts = 0;
    int64_t verdicts_agree = 0;
  };
  int64_t rows = 0;
  int64_t cases = 0;
  int64_t contacts = 0;
  int64_t refused = 0;
  int64_t merged = 0;  // cases merged into another of the same key
  std::map<std::string, int64_t> refusals;  // by reason
  std::map<std::string, int64_t> remarks;   // by what was done
  std::map<std::string, Clock> clocks;      // by code
  Due due;
  absl::Time as_of;  // when the clocks were judged
};

struct ReplayOptions {
  // Must be allowed to do all the verbs of the map, IMPORT and READ_ALL; a
  // role `machine` of the policy has that.
  Actor actor{"city", "import", {"machine"}};
  // Each may be empty. Called in the thread of the replay.
  std::function<void(const RefusedRow&)> refused = {};
  std::function<void(const ReplayedCase&)> replayed = {};
  // Steps done and steps in all, about a hundred times a replay.
  std::function<void(int64_t, int64_t)> progress = {};
};

// Adopts `policy` if the tenant has none, reads the files, does every step at
// its own instant by moving `clock` (which must be the engine's), fires timers
// in between, and judges clocks as of the map's `exported_at`. Fails if the map
// does not fit the policy, a file cannot be told into rows, or the store fails;
// what was imported until then stays.
absl::StatusOr<ReplaySummary> ReplayRows(Engine* engine, SimulatedClock* clock,
                                         const Policy& policy,
                                         const v1::ImportMap& map,
                                         const std::vector<ImportFile>& files,
                                         const ReplayOptions& options);

}  // namespace hotline

#endif  // HOTLINE_INTAKE_H_
