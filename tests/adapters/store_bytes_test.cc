// Goal: what hotline/store_bytes.h writes it reads again, in later releases
// too, and nothing else. Method: rows whose every field is set, bytes that are
// written down here, and bytes that are cut or changed.
#include "hotline/store_bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "absl/strings/escaping.h"
#include "hotline/error.h"

namespace hotline {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

// How many values an aggregate is made of, by trying.
struct Anything {
  template <typename T>
  operator T() const {
    return T{};
  }  // NOLINT(google-explicit-constructor)
};
template <typename T, typename... Values>
constexpr size_t Arity() {
  if constexpr (requires { T{Values{}..., Anything{}}; }) {
    return Arity<T, Values..., Anything>();
  } else {
    return sizeof...(Values);
  }
}

template <typename T>
constexpr bool kIsWhole =
    std::tuple_size_v<decltype(Fields(std::declval<T>()))> == Arity<T>();

static_assert(kIsWhole<CaseKey> && kIsWhole<CaseRow> && kIsWhole<EventRow>);
static_assert(kIsWhole<DeliveryRow> && kIsWhole<RecordKey> && kIsWhole<Record>);
static_assert(kIsWhole<RowKey> && kIsWhole<CaseChange> &&
              kIsWhole<RecordChange>);
static_assert(kIsWhole<Write> && kIsWhole<DueQuery> && kIsWhole<Finished>);

CaseRow Row() {
  return {.key = {"t", "0123456789abcdef"},
          .version = 3,
          .reference = "R-1",
          .external_system = "crm",
          .external_id = std::string("a\0b", 3),
          .category = "路燈",
          .unit = "lights",
          .cell = kLeast,
          .phase = 2,
          .open = false,
          .opened_at = -1,
          .least_due = kNever,
          .next_at = 1'700'000'000'000,
          .chain = std::string(32, '\xff'),
          .payload = "facts",
          .sealed = ""};
}

hotline::Write Everything() {
  const EventRow event = {.key = Row().key,
                          .version = 3,
                          .recorded_at = 7,
                          .payload = "e",
                          .sealed = std::nullopt};
  const RecordKey person = {"t", "person", "p"};
  return {.cases = {{.row = Row(),
                     .expected_version = 2,
                     .event = event,
                     .write_sealed = false},
                    {.row = Row(),
                     .expected_version = 3,
                     .event = std::nullopt,
                     .only_timer = true}},
          .deliveries = {{.tenant = "t",
                          .id = "d",
                          .dedupe_key = "k",
                          .case_id = "c",
                          .event_version = 3,
                          .channel = "mail",
                          .due_at = 9,
                          .attempts = std::numeric_limits<int>::max(),
                          .state = "queued",
                          .payload = std::string(300, 'x')}},
          .records = {{.record = {.key = person,
                                  .version = 1,
                                  .index = {"a", "", "c", "d"},
                                  .payload = "p",
                                  .sealed = "s"},
                       .expected_version = 0}},
          .erasures = {{.kind = RowKey::kRecord,
                        .case_key = Row().key,
                        .version = 1,
                        .record = person}},
          .removals = {person, person}};
}

// Field by field, so that one that is not written shows.
template <typename T>
bool Same(const T& a, const T& b) {
  if constexpr (requires { Fields(a); }) {
    return std::apply(
        [&](auto... field) { return (Same(a.*field, b.*field) && ...); },
        Fields(a));
  } else if constexpr (requires { a.has_value(); }) {
    return a.has_value() == b.has_value() && (!a || Same(*a, *b));
  } else if constexpr (requires { Fields(*a.begin()); }) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return Same(x, y); });
  } else {
    return a == b;
  }
}

template <typename T>
void ExpectItComesBack(const T& value) {
  const absl::StatusOr<T> again = FromBytes<T>(ToBytes(value));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Same(value, *again));
}

