#include "src/engine/case_rows.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "hotline/error.h"
#include "hotline/ids.h"
#include "src/base/absl_bridge.h"
#include "src/base/crypto.h"
#include "src/base/deterministic.h"
#include "src/base/time.h"

namespace hotline::internal {
namespace {

constexpr char kChainDomain[] = "hotline/1";

int64_t MsOr(bool has, const google::protobuf::Timestamp& t, int64_t none) {
  return has ? ToMs(FromTimestamp(t)) : none;
}

absl::Status Corrupt(std::string_view what, std::string_view id) {
  return MakeError(
      v1::ErrorInfo::CORRUPT,
      absl::StrCat("the stored ", ToAbsl(what), " of case ", UuidToString(id),
                   " cannot be read; run `hotline store check`"));
}

std::string Version8(int64_t version) {
  std::string out(8, '\0');
  for (int i = 0; i < 8; ++i) {
    out[i] = static_cast<char>(static_cast<uint64_t>(version) >> (56 - 8 * i));
  }
  return out;
}

// Serialises `message` as if the field `sealed` were not there.
template <typename Message>
std::string WithoutSealed(Message* message) {
  auto* sealed = message->has_sealed() ? message->release_sealed() : nullptr;
  std::string bytes = Deterministic(*message);
  if (sealed != nullptr) message->set_allocated_sealed(sealed);
  return bytes;
}

}  // namespace

absl::StatusOr<LoadedCase> FromRow(const CaseRow& row) {
  absl::StatusOr<LoadedCase> loaded(absl::in_place);
  v1::Case& message = loaded->message;
  if (!message.ParseFromString(row.payload) ||
      message.version() != row.version || message.id() != row.key.id ||
      message.reference() != row.reference) {
    loaded = Corrupt("snapshot", row.key.id);
    return loaded;
  }
  if (row.sealed.has_value()) {
    if (!message.mutable_sealed()->ParseFromString(*row.sealed)) {
      loaded = Corrupt("sealed body", row.key.id);
      return loaded;
    }
    message.set_reporter(message.sealed().reporter().id());
  }
  loaded->chain = row.chain;
  return loaded;
}

std::optional<Glance> GlanceAt(const CaseRow& row) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(row.payload.data()),
      static_cast<int>(row.payload.size()));
  Glance glance;
  int64_t version = 0;
  std::string bytes;
  const auto read_int = [&in](int64_t* value) {
    uint64_t raw = 0;
    const bool read = in.ReadVarint64(&raw);
    *value = static_cast<int64_t>(raw);
    return read;
  };
  const auto read_bytes = [&in, &bytes] {
    uint32_t size = 0;
    return in.ReadVarint32(&size) &&
           in.ReadString(&bytes, static_cast<int>(size));
  };
  bool is_the_rows = false;
  while (const uint32_t tag = in.ReadTag()) {
    const bool read = [&] {
      switch (WireFormatLite::GetTagFieldNumber(tag)) {
        case v1::Case::kVersionFieldNumber:
          return read_int(&version);
        case v1::Case::kPolicyVersionFieldNumber:
          return read_int(&glance.policy_version);
        case v1::Case::kFoldVersionFieldNumber:
          return read_int(&glance.fold_version);
        case v1::Case::kIdFieldNumber:
          if (!read_bytes()) return false;
          is_the_rows = bytes == row.key.id;
          return true;
        case v1::Case::kNextAtFieldNumber: {
          google::protobuf::Timestamp next;
          if (!read_bytes() || !next.ParseFromString(bytes)) return false;
          glance.next_at = FromTimestamp(next);
          return true;
        }
        default:
          return WireFormatLite::SkipField(&in, tag);
      }
    }();
    if (!read) return std::nullopt;
  }
  if (!in.ConsumedEntireMessage() || !is_the_rows || version != row.version) {
    return std::nullopt;
  }
  return glance;
}

