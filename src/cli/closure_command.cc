// closure add, withdraw, list: a typhoon afternoon entered by the duty officer.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/error.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/declaring.h"

namespace hotline::cli {
namespace {

v1::ClosureSpec ClosureOf(const Arguments& args) {
  v1::ClosureSpec closure;
  closure.set_id(args.Get("id"));
  closure.set_from(args.Get("from"));
  closure.set_until(args.Get("until"));
  SetCodes(args.Get("area"), closure.mutable_areas());
  SetCodes(args.Get("unit"), closure.mutable_units());
  closure.set_announced(args.Get("announced"));
  closure.set_reason(args.Get("reason"));
  closure.set_source(args.Get("source"));
  return closure;
}

void Withdraw(const std::string& calendar, const std::string& id,
              v1::PolicyPatch* patch) {
  v1::ClosureId* name = patch->add_withdraw_closures();
  name->set_calendar(calendar);
  name->set_id(id);
}

// `--calendar`, if given, is one of the policy's.
absl::Status CheckCalendar(const Arguments& args, const Policy& policy) {
  std::vector<std::string> known;
  for (const v1::CalendarSpec& calendar : policy.spec().calendars()) {
    known.push_back(calendar.id());
  }
  const std::string& asked = args.Get("calendar");
  if (!args.Has("calendar") ||
      std::find(known.begin(), known.end(), asked) != known.end()) {
    return absl::OkStatus();
  }
  const std::string near = Nearest(asked, known);
  return absl::InvalidArgumentError(absl::StrCat(
      "no calendar \"", asked, "\"; ",
      near.empty() ? absl::StrCat("there are: ", absl::StrJoin(known, ", "))
                   : absl::StrCat("did you mean ", near, "?")));
}

int CarryClosure(const Arguments& args, v1::PolicyPatch patch,
                 const std::string& id, Io io) {
  const absl::StatusOr<Desk> desk = OpenDesk(args);
  if (!desk.ok()) return Fail(desk.status(), io.err);
  const std::string& calendar = args.Get("calendar");
  const Declaration declaration = {
      .patch = std::move(patch),
      .name = absl::StrCat("closure ", id, " of calendar ", calendar),
      .json = absl::StrCat("\"calendar\":", JsonQuote(calendar),
                           ",\"id\":", JsonQuote(id))};
  return Carry(args, *desk, declaration, io);
}

}  // namespace

int ClosureAdd(const Arguments& args, Io io) {
  v1::PolicyPatch patch;
  const std::string& calendar = args.Get("calendar");
  if (args.Has("replace")) Withdraw(calendar, args.Get("replace"), &patch);
  const v1::ClosureSpec closure = ClosureOf(args);
  v1::CalendarClosures* add = patch.add_add_closures();
  add->set_calendar(calendar);
  *add->add_closures() = closure;
  return CarryClosure(args, std::move(patch), ClosureIdOf(closure), io);
}

int ClosureWithdraw(const Arguments& args, Io io) {
  v1::PolicyPatch patch;
  Withdraw(args.Get("calendar"), args.Get("id"), &patch);
  return CarryClosure(args, std::move(patch), args.Get("id"), io);
}

int ClosureList(const Arguments& args, Io io) {
  const absl::StatusOr<Desk> desk = OpenDesk(args, /*only_reads=*/true);
  if (!desk.ok()) return Fail(desk.status(), io.err);
  if (const absl::Status s = CheckCalendar(args, *desk->policy); !s.ok()) {
    return Fail(s, io.err);
  }
  for (const v1::CalendarSpec& calendar : desk->policy->spec().calendars()) {
    if (args.Has("calendar") && args.Get("calendar") != calendar.id()) continue;
    for (v1::ClosureSpec closure : calendar.closures()) {
      closure.set_id(ClosureIdOf(closure));
      if (args.Has("json")) {
        io.out << "{\"calendar\":" << JsonQuote(calendar.id())
               << ",\"closure\":" << ToJson(closure) << "}\n";
        continue;
      }
      io.out << calendar.id() << "  " << closure.id() << "  " << closure.from()
             << "  " << closure.until();
      PrintList("areas", closure.areas(), io.out);
      PrintList("units", closure.units(), io.out);
      PrintWhy(closure, io.out);
    }
  }
  return kDone;
}

}  // namespace hotline::cli
