// Goal: `hotline export` tells every event once in two forms, says where to go
// on, and never leaves half of anything. Method: called in process over one
// small file; what it writes is read back as other programs would.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "hotline/engine.h"
#include "hotline/intake.h"
#include "hotline/judge.h"
#include "hotline/v1/query.pb.h"
#include "src/cli/cli.h"
#include "src/cli/csv.h"
#include "src/cli/export_forms.h"
#include "src/cli/out_file.h"
#include "tests/readers/fixture.h"
#include "tests/support/cli.h"
#ifdef HOTLINE_HAS_SQLITE
#include "hotline/adapters/sqlite_store.h"
#endif

namespace hotline::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ExportCommand, WrongUsageIsStatusTwoAndSaysWhatToDo) {
  const struct {
    Args more;
    const char* says;
  } table[] = {
      {{}, "missing --store=STORE"},
      {{"--store", "memory:", "--format=json"}, "did you mean jsonl?"},
      {{"--store", "memory:", "--sinse=1"}, "did you mean --since?"},
      {{"--store", "memory:"}, "holds no policy"},
      {{"--store", "sqlite:/no/such/folder/city.db"}, "/no/such/folder"},
  };
  for (const auto& wrong : table) {
    Args args = {"export"};
    args.insert(args.end(), wrong.more.begin(), wrong.more.end());
    const Result result = Call(args);
    EXPECT_GE(result.status, 2) << wrong.says;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr(wrong.says));
  }
}

