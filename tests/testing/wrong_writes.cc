// Stores that write wrongly, and stores that take bytes for something else.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "hotline/error.h"
#include "tests/testing/wrong_stores.h"

namespace hotline::testing {
namespace {

absl::Status Conflict() {
  return MakeError(v1::ErrorInfo::VERSION_CONFLICT, "bent");
}

// ---- Bends of what is written -----------------------------------------------

// Every Write is changed first.
std::function<Bend()> Rewriting(std::function<void(Write* write)> change) {
  return [change] {
    return Bend{.commit = [change](Store& right, std::vector<Write> writes) {
      for (Write& write : writes) change(&write);
      return right.Commit(writes);
    }};
  };
}

// Every text of a row is changed first, and those that are looked for.
void Texts(Write* write, const std::function<void(std::string*)>& change) {
  for (CaseChange& c : write->cases) {
    for (std::string* text : {&c.row.reference, &c.row.external_id,
                              &c.row.category, &c.row.unit, &c.row.payload}) {
      change(text);
    }
  }
  for (RecordChange& r : write->records) change(&r.record.key.key);
  for (DeliveryRow& d : write->deliveries) change(&d.dedupe_key);
}

std::function<Bend()> Folding(std::function<void(std::string*)> change) {
  return [change] {
    return Bend{.commit =
                    [change](Store& right, std::vector<Write> writes) {
                      for (Write& write : writes) Texts(&write, change);
                      return right.Commit(writes);
                    },
                .find =
                    [change](Store& right, Filter filter) {
                      for (std::string& r : filter.references) change(&r);
                      for (auto* text : {&filter.external_id, &filter.category,
                                         &filter.unit}) {
                        if (text->has_value()) change(&**text);
                      }
                      return right.Find(filter);
                    }};
  };
}

int64_t StoredVersion(Store& right, const CaseKey& key) {
  const auto row = right.ReadCase(key, Part::kPayload);
  return row.ok() ? row->version : 0;
}

void MoveTo(CaseChange* change, int64_t stored) {
  change->expected_version = stored;
  change->row.version = change->event.has_value() ? stored + 1 : stored;
  if (change->event.has_value()) change->event->version = stored + 1;
}

Verdicts AcceptStale(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (Write& write : writes) {
    for (CaseChange& c : write.cases) {
      const int64_t stored = StoredVersion(right, c.row.key);
      if (c.expected_version > 0 && stored > c.expected_version) {
        MoveTo(&c, stored);
      }
    }
    verdicts.push_back(right.Commit({&write, 1})[0]);
  }
  return verdicts;
}

Verdicts InsertOverwrites(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (Write& write : writes) {
    for (CaseChange& c : write.cases) {
      const int64_t stored = StoredVersion(right, c.row.key);
      if (c.expected_version == 0 && c.event.has_value() && stored > 0) {
        MoveTo(&c, stored);
      }
    }
    verdicts.push_back(right.Commit({&write, 1})[0]);
  }
  return verdicts;
}

Verdicts OneConflictVoidsAll(Store& right, std::vector<Write> writes) {
  for (const Write& write : writes) {
    for (const CaseChange& c : write.cases) {
      if (StoredVersion(right, c.row.key) != c.expected_version) {
        return Verdicts(writes.size(), Conflict());
      }
    }
  }
  return right.Commit(writes);
}

// Each part of a Write is a transaction of its own.
Verdicts InPieces(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (const Write& write : writes) {
    std::vector<Write> pieces;
    for (const CaseChange& c : write.cases) pieces.push_back({.cases = {c}});
    pieces.push_back({.deliveries = write.deliveries,
                      .records = write.records,
                      .erasures = write.erasures,
                      .removals = write.removals});
    absl::Status verdict;
    for (const Write& piece : pieces) {
      verdict.Update(right.Commit({&piece, 1})[0]);
    }
    verdicts.push_back(verdict);
  }
  return verdicts;
}

// Cases first, records in a second transaction.
Verdicts RecordsAfterwards(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  for (Write& write : writes) {
    const Write second{.records = std::move(write.records)};
    write.records.clear();
    absl::Status verdict = right.Commit({&write, 1})[0];
    if (verdict.ok()) verdict = right.Commit({&second, 1})[0];
    verdicts.push_back(verdict);
  }
  return verdicts;
}

// Each Write is judged by what stood before the Commit.
Verdicts BlindToThoseBefore(Store& right, std::vector<Write> writes) {
  Verdicts verdicts;
  std::set<CaseKey> touched;
  for (const Write& write : writes) {
    const bool again = std::any_of(
        write.cases.begin(), write.cases.end(),
        [&](const auto& c) { return !touched.insert(c.row.key).second; });
    verdicts.push_back(again ? Conflict() : right.Commit({&write, 1})[0]);
  }
  return verdicts;
}

// A group is folded into the last version of each case; the log of those
// between is lost.
Bend LosesEventsWithinCommit() {
  auto lost = std::make_shared<std::set<std::pair<CaseKey, int64_t>>>();
  return {.commit =
              [lost](Store& right, std::vector<Write> writes) {
                std::map<CaseKey, int64_t> last;
                for (const Write& write : writes) {
                  for (const CaseChange& c : write.cases) {
                    if (const auto it = last.find(c.row.key); it != last.end())
                      lost->insert({c.row.key, it->second});
                    last[c.row.key] = c.row.version;
                  }
                }
                return right.Commit(writes);
              },
          .read_events =
              [lost](Store& right, EventRange range) {
                EventsAnswer page = right.ReadEvents(range);
                if (page.ok()) {
                  std::erase_if(page->rows, [&](const EventRow& row) {
                    return lost->contains({row.key, row.version});
                  });
                }
                return page;
              }};
}

// After a conflict the next good Write of that case is refused once more, as if
// its version had been used up.
Bend UsesUpVersions() {
  auto spent = std::make_shared<std::set<CaseKey>>();
  return {.commit = [spent](Store& right, std::vector<Write> writes) {
    Verdicts verdicts;
    for (const Write& write : writes) {
      const bool refuse = !write.cases.empty() &&
                          spent->erase(write.cases[0].row.key) > 0 &&
                          StoredVersion(right, write.cases[0].row.key) ==
                              write.cases[0].expected_version;
      verdicts.push_back(refuse ? Conflict() : right.Commit({&write, 1})[0]);
      if (!refuse && !verdicts.back().ok() && !write.cases.empty()) {
        spent->insert(write.cases[0].row.key);
      }
    }
    return verdicts;
  }};
}

// Looks, waits, writes: whoever looked in time is told that he won.
Bend ChecksThenActs() {
  auto checks = std::make_shared<std::atomic<int>>(0);
  return {.commit = [checks](Store& right, std::vector<Write> writes) {
    Verdicts verdicts;
    for (const Write& write : writes) {
      const bool fits =
          write.cases.empty() || StoredVersion(right, write.cases[0].row.key) ==
                                     write.cases[0].expected_version;
      // Until another has looked, too; alone, not for ever.
      const int mine = ++*checks;
      for (int i = 0; fits && *checks == mine && i < 2'000; ++i) {
        std::this_thread::yield();
      }
      const absl::Status verdict = right.Commit({&write, 1})[0];
      verdicts.push_back(fits ? absl::OkStatus() : verdict);
    }
    return verdicts;
  }};
}

Bend ForgetsWhatWasTold() {
  auto finished_keys = std::make_shared<std::set<std::string>>();
  auto keys = std::make_shared<std::map<std::string, std::string>>();
  return {.commit =
              [=](Store& right, std::vector<Write> writes) {
                for (Write& write : writes) {
                  for (DeliveryRow& d : write.deliveries) {
                    if (finished_keys->contains(d.dedupe_key)) {
                      d.dedupe_key += " forgotten";
                    }
                    (*keys)[d.id] = d.dedupe_key;
                  }
                }
                return right.Commit(writes);
              },
          .finish =
              [=](Store& right, std::vector<Finished> finished) {
                for (const Finished& f : finished) {
                  finished_keys->insert((*keys)[f.id]);
                }
                return right.Finish(finished);
              }};
}

Bend DedupesOverTenants() {
  auto keys = std::make_shared<std::map<std::string, std::string>>();
  return {.commit = [keys](Store& right, std::vector<Write> writes) {
    for (Write& write : writes) {
      std::erase_if(write.deliveries, [&](const DeliveryRow& d) {
        return keys->emplace(d.dedupe_key, d.tenant).first->second != d.tenant;
      });
    }
    return right.Commit(writes);
  }};
}

Bend KeepsAJournal() {
  return {.commit = [](Store& right, std::vector<Write> writes) {
    for (const Write& write : writes) {
      for (const CaseChange& c : write.cases) {
        JournalAlso(c.row.sealed.value_or(""));
      }
    }
    return right.Commit(writes);
  }};
}

void CutAtNul(std::string* text) {
  text->resize(text->find('\0') == std::string::npos ? text->size()
                                                     : text->find('\0'));
}
void CutBlanks(std::string* text) {
  while (!text->empty() && text->back() == ' ') text->pop_back();
}
void FoldCase(std::string* text) {
  for (char& c : *text) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
}
void MendUtf8(std::string* text) {
  for (char& c : *text) {
    if (c == '\xff' || c == '\xc3') c = '?';
  }
}

std::function<Bend()> Committing(
    Verdicts (*commit)(Store& right, std::vector<Write> writes)) {
  return [commit] { return Bend{.commit = commit}; };
}
void DropErasures(Write* write, RowKey::Kind kind) {
  std::erase_if(write->erasures,
                [kind](const RowKey& row) { return row.kind == kind; });
}

RecordsAnswer OrdersBySignedBytes(Store& right, RecordRange range) {
  RecordsAnswer records = right.ReadRecords(range);
  if (!records.ok()) return records;
  std::sort(
      records->begin(), records->end(), [](const Record& a, const Record& b) {
        return std::lexicographical_compare(
            a.key.key.begin(), a.key.key.end(), b.key.key.begin(),
            b.key.key.end(), [](char x, char y) {
              return static_cast<signed char>(x) < static_cast<signed char>(y);
            });
      });
  return records;
}

std::vector<WrongStore> OfWrites() {
  return {
      {"takes a Write of an older version", "basic/stale_write_refused",
       Committing(AcceptStale)},
      {"inserts over what is there", "basic/insert_of_existing_refused",
       Committing(InsertOverwrites)},
      {"voids a whole Commit for one conflict",
       "basic/verdict_is_the_writes_own", Committing(OneConflictVoidsAll)},
      {"keeps half of a Write after a conflict",
       "basic/stale_case_stops_its_write", Committing(InPieces)},
      {"writes the idempotency key in a second transaction",
       "basic/idempotency_key_guards_its_command",
       Committing(RecordsAfterwards)},
      {"judges every Write by what stood before the Commit",
       "basic/write_sees_those_before", Committing(BlindToThoseBefore)},
      {"loses events of a case that changes twice in a Commit",
       "basic/changes_of_one_case_in_one_commit", LosesEventsWithinCommit},
      {"uses up a version with a conflict",
       "basic/version_is_reused_after_conflict", UsesUpVersions},
      {"checks first and acts later", "concurrent/one_wins_each_version",
       ChecksThenActs},
      {"inserts a record over what is there", "basic/record_inserted_once",
       Rewriting([](Write* w) {
         for (RecordChange& r : w->records) {
           if (r.expected_version == 0) r.expected_version = -1;
         }
       })},
      {"does not look at a record's version", "basic/stale_record_refused",
       Rewriting([](Write* w) {
         for (RecordChange& r : w->records) {
           if (r.expected_version > 0) r.expected_version = -1;
         }
       })},
      {"writes the sealed body always", "basic/sealed_left_alone",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (!c.only_timer) c.write_sealed = true;
         }
       })},
      {"writes the sealed body with a timer",
       "basic/only_timer_moves_the_timer", Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (c.only_timer) c.write_sealed = true;
         }
       })},
      {"writes a case that is only to be checked", "basic/checked_case_stays",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (std::exchange(c.only_check, false)) {
             c.row.version = c.expected_version;
           }
         }
       })},
      {"does not look at a case that is only to be checked",
       "basic/checked_case_that_moved_refuses", Rewriting([](Write* w) {
         std::erase_if(w->cases,
                       [](const CaseChange& c) { return c.only_check; });
       })},
      {"gives a reference twice", "basic/reference_given_once",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) c.row.reference += c.row.key.id;
       })},
      {"takes an external id for unique whatever its system",
       "basic/external_id_given_once", Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (!c.row.external_id.empty()) c.row.external_system = "any";
         }
       })},
      {"tells an occurrence as often as it is written",
       "basic/repeated_key_is_dropped", Rewriting([](Write* w) {
         for (DeliveryRow& d : w->deliveries) d.dedupe_key += d.id;
       })},
      {"forgets what it told", "basic/told_is_told_for_good",
       ForgetsWhatWasTold},
      {"tells one tenant what another was told",
       "basic/dedupe_keeps_to_its_tenant", DedupesOverTenants},
      {"does not erase records", "basic/erased_record_keeps_the_rest",
       Rewriting([](Write* w) { DropErasures(w, RowKey::kRecord); })},
      {"does not erase events", "basic/erased_event_keeps_the_rest",
       Rewriting([](Write* w) { DropErasures(w, RowKey::kEvent); })},
      {"erases before it writes", "basic/erasure_follows_its_write",
       [] {
         return Bend{.commit = [](Store& right, std::vector<Write> writes) {
           Verdicts verdicts;
           for (Write& w : writes) {
             const Write first{.erasures = std::move(w.erasures)};
             w.erasures.clear();
             right.Commit({&first, 1});
             verdicts.push_back(right.Commit({&w, 1})[0]);
           }
           return verdicts;
         }};
       }},
      {"does not remove", "basic/record_removed",
       Rewriting([](Write* w) { w->removals.clear(); })},
      {"keeps a journal of all it wrote", "durable/erased_case_is_in_no_file",
       KeepsAJournal},
      {"answers before it is durable", "durable/killed_loses_no_answer",
       [] { return Bend{}; }, true},
  };
}

