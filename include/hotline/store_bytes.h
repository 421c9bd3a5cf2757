// Rows as bytes and back, for adapters over places that keep bytes only: a
// file, a log, a key-value store. A database with columns has no need of it.
//
//   const hotline::CaseRow row;
//   const std::string bytes = hotline::ToBytes(row);
//   const auto again = hotline::FromBytes<hotline::CaseRow>(bytes);
//   if (!again.ok()) return again.status();
//
// Every struct of hotline/store.h that is stored or changes what is stored can
// be given, vectors and optionals of them, and structs of your own that say
// what their fields are:
//   struct Call {
//     int64_t now = 0;
//     std::vector<hotline::Write> writes;
//   };
//   constexpr auto Fields(const Call&) {
//     return std::tuple(&Call::now, &Call::writes);
//   }
//
// The bytes are the same on every machine. A struct is written with the number
// of its fields, so later releases, which may add fields at a struct's end,
// read what earlier ones wrote and leave the new fields at their defaults; an
// earlier release refuses what it does not know rather than lose it. There is
// no checksum: add one where your place has none. The bytes do not sort as the
// values do: they are for values, not for keys.
//
// Errors of FromBytes: CORRUPT for anything ToBytes did not write.
// Thread rule: free functions and values; use them anywhere.
#ifndef HOTLINE_STORE_BYTES_H_
#define HOTLINE_STORE_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/store.h"

namespace hotline {

// The fields of a row in the order of hotline/store.h, as pointers to members:
// for other forms than bytes, and to compare or print rows.
constexpr auto Fields(const CaseKey&) {
  return std::tuple(&CaseKey::tenant, &CaseKey::id);
}
constexpr auto Fields(const CaseRow&) {
  using R = CaseRow;
  return std::tuple(&R::key, &R::version, &R::reference, &R::external_system,
                    &R::external_id, &R::category, &R::unit, &R::cell,
                    &R::phase, &R::open, &R::opened_at, &R::least_due,
                    &R::next_at, &R::chain, &R::payload, &R::sealed);
}
constexpr auto Fields(const EventRow&) {
  using R = EventRow;
  return std::tuple(&R::key, &R::version, &R::recorded_at, &R::payload,
                    &R::sealed);
}
constexpr auto Fields(const DeliveryRow&) {
  using R = DeliveryRow;
  return std::tuple(&R::tenant, &R::id, &R::dedupe_key, &R::case_id,
                    &R::event_version, &R::channel, &R::due_at, &R::attempts,
                    &R::state, &R::payload);
}
constexpr auto Fields(const RecordKey&) {
  return std::tuple(&RecordKey::tenant, &RecordKey::kind, &RecordKey::key);
}
constexpr auto Fields(const Record&) {
  using R = Record;
  return std::tuple(&R::key, &R::version, &R::index, &R::payload, &R::sealed);
}
constexpr auto Fields(const RowKey&) {
  using R = RowKey;
  return std::tuple(&R::kind, &R::case_key, &R::version, &R::record);
}
constexpr auto Fields(const CaseChange&) {
  using R = CaseChange;
  return std::tuple(&R::row, &R::expected_version, &R::event, &R::write_sealed,
                    &R::only_timer, &R::only_check);
}
constexpr auto Fields(const RecordChange&) {
  return std::tuple(&RecordChange::record, &RecordChange::expected_version);
}
constexpr auto Fields(const Write&) {
  using R = Write;
  return std::tuple(&R::cases, &R::deliveries, &R::records, &R::erasures,
                    &R::removals);
}
constexpr auto Fields(const DueQuery&) {
  using R = DueQuery;
  return std::tuple(&R::queue, &R::tenant, &R::due, &R::limit, &R::lease,
                    &R::after_due, &R::after_id, &R::rows);
}
constexpr auto Fields(const Finished&) {
  using R = Finished;
  return std::tuple(&R::tenant, &R::id, &R::token, &R::due_at, &R::state,
                    &R::attempts);
}

// The greatest value of an enum that is stored; one of your own has one too.
constexpr auto LastOf(RowKey::Kind) { return RowKey::kRecord; }
constexpr auto LastOf(DueQuery::Queue) { return DueQuery::kDeliveries; }

namespace internal {

// Whole numbers are zigzag-coded varints; texts and lists have their length
// before them, optionals and structs the number of values that follow.
class ByteWriter {
 public:
  template <typename T>
  void Put(const T& value) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      Number(static_cast<int64_t>(value));
    } else {
      const auto fields = Fields(value);
      Number(std::tuple_size_v<decltype(fields)>);
      std::apply([&](auto... field) { (Put(value.*field), ...); }, fields);
    }
  }
  void Put(const std::string& text) {
    Number(static_cast<int64_t>(text.size()));
    bytes += text;
  }
  void Put(absl::Duration d) { Number(absl::ToInt64Milliseconds(d)); }
  template <typename T>
  void Put(const std::optional<T>& value) {
    Number(value.has_value());
    if (value.has_value()) Put(*value);
  }
  template <typename T>
  void Put(const std::vector<T>& values) {
    Number(static_cast<int64_t>(values.size()));
    for (const T& value : values) Put(value);
  }
  template <typename T, size_t N>
  void Put(const std::array<T, N>& values) {
    for (const T& value : values) Put(value);
  }

  std::string bytes;

 private:
  void Number(int64_t value);
};

// After the first thing that cannot be, ok() is false and what is read means
// nothing.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  template <typename T>
  void Get(T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(Count(static_cast<size_t>(LastOf(T{}))));
    } else if constexpr (std::is_same_v<T, bool>) {
      value = Count(1) == 1;
    } else if constexpr (std::is_integral_v<T>) {
      const int64_t number = Number();
      value = static_cast<T>(number);
      ok_ = ok_ && (sizeof(T) == 8 || std::in_range<T>(number));
    } else {
      const auto fields = Fields(value);
      size_t left = Count(std::tuple_size_v<decltype(fields)>);
      const auto one = [&](auto& field) {
        if (left == 0) return;
        --left;
        Get(field);
      };
      std::apply([&](auto... field) { (one(value.*field), ...); }, fields);
    }
  }
  void Get(std::string& text) {
    const size_t size = Length();
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  void Get(absl::Duration& d) { d = absl::Milliseconds(Number()); }
  template <typename T>
  void Get(std::optional<T>& value) {
    value.reset();
    if (Count(1) == 1) Get(value.emplace());
  }
  template <typename T>
  void Get(std::vector<T>& values) {
    values.clear();
    for (size_t n = Length(); n > 0 && ok_; --n) Get(values.emplace_back());
  }
  template <typename T, size_t N>
  void Get(std::array<T, N>& values) {
    for (T& value : values) Get(value);
  }

 private:
  int64_t Number();
  // A number that is not negative and not above `max`; 0 if it is.
  size_t Count(size_t max);
  // A count of what follows, each of a byte at least; 0 if it is not there.
  size_t Length();

  std::string_view rest_;
  bool ok_ = true;
};

absl::Status NotOurBytes();

}  // namespace internal

template <typename T>
std::string ToBytes(const T& value) {
  internal::ByteWriter writer;
  writer.Put(value);
  return std::move(writer.bytes);
}

template <typename T>
absl::StatusOr<T> FromBytes(std::string_view bytes) {
  internal::ByteReader reader(bytes);
  T value{};
  reader.Get(value);
  if (!reader.ok() || !reader.at_end()) return internal::NotOurBytes();
  return value;
}

}  // namespace hotline

#endif  // HOTLINE_STORE_BYTES_H_