TEST(ExportCommand, HelpHasAnExample) {
  const Result help = Call({"export", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, StartsWith("hotline export --store=STORE"));
  EXPECT_THAT(help.out, HasSubstr("Example\n  hotline export "));
  EXPECT_THAT(Call({"--help"}).out, HasSubstr("hotline export --store"));
}

TEST(CsvRow, IsReadBackAsItWasAndRunsNothing) {
  EXPECT_EQ(CsvRow({"a", "", "b"}), "a,,b\r\n");
  EXPECT_EQ(CsvRow({"", ""}), ",\r\n");
  EXPECT_EQ(CsvRow({"a,b", "say \"x\"", "two\nlines"}),
            "\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\r\n");
  EXPECT_EQ(CsvRow({"=1+1", "+x", "-x", "@x", "\tx", "1-1"}),
            "'=1+1,'+x,'-x,'@x,'\tx,1-1\r\n");
}

TEST(OutFile, IsThereWholeOrNotAtAll) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      ("hotline_out_file_test_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "x").string();
  const auto content = [&] {
    std::ifstream file(path, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  EXPECT_TRUE(WriteWhole(path, "old").ok());
  {
    auto given_up = OutFile::Create(path);
    ASSERT_TRUE(given_up.ok());
    EXPECT_TRUE((*given_up)->Write("half").ok());
    EXPECT_EQ(content(), "old");
  }
  EXPECT_EQ(content(), "old");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  EXPECT_TRUE(WriteWhole(path, "new").ok());
  EXPECT_EQ(content(), "new");
  EXPECT_FALSE(WriteWhole((folder / "no" / "x").string(), "y").ok());
  EXPECT_FALSE(WriteWhole(folder.string(), "y").ok());
  EXPECT_FALSE(WriteWhole("/dev/null", "y").ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  std::filesystem::remove_all(folder);
}

TEST(ChangeToCsv, SaysOfAFactWhatItIsAboutAndNothingElse) {
  const auto change = testing::Proto<v1::Change>(R"(
    reference: "=R-1"
    event {
      version: 3 verb: RESOLVE actor: "lee" policy_version: 2
      recorded_at { seconds: 1770000000 nanos: 5000000 }
      facts {
        at { seconds: 1769999999 }
        clock_set {
          clock {
            clock: "resolve" cycle: 1 state: STOPPED breached: true
            due { seconds: 1770000000 } unit: "lights"
            target { priority: "high" }
          }
          because: "pause"
        }
      }
      facts {
        level_recorded { clock: "resolve" cycle: 1 level { level: "chief" } }
      }
      facts { noted { visibility: PUBLIC_NOTE text: 0 } }
    })");
  const std::string csv = ChangesCsvHeader() + ChangeToCsv(change);
  std::istringstream in(csv);
  const auto rows = ReadCsv(&in);
  const auto next = [&](ImportRow* row) {
    const auto more = rows->Next(row);
    EXPECT_TRUE(more.ok() && *more && row->damage.empty());
  };
  const auto cell = [](const ImportRow& row, const std::string& column) {
    for (const auto& [name, value] : row.values) {
      if (name == column) return value;
    }
    ADD_FAILURE() << "no column " << column;
    return std::string();
  };
  ImportRow row;
  next(&row);
  EXPECT_EQ(cell(row, "reference"), "'=R-1");
  EXPECT_EQ(cell(row, "version"), "3");
  EXPECT_EQ(cell(row, "recorded_at"), "2026-02-02T02:40:00.005Z");
  EXPECT_EQ(cell(row, "verb"), "RESOLVE");
  EXPECT_EQ(cell(row, "fact_number"), "1");
  EXPECT_EQ(cell(row, "fact"), "clock_set");
  EXPECT_EQ(cell(row, "at"), "2026-02-02T02:39:59.000Z");
  EXPECT_EQ(cell(row, "clock"), "resolve");
  EXPECT_EQ(cell(row, "state"), "STOPPED");
  EXPECT_EQ(cell(row, "breached"), "true");
  EXPECT_EQ(cell(row, "due"), "2026-02-02T02:40:00.000Z");
  EXPECT_EQ(cell(row, "because"), "pause");
  EXPECT_EQ(cell(row, "unit"), "lights");
  EXPECT_EQ(cell(row, "priority"), "");  // of its target, not of the fact
  next(&row);
  EXPECT_EQ(cell(row, "fact"), "level_recorded");
  EXPECT_EQ(cell(row, "level"), "chief");
  EXPECT_EQ(cell(row, "breach"), "false");
  EXPECT_EQ(cell(row, "due"), "");
  next(&row);
  EXPECT_EQ(cell(row, "visibility"), "PUBLIC_NOTE");
  EXPECT_EQ(cell(row, "text"), "");
  EXPECT_FALSE(*rows->Next(&row));
}

#ifdef HOTLINE_HAS_SQLITE

class Everybody final : public Authorizer {
 public:
  Decision MayDo(const Actor&, v1::Verb, std::span<const v1::Case>) override {
    return kAllow;
  }
  Decision May(const Actor&, v1::Permission, const v1::Case*) override {
    return kAllow;
  }
};

// Three cases; each has two notes, the second a day later.
class ExportTest : public ::testing::Test {
 protected:
  ExportTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("hotline_export_test_" + std::to_string(getpid()))),
        clock_(absl::FromUnixSeconds(1772755200)) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    auto store = SqliteStore::Open(Path("city.db"));
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    engine_ = *Engine::Open(store_.get(),
                            {.clock = &clock_, .authorizer = &everybody_});
    EXPECT_TRUE(engine_->Adopt(actor_, testing::SmallPolicy(), 0).ok());
    for (int i = 0; i < 3; ++i) {
      const auto opened = engine_->Execute(
          actor_, testing::Proto<v1::Command>(
                      "open { category: 'streetlight' description: "
                      "'SECRETWORDS' reporter { id: 'p' name: 'A. Lin' } }"));
      EXPECT_TRUE(opened.ok()) << opened.status();
      references_.push_back(opened->reference());
    }
    Note("=cmd|'x'!A1");
    clock_.AdvanceTime(absl::Hours(24));
    Note("two\nlines, \"quoted\"");
  }
  ~ExportTest() override { std::filesystem::remove_all(folder_); }

  void Note(const std::string& text) {
    for (const std::string& reference : references_) {
      v1::Command command;
      command.set_reference(reference);
      command.mutable_note()->set_visibility(v1::Note::PUBLIC_NOTE);
      command.mutable_note()->set_text(text);
      EXPECT_TRUE(engine_->Execute(actor_, command).ok());
    }
  }
  std::string Path(const std::string& name) const {
    return (folder_ / name).string();
  }
  Result Export(const Args& more = {}) const {
    Args args = {"export", "--store", "sqlite:" + Path("city.db")};
    args.insert(args.end(), more.begin(), more.end());
    return Call(args);
  }
  static std::vector<v1::Change> Parse(const std::string& lines) {
    std::vector<v1::Change> changes;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
      changes.emplace_back();
      EXPECT_TRUE(
          google::protobuf::util::JsonStringToMessage(line, &changes.back())
              .ok())
          << line;
    }
    return changes;
  }
  std::string Content(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::filesystem::path folder_;
  SimulatedClock clock_;
  Everybody everybody_;
  const Actor actor_{.tenant = "small", .id = "mei", .roles = {}};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> references_;
};

TEST_F(ExportTest, LinesFoldToTheCasesAndHoldNothingPersonal) {
  const Result result = Export();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "hotline: 9 events; next cursor 9\n");
  std::map<std::string, v1::Case> mirror;
  for (const v1::Change& change : Parse(result.out)) {
    Evolve(change.event(), &mirror[change.reference()]);
  }
  ASSERT_EQ(mirror.size(), 3u);
  for (const auto& [reference, on] : mirror) {
    EXPECT_EQ(on.version(), 3);
    EXPECT_EQ(on.public_notes(), 2);
    EXPECT_EQ(on.category(), "streetlight");
  }
  for (const char* mark : {"SECRETWORDS", "A. Lin", "cmd|", "quoted"}) {
    EXPECT_THAT(result.out, Not(HasSubstr(mark)));
    EXPECT_THAT(Export({"--format=csv"}).out, Not(HasSubstr(mark)));
  }
}

TEST_F(ExportTest, PersonalWordsComeWhereTheyAreAskedForAndRunNothing) {
  EXPECT_THAT(Export({"--personal"}).out, HasSubstr("SECRETWORDS"));
  const Result csv = Export({"--personal", "--format=csv"});
  std::istringstream in(csv.out);
  const auto rows = ReadCsv(&in);
  ImportRow row;
  int notes = 0, opened = 0;
  for (auto more = rows->Next(&row); more.ok() && *more;
       more = rows->Next(&row)) {
    EXPECT_EQ(row.damage, "") << row.damage_detail;
    for (const auto& [column, value] : row.values) {
      if (column == "text" && !value.empty()) {
        EXPECT_TRUE(value == "'=cmd|'x'!A1" ||
                    value == "two\nlines, \"quoted\"")
            << value;
        ++notes;
      }
      opened += column == "personal" &&
                value.find("SECRETWORDS") != std::string::npos;
    }
  }
  EXPECT_EQ(notes, 6);
  EXPECT_EQ(opened, 3);
}

TEST_F(ExportTest, GoesOnFromACursorAnInstantOrACursorFile) {
  const Args kept = {"--cursor-file", Path("cursor")};
  EXPECT_EQ(Parse(Export(kept).out).size(), 9u);
  EXPECT_EQ(Content("cursor"), "9\n");
  EXPECT_EQ(Export(kept).out, "");
  Note("more");
  const auto next = Parse(Export(kept).out);
  ASSERT_EQ(next.size(), 3u);
  EXPECT_EQ(next[0].event().version(), 4);
  EXPECT_EQ(Content("cursor"), "12\n");
  EXPECT_EQ(Parse(Export({"--since", "10"}).out).size(), 2u);
  // --since is stronger than the file.
  Args both = kept;
  both.push_back("--since=3");
  EXPECT_EQ(Parse(Export(both).out).size(), 9u);
  const Result later = Export({"--since", "2026-03-06T00:00:01Z"});
  EXPECT_EQ(Parse(later.out).size(), 6u);
  EXPECT_EQ(later.err, "hotline: 6 events; next cursor 12\n");
}

TEST_F(ExportTest, SinceAnInstantPassesWholePagesAndLosesNothing) {
  std::vector<v1::Command> notes(1'000);
  for (size_t i = 0; i < notes.size(); ++i) {
    notes[i].set_reference(references_[i % 3]);
    notes[i].mutable_note()->set_visibility(v1::Note::PUBLIC_NOTE);
    notes[i].mutable_note()->set_text("earlier");
  }
  for (int batch = 0; batch < 2; ++batch) {
    for (const auto& receipt : engine_->ExecuteBatch(actor_, notes)) {
      ASSERT_TRUE(receipt.ok()) << receipt.status();
    }
  }
  clock_.AdvanceTime(absl::Milliseconds(1));
  const absl::Time since = clock_.TimeNow();
  Note("later");
  clock_.AdvanceTime(absl::Hours(-1));  // a machine whose clock is behind
  ASSERT_TRUE(engine_
                  ->Execute(actor_, testing::Proto<v1::Command>(
                                        "open { category: 'streetlight' }"))
                  .ok());
  const std::string instant =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", since, absl::UTCTimeZone());
  const Result result = Export({"--since", instant});
  EXPECT_EQ(result.err, "hotline: 3 events; next cursor 2013\n");
  for (const v1::Change& change : Parse(result.out)) {
    EXPECT_EQ(change.event().recorded_at().seconds(),
              absl::ToUnixSeconds(since));
  }
  EXPECT_EQ(Export({"--since", "2999-01-01T00:00:00Z"}).err,
            "hotline: 0 events; next cursor 2013\n");
  EXPECT_EQ(Parse(Export({"--since", "1999-01-01T00:00:00Z"}).out).size(),
            2013u);
}

TEST_F(ExportTest, ACursorOfAnotherStoreIsRefusedAndNothingIsLeft) {
  for (const char* cursor : {"10", "no-cursor"}) {
    const Result result =
        Export({"--since", cursor, "--format=csv", "--out", Path("events.csv"),
                "--cursor-file", Path("cursor")});
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr("cursor"));
    EXPECT_FALSE(std::filesystem::exists(Path("events.csv")));
    EXPECT_FALSE(std::filesystem::exists(Path("events.csv.part")));
    EXPECT_FALSE(std::filesystem::exists(Path("cursor")));
  }
}

TEST_F(ExportTest, AFileIsWholeAndReplacesTheOneBefore) {
  std::ofstream(Path("events.csv")) << "old";
  const Result result = Export({"--format=csv", "--out", Path("events.csv")});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_EQ(Content("events.csv"), Export({"--format=csv"}).out);
  EXPECT_THAT(Content("events.csv"), StartsWith("reference,version,"));
  EXPECT_EQ(Export({"--out", "/dev/null"}).status, 2);
  EXPECT_EQ(Export({"--out", Path("no/such/folder/x")}).status, 2);
}

// Takes so many bytes, then none.
class Narrow final : public std::streambuf {
 public:
  explicit Narrow(size_t room) : room_(room) {}
  std::string taken;

 protected:
  std::streamsize xsputn(const char* s, std::streamsize n) override {
    const auto fits = std::min(static_cast<size_t>(n), room_ - taken.size());
    taken.append(s, fits);
    return static_cast<std::streamsize>(fits);
  }
  int overflow(int) override { return traits_type::eof(); }

 private:
  const size_t room_;
};

TEST_F(ExportTest, WhereNobodyListensItFailsAndMovesNoCursor) {
  Narrow pipe(100);
  std::ostream out(&pipe);
  std::istringstream in;
  std::ostringstream err;
  const int status = Main({"export", "--store", "sqlite:" + Path("city.db"),
                           "--cursor-file", Path("cursor")},
                          in, out, err);
  EXPECT_EQ(status, 3);
  EXPECT_THAT(err.str(), HasSubstr("could not be written"));
  EXPECT_FALSE(std::filesystem::exists(Path("cursor")));
}

#endif  // HOTLINE_HAS_SQLITE

}  // namespace
}  // namespace hotline::cli
