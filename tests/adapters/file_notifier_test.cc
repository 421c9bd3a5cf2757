// Goal: a notice is a whole line of valid JSON in the file, or is said not to
// be. Method: real files; the lines are read back with another JSON parser.
#include "hotline/adapters/file_notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "src/adapters/file_notifier/cloud_event.h"
#include "tests/adapters/store_rows.h"

namespace hotline {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

Envelope Notice(int number) {
  return {.dedupe_key = absl::StrCat("dedupe-", number),
          .tenant = "city",
          .channel = "file",
          .reference = "4821-0937",
          .event_id = absl::StrCat("event-", number),
          .notice = "breach",
          .type = "org.hotline.case.escalated.v1",
          .sequence = number,
          .time = absl::FromUnixSeconds(1'772'323'199),
          .recipient = "unit:lights",
          .address = "lights@city.example",
          .locale = "zh-TW",
          .subject = "逾期",
          .text = "第一行\n\"第二行\"\t\\"};
}

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class FileNotifierTest : public testing::Test {
 protected:
  std::unique_ptr<FileNotifier> MustOpen(FileNotifierOptions options = {}) {
    auto notifier = FileNotifier::Open(path_, options);
    EXPECT_TRUE(notifier.ok()) << notifier.status();
    return *std::move(notifier);
  }
  static Outcome SendOne(FileNotifier* notifier, const Envelope& envelope) {
    return notifier->Send({&envelope, 1}, absl::InfiniteFuture()).at(0).outcome;
  }

  ScratchDir dir_;
  const std::string path_ = dir_.File("notices.jsonl");
};

TEST_F(FileNotifierTest, ANoticeIsACloudEventOnOneLine) {
  auto notifier = MustOpen({.sync = true});
  EXPECT_EQ(notifier->name(), "file");
  EXPECT_EQ(SendOne(notifier.get(), Notice(42)), Outcome::kDelivered);
  const auto lines = Lines(path_);
  ASSERT_THAT(lines, SizeIs(1));
  const json expected = {{"specversion", "1.0"},
                         {"id", "event-42"},
                         {"source", "/city/cases/4821-0937"},
                         {"type", "org.hotline.case.escalated.v1"},
                         {"subject", "breach"},
                         {"time", "2026-02-28T23:59:59Z"},
                         {"datacontenttype", "application/json"},
                         {"sequence", "0000000042"},
                         {"data",
                          {{"recipient", "unit:lights"},
                           {"channel", "file"},
                           {"dedupe_key", "dedupe-42"},
                           {"locale", "zh-TW"},
                           {"subject", "逾期"},
                           {"text", "第一行\n\"第二行\"\t\\"},
                           {"attempt", 1}}}};
  EXPECT_EQ(json::parse(lines[0]), expected);
}

TEST_F(FileNotifierTest, TheAddressIsNeverWritten) {
  auto notifier = MustOpen();
  SendOne(notifier.get(), Notice(1));
  EXPECT_THAT(Lines(path_).at(0), Not(HasSubstr("example")));
}

TEST_F(FileNotifierTest, TextsCanBeLeftOut) {
  auto notifier = MustOpen({.include_text = false});
  SendOne(notifier.get(), Notice(1));
  const json data = json::parse(Lines(path_).at(0)).at("data");
  EXPECT_FALSE(data.contains("text"));
  EXPECT_FALSE(data.contains("subject"));
  EXPECT_EQ(data.at("recipient"), "unit:lights");
}

TEST_F(FileNotifierTest, NoTextCanEndALineOrForgeOne) {
  auto notifier = MustOpen();
  for (int c = 0; c < 256; ++c) {
    Envelope envelope = Notice(1);
    envelope.text = absl::StrCat("a", std::string(1, static_cast<char>(c)),
                                 "\"},\n{\"id\":\"forged\"}");
    envelope.tenant = envelope.text;
    envelope.recipient = envelope.text;
    EXPECT_EQ(SendOne(notifier.get(), envelope), Outcome::kDelivered);
  }
  const auto lines = Lines(path_);
  ASSERT_THAT(lines, SizeIs(256));
  for (size_t c = 0; c < lines.size(); ++c) {
    const json event = json::parse(lines[c]);
    EXPECT_EQ(event.at("id"), "event-1");
    if (c < 0x80) {
      EXPECT_EQ(event.at("data").at("text").get<std::string>().at(1),
                static_cast<char>(c));
    }
  }
}

TEST_F(FileNotifierTest, BytesThatAreNotUtf8BecomeReplacements) {
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe2\x82",
                          "\xf0\x80\x80\x80", "\xf5\x80\x80\x80"}) {
    std::string out;
    internal::AppendJsonString(bad, &out);
    EXPECT_TRUE(json::accept(out)) << out;
    EXPECT_THAT(out, HasSubstr("\xef\xbf\xbd"));
  }
  std::string out;
  internal::AppendJsonString("\xf0\x9f\x98\x80\xe2\x80\xa8", &out);
  EXPECT_EQ(out, "\"\xf0\x9f\x98\x80\\u2028\"");
}