TEST(StoreBytes, EveryFieldComesBack) {
  ExpectItComesBack(Row());
  ExpectItComesBack(Everything());
  ExpectItComesBack(std::vector<hotline::Write>{{}, Everything()});
  for (const absl::Duration lease :
       {absl::Seconds(30), absl::ZeroDuration(), -absl::Seconds(1)}) {
    ExpectItComesBack(DueQuery{.queue = DueQuery::kDeliveries,
                               .tenant = "t",
                               .due = 5,
                               .limit = -1,
                               .lease = lease,
                               .after_due = kLeast,
                               .after_id = "a",
                               .rows = true});
  }
  ExpectItComesBack(
      Finished{"t", "id", std::numeric_limits<int64_t>::max(), kNever, "sent"});
}

TEST(StoreBytes, ARowIsWrittenAsEveryReleaseReadsIt) {
  const EventRow event = {.key = {"t", "id"},
                          .version = 1,
                          .recorded_at = -65,
                          .payload = std::string("\0\xff", 2),
                          .sealed = "s"};
  // Five fields; a key of two, `t` and `id`; 1; -65; two bytes; one, `s`.
  const std::string bytes = absl::HexStringToBytes(
      "0a04027404696402810104"
      "00ff020273");
  EXPECT_EQ(absl::BytesToHexString(ToBytes(event)),
            absl::BytesToHexString(bytes));
  const auto read = FromBytes<EventRow>(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(Same(event, *read));
}

struct Earlier {
  int64_t a = 1;
};
constexpr auto Fields(const Earlier&) { return std::tuple(&Earlier::a); }
struct Later {
  int64_t a = 1;
  std::string b = "none yet";
};
constexpr auto Fields(const Later&) { return std::tuple(&Later::a, &Later::b); }

TEST(StoreBytes, AFieldThatWasNotThereYetHasItsDefault) {
  const auto read =
      FromBytes<std::vector<Later>>(ToBytes(std::vector<Earlier>{{5}, {6}}));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(1).a, 6);
  EXPECT_EQ(read->at(1).b, "none yet");
}

TEST(StoreBytes, AFieldOfALaterReleaseIsRefusedAndNotLost) {
  EXPECT_EQ(ReasonOf(FromBytes<Earlier>(ToBytes(Later{})).status()),
            v1::ErrorInfo::CORRUPT);
}

TEST(StoreBytes, WhatIsCutOrTooLongIsRefused) {
  const std::string bytes = ToBytes(Everything());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto read = FromBytes<hotline::Write>(bytes.substr(0, size));
    EXPECT_EQ(ReasonOf(read.status()), v1::ErrorInfo::CORRUPT) << size;
  }
  EXPECT_FALSE(FromBytes<hotline::Write>(bytes + '\0').ok());
}

TEST(StoreBytes, NumbersOutOfTheirRangeAreRefused) {
  EXPECT_FALSE(FromBytes<int>(ToBytes(int64_t{1} << 31)).ok());
  EXPECT_FALSE(FromBytes<bool>(ToBytes(int64_t{2})).ok());
  EXPECT_FALSE(FromBytes<RowKey::Kind>(ToBytes(RowKey::kRecord + 1)).ok());
  EXPECT_FALSE(FromBytes<RowKey::Kind>(ToBytes(-1)).ok());
  EXPECT_TRUE(FromBytes<int64_t>(ToBytes(kLeast)).ok());
  const uint64_t most = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(FromBytes<uint64_t>(ToBytes(most)).value_or(0), most);
  // 65 bits, then 71.
  EXPECT_FALSE(FromBytes<int64_t>(std::string(9, '\xff') + '\x02').ok());
  EXPECT_FALSE(FromBytes<int64_t>(std::string(10, '\xff') + '\0').ok());
}

TEST(StoreBytes, ChangedBytesAreReadOrRefusedButNeverMore) {
  const std::string bytes = ToBytes(Everything());
  std::mt19937 chance(4);  // NOLINT(cert-msc51-cpp): the same every time
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = bytes;
    for (int n = 0; n <= i % 3; ++n) {
      changed[chance() % changed.size()] = static_cast<char>(chance());
    }
    const auto read = FromBytes<hotline::Write>(changed);
    refused += !read.ok();
    if (read.ok()) ExpectItComesBack(*read);
  }
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace hotline
