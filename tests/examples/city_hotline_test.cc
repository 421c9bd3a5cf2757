// Goal: the main job gives the same month for the same seed, its report holds
// what it promises, and a run that stopped goes on. Method: runs the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kProgram[] =
    HOTLINE_BINARY_DIR "/examples/city_hotline/city_hotline";

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A folder of its own, gone with the test.
class CityHotline : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "city-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { fs::remove_all(dir_); }

  // Starts the program; its words go to OUT.log.
  pid_t Start(const std::string& out, std::vector<std::string> flags) {
    std::vector<std::string> words = {kProgram, "--out", (dir_ / out).string()};
    words.insert(words.end(), flags.begin(), flags.end());
    const pid_t child = fork();
    if (child == 0) {
      const std::string log = (dir_ / (out + ".log")).string();
      if (freopen(log.c_str(), "w", stdout) == nullptr ||
          dup2(fileno(stdout), STDERR_FILENO) < 0) {
        _exit(126);
      }
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      execv(kProgram, argv.data());
      _exit(127);
    }
    return child;
  }

  // Its exit status; -1 if a signal ended it.
  int Run(const std::string& out, std::vector<std::string> flags) {
    int status = 0;
    waitpid(Start(out, std::move(flags)), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string Log(const std::string& out) {
    return ReadAll(dir_ / (out + ".log"));
  }

  fs::path dir_;
};

TEST_F(CityHotline, TheSameSeedGivesTheSameTable) {
  ASSERT_EQ(Run("a", {"--contacts", "500", "--seed", "7"}), 0) << Log("a");
  ASSERT_EQ(Run("b", {"--contacts", "500", "--seed", "7"}), 0) << Log("b");
  ASSERT_EQ(Run("c", {"--contacts", "500", "--seed", "8"}), 0) << Log("c");
  const std::string table = ReadAll(dir_ / "a/table.txt");
  EXPECT_THAT(table, HasSubstr("Contacts: 500"));
  EXPECT_THAT(table, HasSubstr("illustrative"));
  EXPECT_EQ(table, ReadAll(dir_ / "b/table.txt"));
  EXPECT_NE(table, ReadAll(dir_ / "c/table.txt"));
}

TEST_F(CityHotline, ContactsAreTheSumOfTheirKinds) {
  ASSERT_EQ(Run("a", {"--contacts", "300"}), 0) << Log("a");
  std::istringstream table(ReadAll(dir_ / "a/table.txt"));
  int64_t sum = 0;
  bool kinds = false;
  for (std::string line; std::getline(table, line);) {
    if (line.rfind("Contacts:", 0) == 0) {
      kinds = true;
    } else if (kinds && line.empty()) {
      break;
    } else if (kinds && line.back() == '%') {
      // The number before the share.
      std::istringstream words(line);
      std::vector<std::string> all;
      for (std::string word; words >> word;) all.push_back(word);
      sum += std::stoll(all[all.size() - 3]);
    }
  }
  EXPECT_EQ(sum, 300);
}

TEST_F(CityHotline, TheReportStandsAlone) {
  ASSERT_EQ(Run("a", {"--contacts", "300"}), 0) << Log("a");
  const std::string page = ReadAll(dir_ / "a/report.html");
  for (const char* section :
       {"contacts", "cases", "promises", "notices", "stories", "sources"}) {
    EXPECT_THAT(page, HasSubstr(std::string("id=\"") + section + "\""));
  }
  for (const char* story : {"Over a weekend", "Over a make-up Saturday",
                            "Over a typhoon afternoon"}) {
    EXPECT_THAT(page, HasSubstr(story));
  }
  for (const char* loaded : {"<script", "<link", "<img", "@import", "src="}) {
    EXPECT_THAT(page, Not(HasSubstr(loaded)));
  }
  EXPECT_THAT(page, HasSubstr("illustrative"));
  // Every drawing says in words what it shows.
  size_t drawings = 0, told = 0;
  for (size_t at = 0; (at = page.find("<svg ", at)) != std::string::npos;
       ++at) {
    const std::string tag = page.substr(at, page.find('>', at) - at);
    if (tag.find("aria-hidden") != std::string::npos) continue;
    ++drawings;
    told += tag.find("role=\"img\"") != std::string::npos;
  }
  EXPECT_GE(drawings, 20u);
  EXPECT_EQ(drawings, told);
  // Each name is given once: two drawings never share a text alternative.
  std::set<std::string> ids;
  for (size_t at = 0; (at = page.find(" id=\"", at)) != std::string::npos;) {
    at += 5;
    const std::string id = page.substr(at, page.find('"', at) - at);
    EXPECT_TRUE(ids.insert(id).second) << id;
  }
}

TEST_F(CityHotline, AKilledRunGoesOnToTheSameMonth) {
  ASSERT_EQ(Run("whole", {"--contacts", "800"}), 0) << Log("whole");
  const std::string acks = (dir_ / "acks").string();
  // Killed once a good part has been acknowledged, wherever it then is.
  const pid_t child =
      Start("parts", {"--contacts", "800", "--continue", "--acks", acks});
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    std::error_code none;
    if (fs::exists(acks) && fs::file_size(acks, none) > 20'000) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      break;
    }
  }
  ASSERT_TRUE(WIFSIGNALED(status)) << Log("parts");
  ASSERT_EQ(Run("parts", {"--contacts", "800", "--continue", "--acks", acks}),
            0)
      << Log("parts");
  EXPECT_EQ(ReadAll(dir_ / "whole/table.txt"),
            ReadAll(dir_ / "parts/table.txt"));
}

TEST_F(CityHotline, AnotherRunsStoreIsRefused) {
  const std::string store = (dir_ / "kept.db").string();
  ASSERT_EQ(Run("a", {"--contacts", "50", "--store", store}), 0) << Log("a");
  EXPECT_EQ(Run("a", {"--contacts", "50", "--store", store}), 2);
  EXPECT_THAT(Log("a"), HasSubstr("--continue"));
  EXPECT_EQ(Run("a", {"--contacts", "60", "--store", store, "--continue"}), 2);
  EXPECT_THAT(Log("a"), HasSubstr("another run"));
}

TEST_F(CityHotline, ASecondRunInTheSameFolderBeginsAnew) {
  ASSERT_EQ(Run("a", {"--contacts", "60"}), 0) << Log("a");
  const std::string first = ReadAll(dir_ / "a/table.txt");
  ASSERT_EQ(Run("a", {"--contacts", "60"}), 0) << Log("a");
  EXPECT_EQ(ReadAll(dir_ / "a/table.txt"), first);
}

TEST_F(CityHotline, WrongFlagsNameTheNearestOne) {
  EXPECT_EQ(Run("a", {"--contcts", "50"}), 2);
  EXPECT_THAT(Log("a"), HasSubstr("did you mean --contacts"));
  EXPECT_EQ(Run("a", {"--month", "February"}), 2);
  EXPECT_EQ(Run("a", {"--policy", "/nowhere"}), 2);
}

}  // namespace