TEST_F(FileNotifierTest, TheSourceIsAUriPath) {
  EXPECT_EQ(internal::PercentEncoded("a b/c?d"), "a%20b%2Fc%3Fd");
  EXPECT_EQ(internal::PercentEncoded("臺"), "%E8%87%BA");
}

TEST_F(FileNotifierTest, ABatchKeepsItsOrderAndAnswersEach) {
  auto notifier = MustOpen();
  std::vector<Envelope> batch;
  for (int i = 0; i < 5; ++i) batch.push_back(Notice(i));
  EXPECT_THAT(notifier->Send(batch, absl::InfiniteFuture()), SizeIs(5));
  const auto lines = Lines(path_);
  ASSERT_THAT(lines, SizeIs(5));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(json::parse(lines[i]).at("id"), absl::StrCat("event-", i));
  }
  EXPECT_TRUE(notifier->Send({}, absl::InfiniteFuture()).empty());
}

TEST_F(FileNotifierTest, AFileIsContinued) {
  SendOne(MustOpen().get(), Notice(1));
  SendOne(MustOpen().get(), Notice(2));
  EXPECT_THAT(Lines(path_), SizeIs(2));
}

TEST_F(FileNotifierTest, ATornLineIsLeftBehind) {
  std::ofstream(path_) << "{\"specversion\":\"1.";
  SendOne(MustOpen().get(), Notice(1));
  const auto lines = Lines(path_);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(json::parse(lines[1]).at("id"), "event-1");
}

TEST_F(FileNotifierTest, FullFilesArePutAsideByNumber) {
  auto notifier = MustOpen({.rotate_bytes = 1, .keep = 2});
  for (int i = 1; i <= 5; ++i) SendOne(notifier.get(), Notice(i));
  const auto id = [&](const std::string& file) {
    return json::parse(Lines(file).at(0)).at("id").get<std::string>();
  };
  EXPECT_EQ(id(path_), "event-5");
  EXPECT_EQ(id(path_ + ".1"), "event-4");
  EXPECT_EQ(id(path_ + ".2"), "event-3");
  EXPECT_FALSE(std::filesystem::exists(path_ + ".3"));
}

TEST_F(FileNotifierTest, NothingIsKeptAsideIfNothingIsWanted) {
  auto notifier = MustOpen({.rotate_bytes = 1, .keep = 0});
  SendOne(notifier.get(), Notice(1));
  SendOne(notifier.get(), Notice(2));
  EXPECT_THAT(Lines(path_), SizeIs(1));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".1"));
}

TEST_F(FileNotifierTest, APlaceThatCannotBeIsRefused) {
  EXPECT_EQ(Reason(FileNotifier::Open(dir_.File("none/x")).status()),
            v1::ErrorInfo::STORE_FAILED);
  EXPECT_EQ(Reason(FileNotifier::Open("").status()),
            v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(FileNotifier::Open(path_, {.rotate_bytes = 0}).status()),
            v1::ErrorInfo::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(FileNotifier::Open(path_, {.keep = -1}).status()),
            v1::ErrorInfo::INVALID_ARGUMENT);
}

// A full disk is played by the limit on the length of a file, in a child.
TEST_F(FileNotifierTest, NoRoomIsTransientAndLeavesNoHalfLine) {
  const pid_t pid = fork();
  if (pid == 0) {
    signal(SIGXFSZ, SIG_IGN);
    auto notifier = FileNotifier::Open(path_);
    if (!notifier.ok()) _exit(1);
    if (SendOne(notifier->get(), Notice(1)) != Outcome::kDelivered) _exit(2);
    rlimit limit = {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small = {600, limit.rlim_max};  // a line and a half
    setrlimit(RLIMIT_FSIZE, &small);
    if (SendOne(notifier->get(), Notice(2)) != Outcome::kTransient) _exit(3);
    setrlimit(RLIMIT_FSIZE, &limit);
    if (SendOne(notifier->get(), Notice(2)) != Outcome::kDelivered) _exit(4);
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto lines = Lines(path_);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(json::parse(lines[1]).at("id"), "event-2");
}

TEST_F(FileNotifierTest, LinesOfManyThreadsNeverMix) {
  auto notifier = MustOpen({.rotate_bytes = 20'000, .keep = 100});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&notifier, thread] {
      for (int i = 0; i < 50; ++i) {
        SendOne(notifier.get(), Notice(thread * 100 + i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> ids;
  for (int file = 0; file <= 100; ++file) {
    const std::string name = file == 0 ? path_ : absl::StrCat(path_, ".", file);
    for (const std::string& line : Lines(name)) {
      ids.insert(json::parse(line).at("id"));
    }
  }
  EXPECT_THAT(ids, SizeIs(400));
}

}  // namespace
}  // namespace hotline