absl::StatusOr<v1::Event> FromRow(const EventRow& row) {
  v1::Event event;
  if (!event.ParseFromString(row.payload) || event.version() != row.version) {
    return Corrupt("event", row.key.id);
  }
  if (row.sealed.has_value() &&
      !event.mutable_sealed()->ParseFromString(*row.sealed)) {
    return Corrupt("sealed event", row.key.id);
  }
  return event;
}

absl::StatusOr<v1::Case> FoldLog(Store* store, const CaseRow& row) {
  constexpr int kEventsAtOnce = 500;
  v1::Case folded;
  int64_t after = 0;
  while (after < row.version) {
    const auto page =
        store->ReadEvents(EventsOf(row.key, after, kEventsAtOnce));
    if (!page.ok()) return page.status();
    if (page->rows.empty()) break;
    for (const EventRow& event_row : page->rows) {
      // The case may have moved since its row was read.
      if (event_row.version > row.version) return folded;
      auto event = FromRow(event_row);
      if (!event.ok()) return event.status();
      event->clear_sealed();  // whoever may see it reads it with the row
      Evolve(*event, &folded);
    }
    after = page->rows.back().version;
  }
  return folded;
}

std::string CasePayload(const v1::Case& message) {
  v1::Case bare = message;
  bare.clear_sealed();
  bare.clear_reporter();
  return Deterministic(bare);
}

CaseRow ToRow(const v1::Case& message, std::string chain) {
  CaseRow row;
  row.key = {message.tenant(), message.id()};
  row.version = message.version();
  row.reference = message.reference();
  row.external_system = message.external().system();
  row.external_id = message.external().id();
  row.category = message.category();
  row.unit = message.unit();
  row.cell = static_cast<int64_t>(message.cell());
  row.phase = message.phase();
  row.open = IsOpenPhase(message.phase());
  row.opened_at = MsOr(message.has_opened_at(), message.opened_at(), 0);
  row.least_due = MsOr(message.has_least_due(), message.least_due(), kNever);
  row.next_at = MsOr(message.has_next_at(), message.next_at(), kNever);
  row.chain = std::move(chain);
  return row;
}

std::string ChainOf(std::string_view tenant, std::string_view case_id,
                    int64_t version, std::string_view previous,
                    std::string_view payload) {
  return Sha256Parts({kChainDomain, tenant, case_id, Version8(version),
                      previous, Sha256(payload)});
}

void SetChange(const std::string& previous_chain, const std::string& attempt,
               CaseChangePlan* plan, CaseChange* change) {
  v1::Event& event = plan->event;
  v1::Case& after = plan->after;
  event.set_previous_hash(previous_chain);
  event.set_attempt(attempt);
  const bool changes_sealed =
      event.has_sealed() && event.sealed().has_changes();
  std::string case_sealed;
  if (changes_sealed) {
    case_sealed = Deterministic(after.sealed());
    event.set_case_commitment(Sha256(case_sealed));
  } else {
    event.set_case_commitment(after.sealed_commitment());
  }
  after.set_sealed_commitment(event.case_commitment());

  EventRow& event_row = change->event.emplace();
  if (event.has_sealed()) {
    event_row.sealed = Deterministic(event.sealed());
    event.set_sealed_commitment(Sha256(*event_row.sealed));
  }
  event_row.key = {after.tenant(), after.id()};
  event_row.version = event.version();
  event_row.recorded_at = ToMs(FromTimestamp(event.recorded_at()));
  event_row.payload = WithoutSealed(&event);
  change->row =
      ToRow(after, ChainOf(after.tenant(), after.id(), event.version(),
                           previous_chain, event_row.payload));
  std::string reporter;
  reporter.swap(*after.mutable_reporter());
  change->row.payload = WithoutSealed(&after);
  reporter.swap(*after.mutable_reporter());
  change->write_sealed = changes_sealed || plan->created;
  if (changes_sealed) change->row.sealed = std::move(case_sealed);
  change->expected_version = event.version() - 1;
}

}  // namespace hotline::internal
