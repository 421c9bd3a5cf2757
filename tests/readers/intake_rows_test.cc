// Goal: no row of a file is told wrongly, whatever is in it. Method: small
// files by hand, and thousands of files written by a careful writer and read
// back, whole and damaged.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "hotline/error.h"
#include "hotline/intake.h"

namespace hotline {
namespace {

// Rows as "a|b", damaged ones as "!reason@line".
std::vector<std::string> Told(RowReader* reader) {
  std::vector<std::string> told;
  ImportRow row;
  while (true) {
    const auto more = reader->Next(&row);
    if (!more.ok()) {
      told.push_back("error: " + std::string(more.status().message()));
      return told;
    }
    if (!*more) return told;
    std::string text;
    for (size_t i = 0; i < row.values.size(); ++i)
      text += (i == 0 ? "" : "|") + row.values[i].second;
    if (!row.damage.empty())
      text = "!" + row.damage + "@" + std::to_string(row.line);
    told.push_back(text);
  }
}

std::vector<std::string> Csv(const std::string& text) {
  std::istringstream in(text);
  return Told(ReadCsv(&in).get());
}

std::vector<std::string> Json(const std::string& text) {
  std::istringstream in(text);
  return Told(ReadJson(&in).get());
}

using Rows = std::vector<std::string>;

TEST(CsvTest, ReadsQuotesCommasAndLineEndsWithinFields) {
  EXPECT_EQ(Csv("a,b\n\"x, \"\"y\"\"\",\"1\r\n2\"\n"),
            Rows({"x, \"y\"|1\r\n2"}));
}

TEST(CsvTest, TakesEveryKindOfLineEndAndAMissingLastOne) {
  EXPECT_EQ(Csv("a,b\r\n1,2\r\n3,4"), Rows({"1|2", "3|4"}));
  EXPECT_EQ(Csv("a,b\r1,2\r3,4\r"), Rows({"1|2", "3|4"}));
  EXPECT_EQ(Csv("a,b\n1,2\n\n3,4\n"), Rows({"1|2", "3|4"}));
}

TEST(CsvTest, SkipsAByteOrderMark) {
  std::istringstream in("\xEF\xBB\xBFkey,b\n1,2\n");
  auto reader = ReadCsv(&in);
  ImportRow row;
  ASSERT_TRUE(*reader->Next(&row));
  ASSERT_NE(row.Find("key"), nullptr);
  EXPECT_EQ(*row.Find("key"), "1");
  EXPECT_EQ(row.Find("c"), nullptr);
}

TEST(CsvTest, KeepsEmptyFields) {
  EXPECT_EQ(Csv("a,b,c\n,,\n\"\",x,\n"), Rows({"||", "|x|"}));
}

TEST(CsvTest, TellsADamagedRowByItsLineAndGoesOn) {
  EXPECT_EQ(Csv("a,b\n1\n2,3\n4,5,6\n7,8\n"),
            Rows({"!field_count@2", "2|3", "!field_count@4", "7|8"}));
  EXPECT_EQ(Csv("a,b\n\"x\"y,2\n3,4\n"), Rows({"!bad_quote@2", "3|4"}));
}

TEST(CsvTest, AQuoteWithoutEndIsDamageOfTheRowItBeginsIn) {
  EXPECT_EQ(Csv("a,b\n1,2\n\"3,4\n5,6\n"), Rows({"1|2", "!bad_quote@3"}));
}

TEST(CsvTest, AQuoteWithoutEndEatsNoMoreThanARowsBound) {
  std::string text = "a,b\n\"x,1\n";
  for (int i = 0; i < 300'000; ++i) text += "1,2\n";
  const auto told = Csv(text);
  ASSERT_GT(told.size(), 2u);
  EXPECT_EQ(told.front(), "!too_long@2");
  EXPECT_EQ(told.back(), "1|2");
}

TEST(CsvTest, BoundsRowsAndFields) {
  EXPECT_EQ(Csv("a\n" + std::string((1 << 20) + 1, 'x') + "\ny\n"),
            Rows({"!too_long@2", "y"}));
  EXPECT_EQ(Csv("a\n" + std::string(2'000, ',') + "\ny\n"),
            Rows({"!too_long@2", "y"}));
}

TEST(CsvTest, AHeaderThatIsNoneIsAnError) {
  EXPECT_EQ(Csv(""), Rows({"error: the file has no header row"}));
  EXPECT_EQ(Csv("a,b,a\n1,2,3\n"),
            Rows({"error: the header names the column \"a\" twice"}));
}

std::string Written(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += i == 0 ? "\"" : ",\"";
      for (const char c : row[i]) text += c == '"' ? "\"\"" : std::string(1, c);
      text += "\"";
    }
    text += "\r\n";
  }
  return text;
}

TEST(CsvTest, WhatACarefulWriterWroteComesBack) {
  std::mt19937 dice(1);
  constexpr std::string_view kBytes = "ab,\"\r\n \t;\xE6\x9D\xB1|";
  for (int round = 0; round < 500; ++round) {
    std::vector<std::vector<std::string>> rows = {{"a", "b", "c"}};
    for (size_t i = dice() % 5 + 1; i > 0; --i) {
      std::vector<std::string> row(3);
      for (auto& field : row)
        for (size_t n = dice() % 6; n > 0; --n)
          field += kBytes[dice() % kBytes.size()];
      rows.push_back(row);
    }
    std::istringstream in(Written(rows));
    auto reader = ReadCsv(&in);
    ImportRow row;
    for (size_t i = 1; i < rows.size(); ++i) {
      ASSERT_TRUE(*reader->Next(&row));
      ASSERT_TRUE(row.damage.empty()) << row.damage_detail;
      for (size_t j = 0; j < 3; ++j)
        ASSERT_EQ(row.values[j].second, rows[i][j]);
    }
    ASSERT_FALSE(*reader->Next(&row));
  }
}

TEST(CsvTest, RandomBytesEndAndNeverGiveARowOfTheWrongWidth) {
  std::mt19937 dice(2);
  constexpr std::string_view kBytes = "a,,\"\"\r\n\n\xEF\xBB\xBF";
  for (int round = 0; round < 3'000; ++round) {
    std::string text = "a,b\n";
    for (size_t n = dice() % 60; n > 0; --n)
      text += kBytes[dice() % kBytes.size()];
    std::istringstream in(text);
    auto reader = ReadCsv(&in);
    ImportRow row;
    size_t rows = 0;
    while (true) {
      const auto more = reader->Next(&row);
      ASSERT_TRUE(more.ok());
      if (!*more) break;
      ASSERT_EQ(row.number, static_cast<int64_t>(++rows));
      ASSERT_EQ(row.values.size(), row.damage.empty() ? 2u : 0u);
    }
    ASSERT_LE(rows, text.size());
  }
}

TEST(JsonTest, ReadsFlatObjectsAndLeavesNestedOnesAside) {
  std::istringstream in(
      " [ {\"k\": \"1\", \"n\": 70113207, \"x\": 1.5, \"b\": true,\n"
      "\"o\": {\"k\": [1, \"]\"]}, \"e\": null} , {\"k\":\"\\\"},{\"} ] ");
  auto reader = ReadJson(&in);
  ImportRow row;
  ASSERT_TRUE(*reader->Next(&row));
  EXPECT_EQ(*row.Find("k"), "1");
  EXPECT_EQ(*row.Find("n"), "70113207");
  EXPECT_EQ(*row.Find("x"), "1.5");
  EXPECT_EQ(*row.Find("b"), "true");
  EXPECT_EQ(row.Find("o"), nullptr);
  EXPECT_EQ(row.Find("e"), nullptr);
  ASSERT_TRUE(*reader->Next(&row));
  EXPECT_EQ(*row.Find("k"), "\"},{");
  EXPECT_EQ(row.line, 2);
  EXPECT_FALSE(*reader->Next(&row));
}

TEST(JsonTest, ADamagedElementIsARow) {
  EXPECT_EQ(Json("[{\"a\":\"1\"}, 7, {\"a\" \"2\"}, {\"a\":\"3\"}]"),
            Rows({"1", "!bad_json@1", "!bad_json@1", "3"}));
}

TEST(JsonTest, ANumberThatWouldBeRoundedIsDamage) {
  EXPECT_EQ(Json("[{\"a\":12345678901234567890}]"), Rows({"!bad_number@1"}));
}

TEST(JsonTest, WhatIsNoArrayIsAnError) {
  EXPECT_EQ(Json("{}").front().substr(0, 6), "error:");
  EXPECT_EQ(Json("").front().substr(0, 6), "error:");
  EXPECT_EQ(Json("[{\"a\":\"1\"}").back().substr(0, 6), "error:");
  EXPECT_EQ(Json("[{\"a\":\"1\"}] x").back().substr(0, 6), "error:");
  EXPECT_EQ(Json("[]"), Rows());
}

}  // namespace
}  // namespace hotline
