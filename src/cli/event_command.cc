// event declare, end, list: other targets while a storm lasts.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "hotline/clock.h"
#include "hotline/error.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/declaring.h"

namespace hotline::cli {
namespace {

using Target = v1::DeclaredEventSpec::Target;

// How much is promised, by the names of TargetSpec.
constexpr std::array kKinds = {"working_time", "elapsed", "working_days",
                               "calendar_days", "calendar_months"};

absl::Status WrongTarget(const std::string& text, const std::string& why) {
  return absl::InvalidArgumentError(
      absl::StrCat("--target: \"", text, "\" ", why));
}

// False if a number of days or months is none.
bool SetAmount(const std::string& kind, const std::string& amount,
               v1::TargetSpec* target) {
  if (kind == "working_time") target->set_working_time(amount);
  if (kind == "elapsed") target->set_elapsed(amount);
  if (target->amount_case() != v1::TargetSpec::AMOUNT_NOT_SET) return true;
  int number = 0;
  if (!absl::SimpleAtoi(amount, &number)) return false;
  if (kind == "working_days") target->set_working_days(number);
  if (kind == "calendar_days") target->set_calendar_days(number);
  if (kind == "calendar_months") target->set_calendar_months(number);
  return true;
}

// "tree/resolve=working_days:5"
absl::StatusOr<Target> ReadTarget(const std::string& text) {
  const size_t equals = text.find('=');
  const size_t colon = text.find(':', equals);
  if (equals == text.npos || colon == text.npos) {
    return WrongTarget(text,
                       "is no target; write resolve=working_days:5 or "
                       "tree/resolve=elapsed:72h");
  }
  const std::string where = text.substr(0, equals);
  const size_t slash = where.rfind('/');
  Target target;
  target.set_clock(slash == where.npos ? where : where.substr(slash + 1));
  if (slash != where.npos) target.set_category(where.substr(0, slash));
  const std::string kind = text.substr(equals + 1, colon - equals - 1);
  if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end()) {
    const std::string near = Nearest(kind, {kKinds.begin(), kKinds.end()});
    return WrongTarget(
        text, near.empty()
                  ? absl::StrCat("is of no kind; one of ",
                                 absl::StrJoin(kKinds, ", "))
                  : absl::StrCat("is of no kind; did you mean ", near, "?"));
  }
  if (!SetAmount(kind, text.substr(colon + 1), target.mutable_target())) {
    return WrongTarget(text, "names no whole number");
  }
  return target;
}

// The same as text, and in brackets what the flag cannot say.
std::string TargetText(const Target& on) {
  v1::TargetSpec rest = on.target();
  rest.clear_amount();
  rest.clear_source();
  std::string amount;
  switch (on.target().amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      amount = absl::StrCat("working_time:", on.target().working_time());
      break;
    case v1::TargetSpec::kElapsed:
      amount = absl::StrCat("elapsed:", on.target().elapsed());
      break;
    case v1::TargetSpec::kWorkingDays:
      amount = absl::StrCat("working_days:", on.target().working_days());
      break;
    case v1::TargetSpec::kCalendarDays:
      amount = absl::StrCat("calendar_days:", on.target().calendar_days());
      break;
    default:
      amount = absl::StrCat("calendar_months:", on.target().calendar_months());
  }
  const std::string more = rest.ShortDebugString();
  return absl::StrCat(on.category(), on.category().empty() ? "" : "/",
                      on.clock(), "=", amount,
                      more.empty() ? "" : absl::StrCat("[", more, "]"));
}

// One of them by its code; `where` they are declared.
absl::StatusOr<v1::DeclaredEventSpec> FindEvent(const std::string& code,
                                                const v1::PolicySpec& spec,
                                                const std::string& where) {
  std::vector<std::string> known;
  for (const v1::DeclaredEventSpec& event : spec.declared_events()) {
    if (event.code() == code) return event;
    known.push_back(event.code());
  }
  std::string wrong = absl::StrCat(where, " declares no event \"", code, "\"");
  const std::string near = Nearest(code, known);
  if (!near.empty()) {
    absl::StrAppend(&wrong, "; did you mean ", near, "?");
  } else if (!known.empty()) {
    absl::StrAppend(&wrong, "; there are: ", absl::StrJoin(known, ", "));
  }
  return absl::InvalidArgumentError(wrong);
}

// The plan made before: the event of --code, or the only one of the file.
absl::StatusOr<v1::DeclaredEventSpec> ReadPlan(const Arguments& args) {
  if (args.files().empty()) return v1::DeclaredEventSpec();
  const std::string& path = args.files()[0];
  const absl::StatusOr<FileForm> form = FormOf(path);
  if (!form.ok()) return form.status();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  const auto spec = *form == FileForm::kJson ? ParsePolicyJson(*text)
                                             : ParsePolicyTextproto(*text);
  if (!spec.ok()) return spec.status();
  if (!args.Has("code") && spec->declared_events_size() == 1) {
    return spec->declared_events(0);
  }
  return FindEvent(args.Get("code"), *spec, path);
}

// What the flags say, laid over the plan.
absl::Status ReadFlags(const Arguments& args, v1::DeclaredEventSpec* event) {
  if (args.Has("code")) event->set_code(args.Get("code"));
  if (args.Has("from")) event->set_from(args.Get("from"));
  if (args.Has("until")) event->set_until(args.Get("until"));
  if (args.Has("announced")) event->set_announced(args.Get("announced"));
  if (args.Has("reason")) event->set_reason(args.Get("reason"));
  if (args.Has("source")) event->set_source(args.Get("source"));
  if (args.Has("area")) {
    event->clear_areas();
    SetCodes(args.Get("area"), event->mutable_areas());
  }
  if (!args.Has("target")) return absl::OkStatus();
  event->clear_targets();
  for (const auto& text : absl::StrSplit(args.Get("target"), ',')) {
    absl::StatusOr<Target> target = ReadTarget(std::string(text));
    if (!target.ok()) return target.status();
    target->mutable_target()->set_source(event->source());
    *event->add_targets() = *std::move(target);
  }
  return absl::OkStatus();
}

// One that is over, or ends by then, is left alone.
absl::Status EndAt(absl::Time at, v1::DeclaredEventSpec* event) {
  const auto from = ParseInstant(event->from());
  if (!from.ok()) return from.status();
  const auto until = ParseInstant(event->until());
  if (!until.ok()) return until.status();
  if (at >= *until) {
    return absl::InvalidArgumentError(absl::StrCat(
        "event ", event->code(), " ends at ", event->until(),
        "; to make it last longer, declare it again with another --until"));
  }
  // An event lasts a millisecond at least.
  at = std::max(at, *from + absl::Milliseconds(1));
  at = absl::FromUnixMillis(absl::ToUnixMillis(at));
  event->set_until(
      absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", at, absl::UTCTimeZone()));
  return absl::OkStatus();
}

int CarryEvent(const Arguments& args, const Desk& desk,
               const v1::DeclaredEventSpec& event, Io io) {
  Declaration declaration = {
      .patch = {},
      .name = absl::StrCat("event ", event.code(), " from ", event.from(),
                           " until ", event.until()),
      .json = absl::StrCat("\"code\":", JsonQuote(event.code()),
                           ",\"from\":", JsonQuote(event.from()),
                           ",\"until\":", JsonQuote(event.until()))};
  *declaration.patch.add_declared_events() = event;
  return Carry(args, desk, declaration, io);
}

}  // namespace

int EventDeclare(const Arguments& args, Io io) {
  absl::StatusOr<v1::DeclaredEventSpec> event = ReadPlan(args);
  if (!event.ok()) {
    PrintProblems(args.files()[0], event.status(), io.err);
    return kUsage;
  }
  if (const absl::Status s = ReadFlags(args, &*event); !s.ok()) {
    return Fail(s, io.err);
  }
  const absl::StatusOr<Desk> desk = OpenDesk(args);
  if (!desk.ok()) return Fail(desk.status(), io.err);
  return CarryEvent(args, *desk, *event, io);
}

int EventEnd(const Arguments& args, Io io) {
  const absl::StatusOr<absl::Time> at =
      args.Has("at") ? ParseInstant(args.Get("at"))
                     : absl::StatusOr<absl::Time>(RealClock()->TimeNow());
  if (!at.ok()) return Fail(at.status(), io.err);
  const absl::StatusOr<Desk> desk = OpenDesk(args);
  if (!desk.ok()) return Fail(desk.status(), io.err);
  absl::StatusOr<v1::DeclaredEventSpec> event =
      FindEvent(args.Get("code"), desk->policy->spec(), "the policy in force");
  if (!event.ok()) return Fail(event.status(), io.err);
  if (const absl::Status s = EndAt(*at, &*event); !s.ok()) {
    return Fail(s, io.err);
  }
  return CarryEvent(args, *desk, *event, io);
}

int EventList(const Arguments& args, Io io) {
  const absl::StatusOr<Desk> desk = OpenDesk(args, /*only_reads=*/true);
  if (!desk.ok()) return Fail(desk.status(), io.err);
  for (const v1::DeclaredEventSpec& event :
       desk->policy->spec().declared_events()) {
    if (args.Has("json")) {
      io.out << "{\"event\":" << ToJson(event) << "}\n";
      continue;
    }
    io.out << event.code() << "  " << event.from() << "  " << event.until();
    std::vector<std::string> targets;
    for (const Target& target : event.targets()) {
      targets.push_back(TargetText(target));
    }
    PrintList("targets", targets, io.out);
    PrintList("areas", event.areas(), io.out);
    PrintWhy(event, io.out);
  }
  return kDone;
}

}  // namespace hotline::cli
