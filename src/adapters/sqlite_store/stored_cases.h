// What the writing connection read of cases not long ago. A command reads its
// case, is judged, and writes it: with this the row need not be read again to
// learn its version and which of its indexed columns differ.
//
// Nobody else writes: the lock file keeps other processes out, and this is
// filled and used by the one writing connection only, which is never used by
// two at once. So a row remembered is the row stored, until Clear.
#ifndef HOTLINE_SRC_ADAPTERS_SQLITE_STORE_STORED_CASES_H_
#define HOTLINE_SRC_ADAPTERS_SQLITE_STORE_STORED_CASES_H_

#include <cstdint>
#include <vector>

#include "hotline/store.h"

namespace hotline::internal {

// Of a row without a sealed body.
inline constexpr int64_t kNoBody = 0;

struct StoredCase {
  int64_t rowid = 0;         // 0: none
  CaseRow row;               // the key, the version and the indexed columns
  int64_t sealed = kNoBody;  // the id of its body
};

class StoredCases {
 public:
  void Remember(int64_t rowid, int64_t sealed, const CaseRow& row);
  // Null if it is not known, or not at `version`.
  StoredCase* Find(const CaseKey& key, int64_t version);
  // A case that is known was written: now it stands so.
  void Update(int64_t sealed, const CaseRow& row);
  void Forget(const CaseKey& key);
  // After a transaction that did not commit.
  void Clear() { slots_.clear(); }

 private:
  StoredCase* SlotOf(const CaseKey& key);

  // One case a slot, by the hash of its id; the newest stays.
  std::vector<StoredCase> slots_;
};

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_ADAPTERS_SQLITE_STORE_STORED_CASES_H_
