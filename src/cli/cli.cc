#include "src/cli/cli.h"

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/cli/commands.h"
#include "src/cli/flags.h"
#include "src/cli/io.h"
#include "src/cli/replay_command.h"

namespace hotline::cli {
namespace {

struct Command {
  Usage usage;
  std::function<int(const Arguments&, Io)> run;
};

const Flag kJson = {"json", "", "one JSON object a line"};
const Flag kLanguage = {"lang", "TAG",
                        "language of words and names: en, zh-Hant"};
const Flag kExplainForm = {"format", "FORM",
                           "text (default), json, svg or mermaid"};
const Flag kStore = {"store", "STORE", "memory: or sqlite:PATH", true};
const Flag kTenant = {"tenant", "NAME",
                      "whose cases; needed where there are several"};
const Flag kPersonal = {"personal", "",
                        "show names, addresses and citizens' texts"};
const Flag kPolicy = {"policy", "FILE", ".textproto or .json", true};

std::vector<Command> PolicyCommands() {
  return {
      {{.noun = "policy",
        .verb = "check",
        .files = "FILE...",
        .files_min = 1,
        .files_max = 10'000,
        .summary = "Compiles each policy and prints every problem as\n"
                   "FILE: path.to.field: what is wrong; hint",
        .flags = {kJson},
        .example = "hotline policy check "
                   "examples/policies/taipei1999.textproto"},
       PolicyCheck},
      {{.noun = "policy",
        .verb = "show",
        .files = "FILE",
        .files_min = 1,
        .files_max = 1,
        .summary = "What the policy says, as table or diagram.",
        .flags = {{"view", "WHAT", "workflow, taxonomy or sla", true},
                  {"format", "FORM", "text (default), mermaid, dot or json"},
                  kJson,
                  kLanguage},
        .example = "hotline policy show "
                   "examples/policies/taipei1999.textproto --view=sla"},
       PolicyShow},
      {{.noun = "policy",
        .verb = "sheet",
        .files = "FILE",
        .files_min = 1,
        .files_max = 1,
        .summary = "What a city signs: each promise in a citizen's words, its\n"
                   "start, calendar, unit, validity and source.",
        .flags = {{"format", "FORM", "text (default), html or csv"}, kLanguage},
        .example = "hotline policy sheet "
                   "examples/policies/taipei1999.textproto --lang=zh-Hant "
                   "--format=html"},
       PolicySheet},
      {{.noun = "policy",
        .verb = "diff",
        .files = "OLD NEW",
        .files_min = 2,
        .files_max = 2,
        .summary = "What changes for the citizen from one policy to the next:\n"
                   "promises shorter, longer, new or gone; days on and off;\n"
                   "closures. Exit status 1 if anything does.",
        .flags = {{"from", "INSTANT",
                   "promises are tried on the year from then; default: now"},
                  kJson,
                  kLanguage},
        .example = "hotline policy diff "
                   "examples/policies/taipei1999.textproto "
                   "examples/policies/tainan1999.textproto"},
       PolicyDiff},
  };
}

std::vector<Command> SlaCommands() {
  return {
      {{.noun = "sla",
        .verb = "explain",
        .summary = "Which target, calendar and ladder apply to a case opened\n"
                   "then, and why; the due instant derived step by step.",
        .flags = {kPolicy,
                  {"category", "CODE", "code, path or alias", true},
                  {"at", "INSTANT", "when it is opened, with offset", true},
                  {"priority", "CODE", "default: the category's"},
                  {"area", "CODE", "where"},
                  {"unit", "CODE", "default: what the routes say"},
                  kExplainForm,
                  kJson,
                  kLanguage},
        .example =
            "hotline sla explain --policy "
            "examples/policies/taipei1999.textproto --category streetlight "
            "--at 2026-02-13T17:42:00+08:00"},
       SlaExplain},
      {{.noun = "scenario",
        .verb = "run",
        .files = "FILE...",
        .files_min = 1,
        .files_max = 100'000,
        .summary = "Runs scenarios (a policy, commands at instants,\n"
                   "expectations) on a simulated clock; prints what differs.\n"
                   "With --json: one object for each step, with all clocks.\n"
                   "Exit status 1 if anything differs.",
        .flags = {kJson},
        .example = "hotline scenario run "
                   "examples/scenarios/weekend.textproto"},
       ScenarioRun},
  };
}

std::vector<Command> CalendarCommands() {
  return {
      {{.noun = "calendar",
        .verb = "eval",
        .summary = "Answers calendar questions, one JSON object a line on\n"
                   "standard input, one a line on standard output, in order.\n"
                   "Answers past what a calendar is known for say\n"
                   "\"provisional\":true.",
        .flags = {kPolicy},
        .example = "echo '{\"id\":1,\"op\":\"next_open\","
                   "\"calendar\":\"taipei\","
                   "\"at\":\"2026-02-14T09:00:00+08:00\"}' | hotline "
                   "calendar eval --policy "
                   "examples/policies/taipei1999.textproto"},
       CalendarEval},
      {{.noun = "calendar",
        .verb = "show",
        .summary = "A month as people print it: open hours, holidays, special\n"
                   "days, breaks, closures. With --json: an object for each\n"
                   "date.",
        .flags = {kPolicy,
                  {"calendar", "ID", "of the policy", true},
                  {"month", "YYYY-MM", "from 1970 to 2170", true},
                  {"area", "CODE", "with the closures that hold there"},
                  {"unit", "CODE", "with the closures that hold for it"},
                  kJson},
        .example = "hotline calendar show --policy "
                   "examples/policies/taipei1999.textproto "
                   "--calendar=taipei --month=2026-02"},
       CalendarShow},
      {{.noun = "calendar",
        .verb = "import",
        .files = "[FILE...]",
        .files_max = 200,
        .summary = "A calendar from the list of days or the rules by which it\n"
                   "is published, as a policy of that calendar alone. Every\n"
                   "line that is not understood is told; then nothing is\n"
                   "printed. Lists: one FILE a year.",
        .flags = {{"format", "FORM",
                   "dgpa (CSV), json (TaiwanCalendar), us-federal or nyc",
                   true},
                  {"hours", "HOURS",
                   "Monday to Friday and on make-up days: "
                   "08:30-12:30,13:30-17:30",
                   true},
                  {"years", "YEARS", "of us-federal and nyc: 2024-2035"},
                  {"id", "ID", "name of the calendar"},
                  {"time-zone", "ZONE", "default: that of the form"},
                  {"revision", "TEXT", "name of the revision"},
                  {"source", "TEXT", "where it comes from"},
                  kJson},
        .example = "hotline calendar import --format=us-federal "
                   "--hours=09:00-17:00 --years=2024-2035"},
       CalendarImport},
  };
}

std::vector<Command> CaseCommands() {
  const auto usage = [](const std::string& verb, std::string summary,
                        std::vector<Flag> more) {
    Usage u = {.noun = "case",
               .verb = verb,
               .files = "REFERENCE",
               .files_min = 1,
               .files_max = 1,
               .summary = std::move(summary),
               .flags = {kStore, kTenant},
               .example = absl::StrCat("hotline case ", verb,
                                       " --store sqlite:city.db "
                                       "4821-0937-55126")};
    u.flags.insert(u.flags.end(), more.begin(), more.end());
    return u;
  };
  return {
      {usage("show", "The case as it stands, clocks as of now.",
             {kPersonal, kJson, kLanguage}),
       CaseShow},
      {usage("history", "Every event of the case with its facts.",
             {kPersonal, kJson, kLanguage}),
       CaseHistory},
      {usage("timeline", "What happened over time, as text or picture.",
             {{"format", "FORM", "text (default), mermaid, svg or json"},
              kJson,
              kLanguage}),
       CaseTimeline},
      {usage("explain",
             "Why it is due then, step by step, by the policy that judged\n"
             "each step; why it was escalated, who was told and who was not.",
             {kExplainForm, kJson, kLanguage}),
       CaseExplain},
  };
}

const Flag kDryRun = {"dry-run", "", "say what it would do; write nothing"};
const Flag kBy = {"by", "NAME", "who enters it; none: hotline"};
const Flag kReason = {"reason", "TEXT", "such as typhoon"};
const Flag kDeclaredBy = {"source", "TEXT", "who declared it, and where"};
const Flag kAnnounced = {"announced", "INSTANT",
                         "when it became known; none: now"};

std::vector<Command> ClosureCommands() {
  const Flag calendar = {"calendar", "ID", "a calendar of the policy", true};
  return {
      {{.noun = "closure",
        .verb = "add",
        .summary =
            "Closes a calendar between two instants and plans anew every\n"
            "case it touches. Prints promises moved to later and earlier,\n"
            "breaches withdrawn and promises broken by it, by category and\n"
            "unit, and how many people are to be told.",
        .flags = {kStore,
                  kTenant,
                  calendar,
                  {"from", "INSTANT", "with offset", true},
                  {"until", "INSTANT", "when it is over", true},
                  {"area", "CODE,...", "only there; none: everywhere"},
                  {"unit", "CODE,...", "only for these; none: for all"},
                  kReason,
                  kDeclaredBy,
                  kAnnounced,
                  {"id", "NAME", "by which it is withdrawn; none: made up"},
                  {"replace", "ID", "withdraws this one in the same change"},
                  kBy,
                  kDryRun,
                  kJson},
        .example = "hotline closure add --store sqlite:city.db --calendar "
                   "office --area xinyi --from 2026-08-10T15:00:00+08:00 "
                   "--until 2026-08-11T00:00:00+08:00 --reason typhoon "
                   "--dry-run"},
       ClosureAdd},
      {{.noun = "closure",
        .verb = "withdraw",
        .summary = "Takes a closure back and plans anew every case it touches.",
        .flags = {kStore,
                  kTenant,
                  calendar,
                  {"id", "NAME", "as closure list shows it", true},
                  kBy,
                  kDryRun,
                  kJson},
        .example = "hotline closure withdraw --store sqlite:city.db "
                   "--calendar office --id c-3f9a1b2c4d --dry-run"},
       ClosureWithdraw},
      {{.noun = "closure",
        .verb = "list",
        .summary = "The closures of the policy in force.",
        .flags =
            {kStore, kTenant, {"calendar", "ID", "only of this one"}, kJson},
        .example = "hotline closure list --store sqlite:city.db"},
       ClosureList},
  };
}

std::vector<Command> EventCommands() {
  return {
      {{.noun = "event",
        .verb = "declare",
        .files = "[FILE]",
        .files_max = 1,
        .summary =
            "Declares a storm or a festival: what is opened while it lasts is\n"
            "promised its targets instead of the ordinary ones, and keeps\n"
            "them when it is over; what was opened since it began is planned\n"
            "anew. One of the same code is replaced. A PROMISE is\n"
            "[CATEGORY/]CLOCK=KIND:AMOUNT, such as tree/resolve=elapsed:72h;\n"
            "kinds: working_time, elapsed, working_days, calendar_days,\n"
            "calendar_months. FILE holds a plan made before, declared_events\n"
            "as in a policy; flags go before what it says. Prints what moves\n"
            "as closure add does.",
        .flags = {kStore,
                  kTenant,
                  {"code", "CODE", "its name"},
                  {"from", "INSTANT", "with offset"},
                  {"until", "INSTANT", "when it is over"},
                  {"target", "PROMISE,...", "what is promised"},
                  {"area", "CODE,...", "only there; none: everywhere"},
                  kReason,
                  kDeclaredBy,
                  kAnnounced,
                  kBy,
                  kDryRun,
                  kJson},
        .example = "hotline event declare --store sqlite:city.db --code gaemi "
                   "--from 2026-08-10T00:00:00+08:00 "
                   "--until 2026-08-17T00:00:00+08:00 "
                   "--target tree/resolve=working_days:10 --reason typhoon "
                   "--dry-run"},
       EventDeclare},
      {{.noun = "event",
        .verb = "end",
        .summary =
            "Ends a declared event before its time: what is opened from then\n"
            "on is promised the ordinary targets. One that has not begun ends\n"
            "as it begins.",
        .flags = {kStore,
                  kTenant,
                  {"code", "CODE", "as event list shows it", true},
                  {"at", "INSTANT", "when; none: now"},
                  kBy,
                  kDryRun,
                  kJson},
        .example = "hotline event end --store sqlite:city.db --code gaemi "
                   "--dry-run"},
       EventEnd},
      {{.noun = "event",
        .verb = "list",
        .summary = "The declared events of the policy in force, also those "
                   "that are over.",
        .flags = {kStore, kTenant, kJson},
        .example = "hotline event list --store sqlite:city.db"},
       EventList},
  };
}

std::vector<Command> StoreCommands() {
  return {
      {{.noun = "store",
        .verb = "check",
        .summary = "Versions, gapless events, fold equals snapshot, hash\n"
                   "chain; timers and outbox agree with the cases.",
        .flags = {kStore, kTenant, kJson},
        .example = "hotline store check --store sqlite:city.db"},
       StoreCheck},
      {{.noun = "store",
        .verb = "run",
        .summary =
            "A worker: fires timers and hands over deliveries until it\n"
            "is stopped (SIGINT, SIGTERM). Adopts the policy if none is\n"
            "in force.",
        .flags = {kStore,
                  kPolicy,
                  kTenant,
                  {"notices", "FILE",
                   "where deliveries are written; none: "
                   "hotline-notices.jsonl"},
                  {"once", "", "do what is due now, then end"},
                  kJson},
        .example = "hotline store run --store sqlite:city.db --policy "
                   "examples/policies/taipei1999.textproto --once"},
       StoreRun},
      {{.noun = "store",
        .verb = "backup",
        .summary =
            "Copies a store of SQLite as it stands now, while its engine goes\n"
            "on. FILE must not exist; it bears its name when it is whole.",
        .flags = {kStore,
                  {"to", "FILE", "where the copy is to stand", true},
                  kJson},
        .example = "hotline store backup --store sqlite:city.db --to "
                   "city-backup.db"},
       StoreBackup},
      {{.noun = "store",
        .verb = "schema",
        .summary =
            "The statements that make the tables, for those who run the\n"
            "database; or, with --markdown, what the tables hold.",
        .flags = {{"dialect", "NAME", "sqlite or postgres"},
                  {"from", "N", "the version that stands there; none: 0"},
                  {"to", "N", "the version wanted; none: the newest"},
                  {"markdown", "", "a page for people, of both dialects"}},
        .example = "hotline store schema --dialect postgres"},
       StoreSchema},
  };
}

const Flag kAsOf = {"as-of", "INSTANT",
                    "open promises are judged as of it; none: now"};
const Flag kVerbose = {"verbose", "", "say on stderr how fast it went"};
const Flag kRollUp = {"roll-up", "", "a category holds those below it, too"};

std::vector<Command> FigureCommands() {
  return {
      {{.noun = "report",
        .verb = "compliance",
        .summary =
            "Were promises kept? Those due in a time, both dates included,\n"
            "counted from the clocks of every case: met, breached, open and\n"
            "late, open in time, paused, cancelled, and the time they took.\n"
            "A rate is given where at least 20 cases were decided. Reads the\n"
            "whole store, writes nothing.",
        .flags = {kStore,
                  {"from", "DATE", "first due date", true},
                  {"to", "DATE", "last due date", true},
                  {"by", "WHAT,...",
                   "clock (always), category, unit, area, period"},
                  {"period", "LENGTH", "month (default), week or day"},
                  kRollUp,
                  {"format", "FORM", "text (default), csv, json or html"},
                  kJson,
                  kLanguage,
                  kAsOf,
                  kTenant,
                  kVerbose},
        .example = "hotline report compliance --store sqlite:city.db "
                   "--from 2026-02-01 --to 2026-02-28 --by category"},
       ReportComplianceCommand},
      {{.noun = "whatif",
        .verb = "",
        .summary =
            "What the store holds, judged by another policy: promises kept\n"
            "before and after by category and unit. Says what it cannot\n"
            "model. Writes nothing.",
        .flags = {kStore,
                  {"policy", "FILE",
                   ".textproto or .json; or the number of a version that was "
                   "in force",
                   true},
                  {"by", "WHAT,...",
                   "clock (always), category, unit, area; none: category,unit"},
                  kRollUp,
                  {"format", "FORM", "text (default), csv or json"},
                  kJson,
                  kLanguage,
                  kAsOf,
                  kTenant,
                  kVerbose},
        .example = "hotline whatif --store sqlite:city.db --policy "
                   "examples/policies/taipei1999.textproto"},
       WhatIfCommand},
  };
}

std::vector<Command> ExportCommands() {
  return {
      {{.noun = "export",
        .verb = "",
        .summary =
            "Every event of every case, those of one case in order, each at\n"
            "least once: for mirrors and reports. JSON: one event a line. "
            "CSV:\n"
            "one fact a row. Without personal data unless asked for. The next\n"
            "cursor is told on stderr and kept in --cursor-file.",
        .flags = {kStore,
                  kTenant,
                  {"since", "CURSOR",
                   "of an export before; or an INSTANT: looks through all, "
                   "tells what was recorded from then on"},
                  {"format", "FORM", "jsonl (default) or csv"},
                  {"out", "FILE",
                   "there whole or not at all; none: standard output"},
                  {"cursor-file", "FILE",
                   "begins where it says, unless by --since; then keeps the "
                   "next cursor"},
                  kPersonal},
        .example = "hotline export --store sqlite:city.db --format=csv "
                   "--out events.csv --cursor-file events.cursor"},
       ExportCommand},
  };
}

const std::vector<Command>& Commands() {
  static const auto* const all = [] {
    auto* commands = new std::vector<Command>;
    for (const auto& part :
         {PolicyCommands(), SlaCommands(), CalendarCommands(), CaseCommands(),
          ClosureCommands(), EventCommands(), FigureCommands(),
          ExportCommands(), StoreCommands()}) {
      commands->insert(commands->end(), part.begin(), part.end());
    }
    return commands;
  }();
  return *all;
}

// Nouns that read their arguments, and `--help`, themselves.
struct Delegate {
  std::string noun;
  std::vector<std::string> lines;  // for the list of all verbs
  int (*run)(const Args&, std::istream&, std::ostream&, std::ostream&);
};

const std::vector<Delegate>& Delegates() {
  static const auto* const all = new std::vector<Delegate>{
      {"replay",
       {"hotline replay --policy=FILE --map=FILE --store=STORE [--json] "
        "[--cases=FILE] [--refused=FILE] EXPORT..."},
       ReplayCommand},
  };
  return *all;
}

void PrintAll(std::ostream& out) {
  out << "hotline: case workflows of city hotlines\n\n"
         "hotline NOUN VERB [flags] [files]\n\n";
  for (const Command& command : Commands()) {
    out << "  " << UsageLine(command.usage) << "\n";
  }
  for (const Delegate& delegate : Delegates()) {
    for (const std::string& line : delegate.lines) out << "  " << line << "\n";
  }
  out << "\nhotline NOUN VERB --help says more.\n"
         "Exit status: 0 nothing wrong, 1 something found, 2 wrong usage or\n"
         "unreadable input, 3 the store or the network failed.\n\n"
         "Example\n  hotline policy check "
         "examples/policies/taipei1999.textproto\n";
}

int WrongUsage(const std::string& what, std::ostream& err) {
  err << "hotline: " << what << "\n";
  return kUsage;
}

std::string Hint(const std::string& word, const std::vector<std::string>& known,
                 const std::string& help) {
  const std::string near = Nearest(word, known);
  return near.empty() ? absl::StrCat("; see ", help)
                      : absl::StrCat("; did you mean ", near, "?");
}

int RunCommand(const Command& command, const Args& rest, Io io) {
  if (AsksForHelp(rest)) {
    PrintHelp(command.usage, io.out);
    return kDone;
  }
  const absl::StatusOr<Arguments> args = ParseArguments(command.usage, rest);
  if (args.ok()) return command.run(*args, io);
  return WrongUsage(
      absl::StrCat(args.status().message(), "\n", UsageLine(command.usage)),
      io.err);
}

// `hotline NOUN`, or with `--help`: the verbs of one noun.
int ShowNoun(const std::string& noun, bool help, Io io) {
  std::ostream& out = help ? io.out : io.err;
  for (const Command& command : Commands()) {
    if (command.usage.noun != noun) continue;
    out << UsageLine(command.usage) << "\n";
    if (help) out << "  example: " << command.usage.example << "\n";
  }
  return help ? kDone : kUsage;
}

int Dispatch(const Args& args, Io io) {
  const std::string& noun = args[0];
  const Args rest(args.begin() + 1, args.end());
  std::vector<std::string> nouns;
  for (const Delegate& delegate : Delegates()) {
    if (delegate.noun == noun) {
      return delegate.run(rest, io.in, io.out, io.err);
    }
    nouns.push_back(delegate.noun);
  }
  std::vector<std::string> verbs;
  for (const Command& command : Commands()) {
    nouns.push_back(command.usage.noun);
    if (command.usage.noun != noun) continue;
    if (command.usage.verb.empty()) return RunCommand(command, rest, io);
    verbs.push_back(command.usage.verb);
    if (!rest.empty() && rest[0] == command.usage.verb) {
      return RunCommand(command, {rest.begin() + 1, rest.end()}, io);
    }
  }
  if (verbs.empty()) {
    return WrongUsage(absl::StrCat("there is no \"", noun, "\"",
                                   Hint(noun, nouns, "hotline --help")),
                      io.err);
  }
  const bool help = AsksForHelp(rest);
  if (rest.empty() || help) return ShowNoun(noun, help, io);
  return WrongUsage(
      absl::StrCat("there is no \"", noun, " ", rest[0], "\"",
                   Hint(rest[0], verbs, "hotline " + noun + " --help")),
      io.err);
}

}  // namespace

int Main(const Args& args, std::istream& in, std::ostream& out,
         std::ostream& err) {
  if (args.empty()) {
    PrintAll(err);
    return kUsage;
  }
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    PrintAll(out);
    return kDone;
  }
  if (args[0] == "--version") {
    out << "hotline " HOTLINE_VERSION "\n";
    return kDone;
  }
  const int status = Dispatch(args, {in, out, err});
  out.flush();
  if (out.good()) return status;
  err << "hotline: the answer could not be written\n";
  return kFailed;
}

}  // namespace hotline::cli
