// P13: the relay of the outbox, through the store alone and through the engine.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "benchmarks/city.h"
#include "benchmarks/measures.h"
#include "benchmarks/rates.h"

namespace hotline::bench {
namespace {

// Deliveries claimed at once by the relay that only moves rows.
constexpr int kAtOnce = 1'000;
// Put into one Write, so that filling is quick.
constexpr int kInOneWrite = 500;

// Takes everything.
class Hole final : public Notifier {
 public:
  std::string name() const override { return "file"; }
  std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                               absl::Time) override {
    return std::vector<SendResult>(envelopes.size(),
                                   {.outcome = Outcome::kDelivered});
  }
};

DeliveryRow Delivery(const CaseRow& row, int number, absl::Time due) {
  DeliveryRow delivery;
  delivery.tenant = row.key.tenant;
  delivery.id = absl::StrFormat("%016d", number);
  delivery.dedupe_key = absl::StrFormat("key-%028d", number);
  delivery.case_id = row.key.id;
  delivery.event_version = row.version;
  delivery.channel = "file";
  delivery.due_at = absl::ToUnixMillis(due);
  delivery.state = "queued";
  delivery.payload = std::string(120, 'p');
  return delivery;
}

// Deliveries `first` to `first + count`, on a case that is there.
void Queue(City* city, int first, int count) {
  Filter filter;
  filter.tenant = city->actor.tenant;
  filter.references = {city->reference(0)};
  CaseRow row = Require(city->store->Find(filter), "find").rows.at(0);
  for (int i = first; i < first + count; i += kInOneWrite) {
    Write write;
    CaseChange change;
    change.expected_version = row.version;
    change.write_sealed = false;
    ++row.version;
    change.row = row;
    change.event = EventRow{.key = row.key, .version = row.version};
    write.cases.push_back(std::move(change));
    for (int n = i; n < std::min(first + count, i + kInOneWrite); ++n) {
      write.deliveries.push_back(Delivery(row, n, city->clock.TimeNow()));
    }
    Require(city->store->Commit({&write, 1}).front(), "queue");
  }
}

// Claims and finishes all that is due, `count` rows at least; rows a second.
double Relay(City* city, int count) {
  int done = 0;
  const double seconds = SecondsOf([&] {
    while (true) {
      const auto claimed = Require(
          city->store->Claim({.queue = DueQuery::kDeliveries,
                              .tenant = city->actor.tenant,
                              .due = absl::ToUnixMillis(city->clock.TimeNow()),
                              .limit = kAtOnce}),
          "claim");
      if (claimed.empty()) return;
      std::vector<Finished> finished;
      finished.reserve(claimed.size());
      for (const Claimed& one : claimed) {
        finished.push_back({.tenant = one.delivery->tenant,
                            .id = one.delivery->id,
                            .token = one.token,
                            .state = "sent"});
      }
      for (const absl::Status& status : city->store->Finish(finished)) {
        Require(status, "finish");
      }
      done += static_cast<int>(claimed.size());
    }
  });
  if (done < count) {
    std::fprintf(stderr, "%d deliveries relayed of %d\n", done, count);
    std::exit(1);
  }
  return done / seconds;
}

// What the engine hands over in a second: rows read, texts made, answers kept.
double Deliver(City* city, Hole* hole, int count) {
  for (const v1::Command& command : city->Opens(count, "signal")) {
    Require(city->engine->Execute(city->actor, command).status(), "open");
  }
  city->engine.reset();
  auto engine =
      Require(Engine::Open(city->store.get(), {.clock = &city->clock,
                                               .entropy = &city->entropy,
                                               .notifiers = {hole}}),
              "engine");
  int sent = 0;
  const double seconds = SecondsOf([&] {
    sent = Require(engine->RunDue(absl::Seconds(600)), "deliver").sent;
  });
  if (sent < count) {
    std::fprintf(stderr, "%d messages handed over of %d\n", sent, count);
    std::exit(1);
  }
  return sent / seconds;
}

}  // namespace

std::vector<Line> MeasureOutbox(const Plan& plan) {
  const int rounds = plan.quick ? 2 : 5;
  const int count = plan.quick ? 1'000 : 20'000;
  City city(plan.dir, "outbox");
  city.Fill(1);
  std::vector<double> relayed;
  for (int i = 0; i < rounds; ++i) {
    Queue(&city, i * count, count);
    relayed.push_back(Relay(&city, count));
  }
  Hole hole;
  return {FigureLine("P13", "outbox relay without a receiver, deliveries/s",
                     SpreadOf(relayed).median, 100'000, Line::kAtLeast),
          PlainFigure("the engine's relay, one message a case, messages/s",
                      Deliver(&city, &hole, plan.quick ? 100 : 5'000))};
}

}  // namespace hotline::bench
