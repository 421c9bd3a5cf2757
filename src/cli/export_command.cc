// export: every event of every case, page by page, and where to go on.
#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/engine.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "src/cli/cli.h"
#include "src/cli/commands.h"
#include "src/cli/export_forms.h"
#include "src/cli/figures.h"
#include "src/cli/out_file.h"
#include "src/cli/tenant.h"

namespace hotline::cli {
namespace {

struct Wanted {
  bool csv = false;
  absl::Time since = absl::InfinitePast();
  std::string cursor;
};

// Where to begin: --since, else the cursor file if there is one, else at the
// first event.
absl::StatusOr<Wanted> Read(const Arguments& args) {
  Wanted wanted;
  const auto format = FormatOf(args, {"jsonl", "csv"});
  if (!format.ok()) return format.status();
  wanted.csv = *format == "csv";
  std::error_code ignored;
  if (args.Has("since")) {
    const auto instant = ParseInstant(args.Get("since"));
    if (instant.ok()) {
      wanted.since = *instant;
    } else {
      wanted.cursor = args.Get("since");
    }
  } else if (args.Has("cursor-file") &&
             std::filesystem::exists(args.Get("cursor-file"), ignored)) {
    absl::StatusOr<std::string> kept = ReadFile(args.Get("cursor-file"));
    if (!kept.ok()) return kept.status();
    while (!kept->empty() && kept->back() == '\n') kept->pop_back();
    wanted.cursor = *std::move(kept);
  }
  return wanted;
}

// Standard output or a file, a whole page at a time.
class Sink {
 public:
  Sink(std::unique_ptr<OutFile> file, std::ostream& out)
      : file_(std::move(file)), out_(out) {}

  absl::Status Write(const std::string& page) {
    if (file_ != nullptr) return file_->Write(page);
    out_ << page << std::flush;
    return OutGood();
  }
  absl::Status Finish() { return file_ ? file_->Finish() : OutGood(); }
  bool to_file() const { return file_ != nullptr; }

 private:
  absl::Status OutGood() const {
    if (out_.good()) return absl::OkStatus();
    return MakeError(v1::ErrorInfo::STORE_FAILED,
                     "the answer could not be written");
  }

  const std::unique_ptr<OutFile> file_;
  std::ostream& out_;
};

struct Told {
  int64_t events = 0;
  std::string cursor;
};

bool IsBefore(const v1::Event& event, absl::Time since) {
  const auto& at = event.recorded_at();
  return absl::FromUnixSeconds(at.seconds()) + absl::Nanoseconds(at.nanos()) <
         since;
}

// The cursor of the first page in which something of --since stands. The pages
// before it are passed by a column of their rows, which costs a small part of
// what it costs to open them and to look up what may be seen of their cases.
absl::StatusOr<std::string> Begin(Store* store, const Actor& actor,
                                  const Wanted& wanted) {
  EventRange range;
  range.tenant = actor.tenant;
  range.cursor = wanted.cursor;
  range.limit = limits::kPageItemsMax;
  for (bool more = wanted.since != absl::InfinitePast(); more;) {
    const auto page = store->ReadEvents(range);
    if (!page.ok()) return page.status();
    for (const EventRow& row : page->rows) {
      if (absl::FromUnixMillis(row.recorded_at) >= wanted.since) {
        return range.cursor;
      }
    }
    range.cursor = page->next_cursor;
    more = page->more;
  }
  return range.cursor;
}

// Moves the cursor on only behind a page that was written.
absl::Status Copy(Engine* engine, const Actor& actor, const Wanted& wanted,
                  Io io, Sink* sink, Told* told) {
  Progress progress("events", io.err);
  std::string text = wanted.csv ? ChangesCsvHeader() : "";
  int64_t read = 0;
  for (bool more = true; more;) {
    v1::Page page;
    page.set_limit(limits::kPageItemsMax);
    page.set_cursor(told->cursor);
    const auto changes = engine->Changes(actor, page);
    if (!changes.ok()) return changes.status();
    int64_t events = 0;
    for (const v1::Change& change : changes->changes()) {
      if (IsBefore(change.event(), wanted.since)) continue;
      text += wanted.csv ? ChangeToCsv(change) : ChangeToJsonLine(change);
      ++events;
    }
    if (absl::Status bad = sink->Write(text); !bad.ok()) return bad;
    text.clear();
    told->events += events;
    told->cursor = changes->next_cursor();
    more = changes->more();
    progress.Update(read += changes->changes_size(), 0);
  }
  return absl::OkStatus();
}

absl::Status Export(const Arguments& args, const Wanted& wanted, Io io,
                    Told* told) {
  const auto store = OpenStore(args.Get("store"), /*read_only=*/true);
  if (!store.ok()) return store.status();
  const auto tenant = ChooseTenant(args.Get("tenant"), store->get());
  if (!tenant.ok()) return tenant.status();
  Operator authorizer(args.Has("personal"));
  const auto engine = Engine::Open(store->get(), {.authorizer = &authorizer});
  if (!engine.ok()) return engine.status();
  std::unique_ptr<OutFile> file;
  if (args.Has("out")) {
    auto made = OutFile::Create(args.Get("out"));
    if (!made.ok()) return made.status();
    file = *std::move(made);
  }
  Sink sink(std::move(file), io.out);
  const Actor actor{.tenant = *tenant, .id = "hotline", .roles = {}};
  absl::StatusOr<std::string> begin = Begin(store->get(), actor, wanted);
  if (!begin.ok()) return begin.status();
  told->cursor = *std::move(begin);
  absl::Status copied = Copy(engine->get(), actor, wanted, io, &sink, told);
  if (copied.ok()) copied = sink.Finish();
  // Of a file nothing stands; on standard output whole pages do.
  if (!copied.ok() && sink.to_file()) told->cursor = wanted.cursor;
  return copied;
}

}  // namespace

int ExportCommand(const Arguments& args, Io io) {
  const absl::StatusOr<Wanted> wanted = Read(args);
  if (!wanted.ok()) return Fail(wanted.status(), io.err);
  Told told;
  if (absl::Status bad = Export(args, *wanted, io, &told); !bad.ok()) {
    const int status = Fail(bad, io.err);
    if (told.events > 0 && told.cursor != wanted->cursor) {
      io.err << "hotline: " << told.events
             << " events were written whole; go on with --since=" << told.cursor
             << "\n";
    }
    return status;
  }
  // Behind the data: after a crash between the two some comes again, and
  // nothing is missed.
  if (args.Has("cursor-file")) {
    const absl::Status kept =
        WriteWhole(args.Get("cursor-file"), told.cursor + "\n");
    if (!kept.ok()) return Fail(kept, io.err);
  }
  io.err << "hotline: " << told.events << " events; next cursor " << told.cursor
         << "\n";
  return kDone;
}

}  // namespace hotline::cli
