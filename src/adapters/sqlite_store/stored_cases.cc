#include "src/adapters/sqlite_store/stored_cases.h"

#include <functional>
#include <string>

namespace hotline::internal {
namespace {

// A few batches; about 300 bytes each.
constexpr size_t kSlots = 4'096;

// Assigned one by one, so that the strings keep their room.
void CopyColumns(const CaseRow& from, CaseRow* to) {
  to->key = from.key;
  to->version = from.version;
  to->reference = from.reference;
  to->external_system = from.external_system;
  to->external_id = from.external_id;
  to->category = from.category;
  to->unit = from.unit;
  to->cell = from.cell;
  to->open = from.open;
  to->least_due = from.least_due;
  to->next_at = from.next_at;
}

}  // namespace

StoredCase* StoredCases::SlotOf(const CaseKey& key) {
  if (slots_.empty()) return nullptr;
  return &slots_[std::hash<std::string>()(key.id) % kSlots];
}

void StoredCases::Remember(int64_t rowid, int64_t sealed, const CaseRow& row) {
  if (slots_.empty()) slots_.resize(kSlots);
  StoredCase* slot = SlotOf(row.key);
  slot->rowid = rowid;
  slot->sealed = sealed;
  CopyColumns(row, &slot->row);
}

StoredCase* StoredCases::Find(const CaseKey& key, int64_t version) {
  StoredCase* slot = SlotOf(key);
  return slot != nullptr && slot->rowid != 0 && slot->row.version == version &&
                 slot->row.key == key
             ? slot
             : nullptr;
}

void StoredCases::Update(int64_t sealed, const CaseRow& row) {
  StoredCase* slot = SlotOf(row.key);
  if (slot == nullptr || slot->rowid == 0 || slot->row.key != row.key) return;
  slot->sealed = sealed;
  CopyColumns(row, &slot->row);
}

void StoredCases::Forget(const CaseKey& key) {
  StoredCase* slot = SlotOf(key);
  if (slot != nullptr && slot->row.key == key) slot->rowid = 0;
}

}  // namespace hotline::internal
