// Contracts: timers are told in order; deliveries are leased, fenced by tokens
// and told once.
#include <algorithm>

#include "src/testing/trial.h"

namespace hotline::testing {
namespace {

using rows::CaseAt;
using rows::Delivery;
using rows::Id;
using rows::kCity;
using rows::Of;
using rows::OpenCase;
using rows::Row;
using E = v1::ErrorInfo;
using Numbers = std::vector<std::string>;

constexpr Level kBasic = Level::kBasic;
constexpr char kTimers[] = "Timers: rows with next_at <= due";
constexpr char kDeliveries[] = "due_at <= due and no live lease, by";
constexpr char kDurablyLeased[] = "token and attempts raised, durably";
constexpr char kStale[] = "A verdict for each, in order: OK, or ABORTED";
constexpr char kEnds[] = "claimed again, was never claimed or is not there.";
constexpr char kDropped[] = "tenant has already is dropped without a word";
constexpr char kNext[] = "The least instant at or after which Claim may answer";
constexpr char kLeaseLives[] = "A lease lives";

void WithTimer(Trial& t, int64_t number, int64_t at, int64_t version = 1) {
  CaseRow row = Row(number, version);
  row.next_at = at;
  t.Commit(Of(row));
}

void Queue(Trial& t, const std::vector<int64_t>& dues) {
  Write write;
  for (size_t i = 0; i < dues.size(); ++i) {
    write.deliveries.push_back(Delivery(static_cast<int64_t>(i) + 1, dues[i]));
  }
  t.Commit(write);
}

constexpr Contract kTimerContracts[] = {
    {kBasic, "timers_in_order", "Timers come by (next_at, id).", kTimers,
     kNothing,
     [](Trial& t) {
       const int64_t at[] = {30, 10, 10, kNever, 20};
       for (int i = 1; i <= 5; ++i) WithTimer(t, i, at[i - 1]);
       const auto due = t.Timers(25);
       t.Equal("Claim(timers, due=25)", Ids(due), Numbers{"2", "3", "5"});
       if (due.size() != 3) return;
       t.Equal("Claim(timers), due_at", due[2].due_at, int64_t{20});
       t.Equal("Claim(timers), case_key", due[0].case_key, CaseAt(2));
       t.Equal("Claim(timers), token", due[0].token, int64_t{0});
       t.True("Claim(timers), delivery", !due[0].delivery.has_value(),
              "a delivery", "none");
     }},
    {kBasic, "timer_due_is_inclusive",
     "A timer is due at its instant and not before.", kTimers, kNothing,
     [](Trial& t) {
       WithTimer(t, 1, 20);
       t.Equal("Claim(timers, due=19) of a timer at 20", Ids(t.Timers(19)),
               Numbers{});
       t.Equal("Claim(timers, due=20) of a timer at 20", Ids(t.Timers(20)),
               Numbers{"1"});
     }},
    {kBasic, "timer_claim_changes_nothing",
     "Claiming a timer changes nothing: it is told again.",
     "while Now() is before its end. Claiming a timer changes nothing.",
     kNothing,
     [](Trial& t) {
       WithTimer(t, 1, 10);
       for (int i = 0; i < 3; ++i) {
         t.Equal("Claim(timers), again", Ids(t.Timers(10)), Numbers{"1"});
       }
       CaseRow want = Row(1);
       want.next_at = 10;
       t.EqualRow("ReadCase", t.Read(1), want);
     }},
    {kBasic, "closed_case_may_have_timer", "A closed case may have a timer.",
     kTimers, kNothing,
     [](Trial& t) {
       CaseRow row = Row(1);
       row.open = false;
       row.next_at = 10;
       t.Commit(Of(row));
       t.Equal("Claim(timers) of a closed case", Ids(t.Timers(10)),
               Numbers{"1"});
     }},
    {kBasic, "timer_limit_kept", "Claim keeps its limit, also 1.", kTimers,
     kNothing,
     [](Trial& t) {
       for (int i = 1; i <= 4; ++i) WithTimer(t, i, i);
       t.Equal("Claim(timers, limit=1)", Ids(t.Timers(100, 1)), Numbers{"1"});
       t.Equal("Claim(timers, limit=3)", Ids(t.Timers(100, 3)),
               Numbers{"1", "2", "3"});
       t.Equal("Claim(timers, limit=4)", Ids(t.Timers(100, 4)),
               Numbers{"1", "2", "3", "4"});
     }},
    {kBasic, "timers_walked_in_pages",
     "after_due and after_id walk the whole queue, none skipped or repeated.",
     "Timers only: rows that come after this place in the queue", kNothing,
     [](Trial& t) {
       // 10 three times, 11 four times, 12 twice.
       for (int i = 1; i <= 9; ++i) WithTimer(t, i, 10 + i / 4);
       for (const int limit : {1, 2, 3, 100}) {
         DueQuery query{.queue = DueQuery::kTimers, .due = 11, .limit = limit};
         Numbers walked;
         for (int pages = 0; pages < 20; ++pages) {
           const auto page = t.Claim(query);
           if (page.empty()) break;
           for (const std::string& id : Ids(page)) walked.push_back(id);
           query.after_due = page.back().due_at;
           query.after_id = page.back().case_key.id;
         }
         t.Equal(absl::StrCat("Claim(timers) in pages of ", limit), walked,
                 Numbers{"1", "2", "3", "4", "5", "6", "7"});
       }
     }},
    {kBasic, "timer_place_need_not_exist",
     "A place that no row stands at any more is one all the same.",
     "Timers only: rows that come after this place in the queue", kNothing,
     [](Trial& t) {
       for (int i = 1; i <= 6; ++i) WithTimer(t, i, 10 + i / 3);
       DueQuery query{.queue = DueQuery::kTimers, .due = 100, .limit = 1};
       query.after_due = 10;
       query.after_id = Id(1) + "x";
       t.Equal("Claim(timers) after a place between", Ids(t.Claim(query)),
               Numbers{"2"});
       query.after_due = 11;
       query.after_id.clear();
       t.Equal("Claim(timers) after (11, \"\")", Ids(t.Claim(query)),
               Numbers{"3"});
       query.after_due = 12;
       query.after_id = Id(6);
       t.Equal("Claim(timers) after the last", Ids(t.Claim(query)), Numbers{});
     }},
    {kBasic, "moved_timer_stands_once",
     "A moved timer stands at its new place only; kNever takes it out.",
     kTimers, kNothing,
     [](Trial& t) {
       WithTimer(t, 1, 10);
       WithTimer(t, 1, 50, 2);
       t.Equal("Claim(timers, due=49) of a timer moved to 50",
               Ids(t.Timers(49)), Numbers{});
       t.Equal("Claim(timers, due=50)", Ids(t.Timers(50)), Numbers{"1"});
       WithTimer(t, 1, kNever, 3);
       t.Equal("Claim(timers) of no timer", Ids(t.Timers(kNever - 1)),
               Numbers{});
     }},
    {kBasic, "never_is_never_due", "kNever is none, also when all is due.",
     "kNever is \"none\".", kNothing,
     [](Trial& t) {
       t.Commit(OpenCase(1));
       Queue(t, {kNever});
       t.Equal("Claim(timers, due=kNever)", Ids(t.Timers(kNever)), Numbers{});
       t.Equal("Claim(deliveries, due=kNever)", Ids(t.Deliveries(kNever)),
               Numbers{});
     }},
    {kBasic, "timer_rows_are_the_stored_ones",
     "A row that comes with its timer is the stored one; without asking none "
     "comes.",
     "store has it at hand; absent, too, if it cannot be read.", kNothing,
     [](Trial& t) {
       WithTimer(t, 1, 10);
       WithTimer(t, 2, 20);
       WithTimer(t, 1, 11, 2);
       for (const Claimed& timer : t.Timers(100)) {
         t.True("Claim(timers, rows=false), row", !timer.row.has_value(),
                "a row", "none");
       }
       const auto due =
           t.Claim({.queue = DueQuery::kTimers, .due = 100, .rows = true});
       t.Equal("Claim(timers, rows=true)", Ids(due), Numbers{"1", "2"});
       for (const Claimed& timer : due) {
         if (!timer.row.has_value()) continue;  // not at hand
         t.EqualRow("Claim(timers, rows=true), row", *timer.row,
                    t.Read(timer.case_key));
       }
     }},
    {kBasic, "claim_limit_below_one_refused", "A limit below 1 is refused.",
     "int64_t due = 0;  // rows due at or before this instant", kNothing,
     [](Trial& t) {
       for (const auto queue : {DueQuery::kTimers, DueQuery::kDeliveries}) {
         t.Refused(
             "Claim(limit=0)",
             t.store().Claim({.queue = queue, .tenant = kCity, .limit = 0}),
             E::INVALID_ARGUMENT);
       }
     }},
    {kBasic, "next_due_of_nothing", "NextDue of an empty queue is kNever.",
     "kNever if the queue is empty. A leased delivery counts", kNextDue,
     [](Trial& t) {
       t.Equal("NextDue(timers)", t.Next(DueQuery::kTimers), kNever);
       t.Equal("NextDue(deliveries)", t.Next(DueQuery::kDeliveries), kNever);
       t.Commit(OpenCase(1));
       t.Equal("NextDue(timers)", t.Next(DueQuery::kTimers), kNever);
     }},
    {kBasic, "next_due_of_timers", "NextDue is the least timer, as it moves.",
     kNext, kNextDue,
     [](Trial& t) {
       WithTimer(t, 1, 30);
       WithTimer(t, 2, 10);
       t.Equal("NextDue(timers)", t.Next(DueQuery::kTimers), int64_t{10});
       WithTimer(t, 2, 50, 2);
       t.Equal("NextDue(timers)", t.Next(DueQuery::kTimers), int64_t{30});
       WithTimer(t, 1, kNever, 2);
       t.Equal("NextDue(timers)", t.Next(DueQuery::kTimers), int64_t{50});
     }},
    {kBasic, "next_due_not_supported_says_so",
     "Without the capability NextDue is NOT_SUPPORTED.",
     "Default: UNIMPLEMENTED (NOT_SUPPORTED).", kNoNextDue,
     [](Trial& t) {
       t.Refused("NextDue", t.store().NextDue(DueQuery::kTimers, kCity),
                 E::NOT_SUPPORTED);
     }},
};

constexpr Contract kDeliveryContracts[] = {
    {kBasic, "delivery_comes_whole",
     "A claimed delivery is as it was written, its attempt counted.",
     "int attempts = 0;         // counted when it is claimed", kNothing,
     [](Trial& t) {
       DeliveryRow row = Delivery(1, 10);
       row.payload = std::string("\0p", 2);
       row.event_version = 7;
       t.Commit({.deliveries = {row}});
       const Claimed claimed = t.OneDelivery(10);
       const DeliveryRow& read = *claimed.delivery;
       t.Equal("Claim, case_key", claimed.case_key, CaseAt(1));
       t.Equal("Claim, due_at", claimed.due_at, int64_t{10});
       t.True("Claim, token", claimed.token > 0, Show(claimed.token),
              "more than 0");
       t.Equal("Claim, column tenant", read.tenant, row.tenant);
       t.Equal("Claim, column id", read.id, row.id);
       t.Equal("Claim, column dedupe_key", read.dedupe_key, row.dedupe_key);
       t.Equal("Claim, column case_id", read.case_id, row.case_id);
       t.Equal("Claim, column event_version", read.event_version, int64_t{7});
       t.Equal("Claim, column channel", read.channel, row.channel);
       t.Equal("Claim, column due_at", read.due_at, int64_t{10});
       t.Equal("Claim, column attempts", read.attempts, 1);
       t.Equal("Claim, column state", read.state, row.state);
       t.Equal("Claim, column payload", read.payload, row.payload);
     }},
    {kBasic, "deliveries_in_order", "Deliveries come by (due_at, id).",
     kDeliveries, kNothing,
     [](Trial& t) {
       Queue(t, {30, 10, 20, 10});
       t.Equal("Claim(deliveries, limit=2)", Ids(t.Deliveries(100, 2)),
               Numbers{"2", "4"});
       t.Equal("Claim(deliveries) of the rest", Ids(t.Deliveries(100)),
               Numbers{"3", "1"});
     }},
    {kBasic, "delivery_due_is_inclusive",
     "A delivery is due at its instant and not before.", kDeliveries, kNothing,
     [](Trial& t) {
       Queue(t, {20});
       t.Equal("Claim(deliveries, due=19) of one at 20", Ids(t.Deliveries(19)),
               Numbers{});
       t.Equal("Claim(deliveries, due=20) of one at 20", Ids(t.Deliveries(20)),
               Numbers{"1"});
     }},
    {kBasic, "delivery_limit_kept",
     "Claim leases no more than its limit; the rest can be had.", kDeliveries,
     kNothing,
     [](Trial& t) {
       Queue(t, {1, 2, 3, 4});
       t.Equal("Claim(deliveries, limit=1)", Ids(t.Deliveries(100, 1)),
               Numbers{"1"});
       t.Equal("Claim(deliveries, limit=3)", Ids(t.Deliveries(100, 3)),
               Numbers{"2", "3", "4"});
     }},
    {kBasic, "repeated_key_is_dropped",
     "A delivery whose dedupe key the tenant has is dropped: the first "
     "stands.",
     kDropped, kNothing,
     [](Trial& t) {
       Queue(t, {10});
       DeliveryRow again = Delivery(2, 5);
       again.dedupe_key = "key 1";
       t.Commit({.deliveries = {again}});
       t.Commit({.deliveries = {again, again}});
       const Claimed claimed = t.OneDelivery(100);
       t.Equal("Claim, column id", Number(claimed.delivery->id),
               std::string("1"));
       t.Equal("Claim, column due_at", claimed.delivery->due_at, int64_t{10});
     }},
    {kBasic, "repeated_id_is_dropped",
     "A delivery whose id the tenant has is dropped.", kDropped, kNothing,
     [](Trial& t) {
       Queue(t, {10});
       DeliveryRow again = Delivery(1, 5);
       again.dedupe_key = "key 3";
       t.Commit({.deliveries = {again}});
       const Claimed claimed = t.OneDelivery(100);
       t.Equal("Claim, column dedupe_key", claimed.delivery->dedupe_key,
               std::string("key 1"));
       t.Equal("Claim, column due_at", claimed.delivery->due_at, int64_t{10});
     }},
    {kBasic, "told_is_told_for_good",
     "A finished delivery's dedupe key stays taken: told once.", kDropped,
     kNothing,
     [](Trial& t) {
       Queue(t, {10});
       t.Ok("Finish", t.Finish(t.OneDelivery(100), kNever, "sent"));
       DeliveryRow again = Delivery(2, 5);
       again.dedupe_key = "key 1";
       t.Commit({.deliveries = {again}});
       t.Equal("Claim after a repeated key", Ids(t.Deliveries(100)), Numbers{});
     }},
    {kBasic, "lease_hides", "A leased delivery is not told again.", kDeliveries,
     kNothing,
     [](Trial& t) {
       Queue(t, {10});
       t.OneDelivery(10);
       t.Equal("Claim of a leased delivery", Ids(t.Deliveries(10)), Numbers{});
       t.Equal("Claim(due=kNever - 1) of a leased delivery",
               Ids(t.Deliveries(kNever - 1)), Numbers{});
     }},
    {kBasic, "lease_ends_at_its_instant",
     "A lease lives until its end and not a millisecond longer.", kLeaseLives,
     kClock,
     [](Trial& t) {
       Queue(t, {10});
       t.OneDelivery(10);
       t.clock().AdvanceTime(absl::Seconds(30) - absl::Milliseconds(1));
       t.Equal("Claim a millisecond before the lease's end",
               Ids(t.Deliveries(10)), Numbers{});
       t.clock().AdvanceTime(absl::Milliseconds(1));
       t.Equal("Claim at the lease's end", Ids(t.Deliveries(10)), Numbers{"1"});
     }},
    {kBasic, "lease_is_as_long_as_asked",
     "A lease lasts as long as the claim asked for.",
     "absl::Duration lease = absl::Seconds(30);", kClock,
     [](Trial& t) {
       Queue(t, {10, 11});
       t.Claim({.queue = DueQuery::kDeliveries,
                .due = 100,
                .limit = 1,
                .lease = absl::Seconds(5)});
       t.Claim({.queue = DueQuery::kDeliveries,
                .due = 100,
                .limit = 1,
                .lease = absl::Minutes(5)});
       t.clock().AdvanceTime(absl::Seconds(6));
       t.Equal("Claim after 6 s of leases of 5 s and 5 min",
               Ids(t.Deliveries(100)), Numbers{"1"});
       t.clock().AdvanceTime(absl::Minutes(5));
       t.Equal("Claim after both leases", Ids(t.Deliveries(100)),
               Numbers{"1", "2"});
     }},
    {kBasic, "lease_is_measured_by_the_stores_clock",
     "A lease is measured by Now() and not by what is due.",
     "The store's own clock. It measures leases", kClock,
     [](Trial& t) {
       Queue(t, {10});
       t.OneDelivery(t.NowMs() + 86'400'000);
       t.clock().AdvanceTime(absl::Seconds(31));
       t.Equal("Claim after the lease, however late `due` was",
               Ids(t.Deliveries(10)), Numbers{"1"});
       t.Equal("Claim(due=next week) within the lease",
               Ids(t.Deliveries(t.NowMs() + 7 * 86'400'000)), Numbers{});
     }},
    {kBasic, "leased_row_hides_no_other",
     "A leased row does not hide those behind it.", kDeliveries, kNothing,
     [](Trial& t) {
       Queue(t, {10, 20, 30});
       t.Deliveries(10);
       t.Equal("Claim(limit=1) behind a leased row", Ids(t.Deliveries(100, 1)),
               Numbers{"2"});
       t.Equal("Claim(limit=1) behind two leased rows",
               Ids(t.Deliveries(100, 1)), Numbers{"3"});
     }},
    {kBasic, "token_rises", "A row's token rises with every claim.",
     "rises with every claim of the row; 0 for timers", kClock,
     [](Trial& t) {
       Queue(t, {10});
       int64_t last = 0;
       for (int attempt = 1; attempt <= 4; ++attempt) {
         const Claimed claimed = t.OneDelivery(10);
         t.True(absl::StrCat("Claim ", attempt, ", token"),
                claimed.token > last, Show(claimed.token),
                absl::StrCat("more than ", last));
         t.Equal(absl::StrCat("Claim ", attempt, ", attempts"),
                 claimed.delivery->attempts, attempt);
         last = claimed.token;
         t.clock().AdvanceTime(absl::Minutes(1));
       }
     }},
    {kBasic, "token_rises_over_finish",
     "A row's token rises also after it was finished for a retry.",
     "rises with every claim of the row; 0 for timers", kNothing,
     [](Trial& t) {
       Queue(t, {10});
       const Claimed first = t.OneDelivery(10);
       t.Ok("Finish for a retry", t.Finish(first, 20, "retry"));
       const Claimed second = t.OneDelivery(20);
       t.True("Claim after a retry, token", second.token > first.token,
              Show(second.token), absl::StrCat("more than ", first.token));
       t.Refused("Finish with the first token", t.Finish(first, kNever, "sent"),
                 E::STALE_TOKEN);
     }},
    {kBasic, "stale_token_refused",
     "A worker whose lease was taken over finishes nothing.", kStale, kClock,
     [](Trial& t) {
       Queue(t, {10});
       const Claimed slow = t.OneDelivery(10);
       t.clock().AdvanceTime(absl::Minutes(1));
       const Claimed quick = t.OneDelivery(10);
       t.Refused("Finish with the token before", t.Finish(slow, kNever, "dead"),
                 E::STALE_TOKEN);
       t.Equal("Claim while the second lease lives", Ids(t.Deliveries(10)),
               Numbers{});
       t.Ok("Finish with the newest token", t.Finish(quick, 500, "retry"));
       t.Refused("Finish with the token before, again",
                 t.Finish(slow, kNever, "dead"), E::STALE_TOKEN);
       t.Equal("Claim at the retry, state", t.OneDelivery(500).delivery->state,
               std::string("retry"));
     }},
    {kBasic, "unclaimed_cannot_be_finished",
     "A row that was never claimed cannot be finished.", kStale, kNothing,
     [](Trial& t) {
       Queue(t, {10});
       for (const int64_t token : {0, 1, -1}) {
         const Finished finished{
             .tenant = kCity, .id = Id(1), .token = token, .state = "sent"};
         const auto verdicts = t.store().Finish({&finished, 1});
         if (!t.Equal("Finish, verdicts", verdicts.size(), size_t{1})) return;
         t.Refused(
             absl::StrCat("Finish(token=", token, ") of a row never claimed"),
             verdicts[0], E::STALE_TOKEN);
       }
       t.Equal("Claim", Ids(t.Deliveries(10)), Numbers{"1"});
     }},
    {kBasic, "missing_row_cannot_be_finished",
     "A row that is not there cannot be finished.", kStale, kNothing,
     [](Trial& t) {
       Claimed claimed{.delivery = Delivery(9, 0), .token = 1};
       t.Refused("Finish of no row", t.Finish(claimed, kNever, "sent"),
                 E::STALE_TOKEN);
       t.Equal("Claim", Ids(t.Deliveries(kNever - 1)), Numbers{});
     }},
    {kBasic, "expired_lease_may_finish",
     "A lease that ran out still finishes if nobody took the row.", kStale,
     kClock,
     [](Trial& t) {
       Queue(t, {10});
       const Claimed claimed = t.OneDelivery(10);
       t.clock().AdvanceTime(absl::Hours(1));
       t.Ok("Finish after the lease's end", t.Finish(claimed, kNever, "sent"));
       t.Equal("Claim of a finished row", Ids(t.Deliveries(10)), Numbers{});
     }},
    {kBasic, "finish_may_be_said_twice",
     "The same answer given twice is no error.",
     "is no error, so an unknown outcome may be tried again;", kNothing,
     [](Trial& t) {
       Queue(t, {10});
       const Claimed claimed = t.OneDelivery(10);
       t.Ok("Finish", t.Finish(claimed, 50, "retry"));
       t.Ok("Finish, said again", t.Finish(claimed, 50, "retry"));
       const Claimed again = t.OneDelivery(50);
       t.Equal("Claim, attempts", again.delivery->attempts, 2);
     }},
    {kBasic, "finish_ends_the_lease",
     "A finished row that is due again is told at once.", kEnds, kNothing,
     [](Trial& t) {
       Queue(t, {10});
       t.Ok("Finish for a retry at once",
            t.Finish(t.OneDelivery(10), 10, "retry"));
       t.Equal("Claim of a row due again", Ids(t.Deliveries(10)), Numbers{"1"});
     }},
    {kBasic, "retry_comes_when_it_is_due",
     "A retried delivery comes back at its instant, with its new state.",
     "when to try again; kNever: it is over", kNothing,
     [](Trial& t) {
       Queue(t, {10});
       t.Ok("Finish", t.Finish(t.OneDelivery(10), 500, "retry"));
       t.Equal("Claim before the retry", Ids(t.Deliveries(499)), Numbers{});
       const Claimed again = t.OneDelivery(500);
       t.Equal("Claim, state", again.delivery->state, std::string("retry"));
       t.Equal("Claim, column due_at", again.delivery->due_at, int64_t{500});
       t.Equal("Claim, attempts", again.delivery->attempts, 2);
     }},
    {kBasic, "finished_is_over", "A row finished with kNever is over.",
     "when to try again; kNever: it is over", kClock,
     [](Trial& t) {
       Queue(t, {10});
       t.Ok("Finish", t.Finish(t.OneDelivery(10), kNever, "sent"));
       t.clock().AdvanceTime(absl::Hours(1));
       t.Equal("Claim of a finished row", Ids(t.Deliveries(kNever)), Numbers{});
     }},
    {kBasic, "finish_answers_each",
     "Finish answers a verdict for each, in order; a stale one leaves the "
     "others.",
     kStale, kNothing,
     [](Trial& t) {
       Queue(t, {10, 11, 12});
       std::vector<Finished> finished;
       for (const Claimed& c : t.Deliveries(100)) {
         finished.push_back({.tenant = kCity,
                             .id = c.delivery->id,
                             .token = c.token,
                             .due_at = 900,
                             .state = "retry"});
       }
       if (!t.Equal("Claim, count", finished.size(), size_t{3})) return;
       finished[1].token += 5;
       const auto verdicts = t.store().Finish(finished);
       if (!t.Equal("Finish of 3, verdicts", verdicts.size(), size_t{3})) {
         return;
       }
       t.Ok("Finish, row 1 of 3", verdicts[0]);
       t.Refused("Finish, row 2 of 3", verdicts[1], E::STALE_TOKEN);
       t.Ok("Finish, row 3 of 3", verdicts[2]);
       t.Equal("Claim(due=900)", Ids(t.Deliveries(900)), Numbers{"1", "3"});
     }},
    {kBasic, "long_finish_answers_each",
     "A long Finish, too, answers each by its own token; a row named twice is "
     "finished.",
     kStale, kClock,
     [](Trial& t) {
       constexpr int kRows = 40;
       constexpr int kTaken = 5;
       Queue(t, std::vector<int64_t>(kRows, 10));
       const std::vector<Claimed> slow = t.Deliveries(10);
       if (!t.Equal("Claim, count", slow.size(), size_t{kRows})) return;
       t.clock().AdvanceTime(absl::Minutes(1));
       t.Deliveries(10, kTaken);  // by another worker
       std::vector<Finished> finished;
       for (const Claimed& c : slow) {
         t.Equal("Claim, attempts", c.delivery->attempts, 1);
         finished.push_back({.tenant = kCity,
                             .id = c.delivery->id,
                             .token = c.token,
                             .state = "sent"});
       }
       finished.push_back(finished.back());
       const auto verdicts = t.store().Finish(finished);
       if (!t.Equal("Finish, verdicts", verdicts.size(), finished.size())) {
         return;
       }
       for (size_t i = 0; i < verdicts.size(); ++i) {
         const std::string row =
             absl::StrCat("Finish, row ", i + 1, " of ", verdicts.size());
         if (i < kTaken) {
           t.Refused(row, verdicts[i], E::STALE_TOKEN);
         } else {
           t.Ok(row, verdicts[i]);
         }
       }
       t.clock().AdvanceTime(absl::Minutes(1));
       t.Equal("Claim of what was not finished", Ids(t.Deliveries(10)),
               Numbers{"1", "2", "3", "4", "5"});
     }},
    {kBasic, "attempt_counts_when_claimed",
     "An attempt counts when it is claimed, so that a crash counts.",
     kDurablyLeased, kClock,
     [](Trial& t) {
       Queue(t, {10});
       t.OneDelivery(10);
       t.clock().AdvanceTime(absl::Minutes(1));  // never finished
       t.Equal("Claim after a lost attempt, attempts",
               t.OneDelivery(10).delivery->attempts, 2);
     }},
    {kBasic, "attempts_given_back",
     "A row that is given back with its attempts counts from them; said twice "
     "it is the same.",
     "The attempts to count from; absent: as they are.", kNothing,
     [](Trial& t) {
       Queue(t, {10});
       for (int round = 1; round <= 3; ++round) {
         const Claimed claimed = t.OneDelivery(10);
         t.Equal("Claim of a row given back, attempts",
                 claimed.delivery->attempts, 1);
         const Finished back{.tenant = kCity,
                             .id = claimed.delivery->id,
                             .token = claimed.token,
                             .due_at = 10,
                             .state = "queued",
                             .attempts = 0};
         for (const char* call : {"Finish", "Finish, said again"}) {
           const auto verdicts = t.store().Finish({&back, 1});
           if (!t.Equal("Finish, verdicts", verdicts.size(), size_t{1})) return;
           t.Ok(call, verdicts[0]);
         }
       }
       t.Ok("Finish for a retry", t.Finish(t.OneDelivery(10), 10, "retry"));
       t.Equal("Claim of a row tried once, attempts",
               t.OneDelivery(10).delivery->attempts, 2);
     }},
    {kBasic, "next_due_of_deliveries",
     "NextDue of a leased delivery is its lease's end or its due instant, "
     "whichever is later.",
     "lease (on the store's clock) or from its due instant", kNextDue | kClock,
     [](Trial& t) {
       Queue(t, {10, 20});
       t.Equal("NextDue(deliveries)", t.Next(DueQuery::kDeliveries),
               int64_t{10});
       t.Deliveries(10);
       t.Equal("NextDue behind a leased row", t.Next(DueQuery::kDeliveries),
               int64_t{20});
       const auto rest = t.Deliveries(20);
       if (rest.size() != 1) return;
       t.Equal("NextDue, all leased", t.Next(DueQuery::kDeliveries),
               t.NowMs() + 30'000);
       t.Ok("Finish", t.Finish(rest[0], kNever, "sent"));
       t.clock().AdvanceTime(absl::Seconds(30));
       t.Equal("NextDue after the lease", t.Next(DueQuery::kDeliveries),
               int64_t{10});
       const Claimed far = t.OneDelivery(100);
       const int64_t later = t.NowMs() + 3'600'000;
       t.Ok("Finish for a retry in an hour", t.Finish(far, later, "retry"));
       t.Claim({.queue = DueQuery::kDeliveries, .due = later});
       t.Equal("NextDue, leased and due after the lease",
               t.Next(DueQuery::kDeliveries), later);
     }},
};

}  // namespace

std::span<const Contract> TimerContracts() { return kTimerContracts; }
std::span<const Contract> DeliveryContracts() { return kDeliveryContracts; }

}  // namespace hotline::testing