std::vector<WrongStore> OfBytes() {
  return {
      {"takes empty for absent", "basic/empty_is_not_absent",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (c.row.sealed == "") c.row.sealed.reset();
         }
       })},
      {"takes absent for empty", "basic/absent_is_not_empty",
       Rewriting([](Write* w) {
         for (RecordChange& r : w->records) {
           if (!r.record.sealed.has_value()) r.record.sealed = "";
         }
       })},
      {"folds the case of keys", "basic/case_of_letters_counts",
       Folding(FoldCase)},
      {"cuts trailing blanks", "basic/trailing_blanks_count",
       Folding(CutBlanks)},
      {"cuts at a NUL", "basic/nul_comes_back", Folding(CutAtNul)},
      {"parts no texts behind a NUL", "basic/nul_parts_texts",
       Folding(CutAtNul)},
      {"mends what is no UTF-8", "basic/invalid_utf8_comes_back",
       Folding(MendUtf8)},
      {"has 32 bits for numbers", "basic/numbers_have_64_bits",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           c.row.cell = static_cast<int32_t>(c.row.cell);
         }
       })},
      {"orders keys by signed bytes", "basic/records_ordered_as_unsigned_bytes",
       [] { return Bend{.read_records = OrdersBySignedBytes}; }},
      {"cuts bodies at 65,535 bytes", "basic/mebibyte_comes_back",
       Rewriting([](Write* w) {
         for (CaseChange& c : w->cases) {
           if (c.row.payload.size() > 65'535) c.row.payload.resize(65'535);
         }
       })},
  };
}

}  // namespace

std::vector<WrongStore> WrongWrites() {
  std::vector<WrongStore> all = OfWrites();
  std::vector<WrongStore> bytes = OfBytes();
  std::move(bytes.begin(), bytes.end(), std::back_inserter(all));
  return all;
}

}  // namespace hotline::testing
