// report compliance.
#include <memory>
#include <utility>

#include "hotline/report.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/figures.h"
#include "src/cli/tenant.h"

namespace hotline::cli {
namespace {

struct Wanted {
  ComplianceRequest request;
  std::string format;
  std::string language;
};

absl::Status ReadRange(const Arguments& args, ComplianceRequest* request) {
  const auto from = ParseDay("from", args.Get("from"));
  if (!from.ok()) return from.status();
  const auto to = ParseDay("to", args.Get("to"));
  if (!to.ok()) return to.status();
  request->from = *from;
  request->to = *to;
  const auto as_of = AsOf(args);
  if (!as_of.ok()) return as_of.status();
  request->as_of = *as_of;
  return absl::OkStatus();
}

absl::StatusOr<Wanted> Read(const Arguments& args) {
  Wanted wanted;
  if (absl::Status bad = ReadRange(args, &wanted.request); !bad.ok()) {
    return bad;
  }
  if (args.Has("by")) {
    auto by = ParseReportBy(args.Get("by"));
    if (!by.ok()) return by.status();
    wanted.request.by = *std::move(by);
  }
  if (args.Has("period")) {
    const auto period = ParseReportPeriod(args.Get("period"));
    if (!period.ok()) return period.status();
    wanted.request.period = *period;
  }
  wanted.request.roll_up = args.Has("roll-up");
  auto format = FormatOf(args, {"text", "csv", "json", "html"});
  if (!format.ok()) return format.status();
  wanted.format = *std::move(format);
  auto language = HeadingLanguageOf(args);
  if (!language.ok()) return language.status();
  wanted.language = *std::move(language);
  return wanted;
}

void Print(const ComplianceReport& report, const Wanted& wanted, Io io) {
  if (wanted.format == "csv") {
    io.out << ToCsv(report);
  } else if (wanted.format == "json") {
    io.out << ToJson(report) << "\n";
  } else if (wanted.format == "html") {
    io.out << ToHtml(report, wanted.language);
  } else {
    io.out << ToText(report, wanted.language);
  }
}

}  // namespace

int ReportComplianceCommand(const Arguments& args, Io io) {
  auto wanted = Read(args);
  if (!wanted.ok()) return Fail(wanted.status(), io.err);
  const auto store = OpenStore(args.Get("store"), /*read_only=*/true);
  if (!store.ok()) return Fail(store.status(), io.err);
  const auto tenant = ChooseTenant(args.Get("tenant"), store->get());
  if (!tenant.ok()) return Fail(tenant.status(), io.err);
  wanted->request.tenant = *tenant;
  Speed speed(args, io.err);
  absl::StatusOr<ComplianceReport> report;
  {
    Progress progress("cases", io.err);
    wanted->request.progress = [&](int64_t cases) {
      progress.Update(cases, 0);
    };
    report = ReportCompliance(store->get(), wanted->request);
  }
  if (!report.ok()) return Fail(report.status(), io.err);
  speed.Say(report->cases_read);
  Print(*report, *wanted, io);
  return kDone;
}

}  // namespace hotline::cli
