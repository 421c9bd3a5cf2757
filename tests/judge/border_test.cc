// The border: what comes from outside is well formed, within its bounds and
// known, or refused with the path of every fault before any rule is asked.
#include <cmath>
#include <functional>
#include <limits>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "hotline/limits.h"
#include "hotline/testing/case_builder.h"
#include "hotline/testing/matchers.h"
#include "tests/support/city.h"

namespace hotline {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using hotline::testing::CaseBuilder;
using hotline::testing::HasReason;
using hotline::testing::IsOk;
using hotline::testing::ParseCommand;
using ::testing::HasSubstr;

CaseBuilder Opened(std::string_view policy = tests::kPolicy) {
  CaseBuilder builder(tests::TestPolicy(policy),
                      tests::At("2026-02-12T09:00:00+08:00"));
  builder.Open("streetlight");
  return builder;
}

std::string ProblemAt(const absl::Status& status, const std::string& path) {
  const v1::ErrorInfo info = InfoOf(status);
  for (const v1::Problem& p : info.problems()) {
    if (p.path() == path) return p.message();
  }
  return "";
}

// Calls `leaf` with every field of `message` that holds no message of ours, in
// place, and takes it away again.
using Leaf = std::function<void(Message*, const FieldDescriptor*,
                                const std::string& path)>;

void EachLeaf(Message* message, const std::string& path, const Leaf& leaf) {
  const auto& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (field->containing_type() == v1::Command::descriptor() &&
        field->real_containing_oneof() != nullptr &&
        !reflection.HasField(*message, field)) {
      continue;  // another verb
    }
    const std::string at =
        absl::StrCat(path, path.empty() ? "" : ".", field->name(),
                     field->is_repeated() ? "[0]" : "");
    const bool ours = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                      field->message_type()->file()->package() == "hotline.v1";
    if (!ours) {
      leaf(message, field, at);
    } else {
      EachLeaf(field->is_repeated() ? reflection.AddMessage(message, field)
                                    : reflection.MutableMessage(message, field),
               at, leaf);
    }
    const bool verb = field->containing_type() == v1::Command::descriptor() &&
                      field->real_containing_oneof() != nullptr;
    if (!verb) reflection.ClearField(message, field);
  }
}

// The same for the commands of all verbs.
void EachLeafOfEachVerb(
    const std::function<void(v1::Command*, Message*, const FieldDescriptor*,
                             const std::string& path)>& leaf) {
  const auto* oneof = v1::Command::descriptor()->oneof_decl(0);
  for (int i = 0; i < oneof->field_count(); ++i) {
    v1::Command command;
    command.GetReflection()->MutableMessage(&command, oneof->field(i));
    EachLeaf(&command, "",
             [&](Message* m, const FieldDescriptor* f, const std::string& at) {
               leaf(&command, m, f, at);
             });
  }
}

void SetString(Message* message, const FieldDescriptor* field,
               const std::string& text) {
  const auto& reflection = *message->GetReflection();
  if (!field->is_repeated()) {
    reflection.SetString(message, field, text);
  } else if (reflection.FieldSize(*message, field) == 0) {
    reflection.AddString(message, field, text);
  } else {
    reflection.SetRepeatedString(message, field, 0, text);
  }
}

TEST(BorderTest, NoTextFieldTakesWhatIsNoCleanUtf8) {
  const CaseBuilder builder = Opened();
  const std::string bad[] = {"a\xff",
                             "\xc0\xaf",
                             "\xed\xa0\x80",
                             "a\xe4\xb8",
                             std::string("a\0b", 3),
                             "a\x1b[2J",
                             "\xef\xbf\xbe",
                             "a\rb"};
  int fields = 0;
  EachLeafOfEachVerb([&](v1::Command* command, Message* message,
                         const FieldDescriptor* field, const std::string& at) {
    if (field->type() != FieldDescriptor::TYPE_STRING) return;
    ++fields;
    for (const std::string& text : bad) {
      SetString(message, field, text);
      const auto judged = builder.Try(*command);
      ASSERT_THAT(judged, HasReason(v1::ErrorInfo::INVALID_ARGUMENT)) << at;
      ASSERT_NE(ProblemAt(judged.status(), at), "") << at;
    }
  });
  EXPECT_GT(fields, 130);
}

TEST(BorderTest, EveryTextFieldHasABoundThatItTakesAndNotOneByteMore) {
  const CaseBuilder builder = Opened();
  EachLeafOfEachVerb([&](v1::Command* command, Message* message,
                         const FieldDescriptor* field, const std::string& at) {
    if (field->type() != FieldDescriptor::TYPE_STRING) return;
    SetString(message, field, std::string(100'000, 'a'));
    auto judged = builder.Try(*command);
    ASSERT_THAT(judged, HasReason(v1::ErrorInfo::LIMIT_EXCEEDED)) << at;
    const std::string why = ProblemAt(judged.status(), at);
    ASSERT_THAT(why, HasSubstr("more than ")) << at;
    const size_t most = std::stoul(why.substr(why.rfind(' ')));
    ASSERT_GE(most, limits::kCodeBytesMax) << at;
    SetString(message, field, std::string(most + 1, 'a'));
    ASSERT_NE(ProblemAt(builder.Try(*command).status(), at), "") << at;
    SetString(message, field, std::string(most, 'a'));
    judged = builder.Try(*command);
    EXPECT_THAT(ProblemAt(judged.status(), at),
                ::testing::Not(HasSubstr("bytes")))
        << at;
  });
}

TEST(BorderTest, BoundsAreThoseOfTheHeaderAndThePolicysLowerOnes) {
  const CaseBuilder builder = Opened();
  const auto refused = [&](const char* verb, const std::string& path,
                           size_t most) {
    v1::Command command = ParseCommand(verb);
    std::string why = ProblemAt(builder.Try(command).status(), path);
    return why.find(absl::StrCat("more than ", most)) != std::string::npos;
  };
  const std::string long_text(30'000, 'a');
  EXPECT_TRUE(refused(("open { description: '" + long_text + "' }").c_str(),
                      "open.description", limits::kDescriptionBytesMax));
  EXPECT_TRUE(refused(("note { text: '" + long_text + "' }").c_str(),
                      "note.text", limits::kNoteBytesMax));
  EXPECT_TRUE(refused(("reopen { reason: '" + long_text + "' }").c_str(),
                      "reopen.reason", limits::kReasonBytesMax));
  EXPECT_TRUE(refused(("key: '" + long_text + "' accept {}").c_str(), "key",
                      limits::kKeyBytesMax));
  const CaseBuilder lower = Opened(std::string(tests::kPolicy) +
                                   "limits { note_bytes: 10 attachments: 1 }");
  EXPECT_THAT(lower.Try("note { visibility: PUBLIC_NOTE text: '1234567890' }"),
              IsOk());
  EXPECT_THAT(lower.Try("note { visibility: PUBLIC_NOTE text: '12345678901' }"),
              HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));
}

TEST(BorderTest, NoNumberIsInfiniteOrNone) {
  const CaseBuilder builder = Opened();
  int fields = 0;
  EachLeafOfEachVerb([&](v1::Command* command, Message* message,
                         const FieldDescriptor* field, const std::string& at) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE) return;
    ++fields;
    for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      message->GetReflection()->SetDouble(message, field, bad);
      EXPECT_NE(ProblemAt(builder.Try(*command).status(), at), "") << at;
    }
  });
  EXPECT_EQ(fields, 6);  // OPEN, SPLIT, RELOCATE
}

TEST(BorderTest, NoEnumTakesAValueThatHasNoName) {
  const CaseBuilder builder = Opened();
  int fields = 0;
  EachLeafOfEachVerb([&](v1::Command* command, Message* message,
                         const FieldDescriptor* field, const std::string& at) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return;
    ++fields;
    message->GetReflection()->SetEnumValue(message, field, 999);
    EXPECT_THAT(ProblemAt(builder.Try(*command).status(), at), HasSubstr("999"))
        << at;
  });
  EXPECT_GT(fields, 5);
}

TEST(BorderTest, NoInstantLiesOutsideTheYearsOfTheCalendars) {
  const CaseBuilder builder = Opened();
  int fields = 0;
  EachLeafOfEachVerb([&](v1::Command* command, Message* message,
                         const FieldDescriptor* field, const std::string& at) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return;
    ++fields;
    auto* instant = static_cast<google::protobuf::Timestamp*>(
        message->GetReflection()->MutableMessage(message, field));
    for (const int64_t seconds :
         {int64_t{-1}, int64_t{6'311'433'600}, int64_t{253'402'300'800},
          std::numeric_limits<int64_t>::min(),
          std::numeric_limits<int64_t>::max()}) {
      instant->set_seconds(seconds);
      EXPECT_NE(ProblemAt(builder.Try(*command).status(), at), "")
          << at << " " << seconds;
    }
    instant->set_seconds(1);
    instant->set_nanos(-1);
    EXPECT_NE(ProblemAt(builder.Try(*command).status(), at), "") << at;
  });
  EXPECT_GT(fields, 30);  // `at` of every verb
}

TEST(BorderTest, BytesAreIdsAndHashes) {
  const CaseBuilder builder = Opened();
  EachLeafOfEachVerb([&](v1::Command* command, Message* message,
                         const FieldDescriptor* field, const std::string& at) {
    if (field->type() != FieldDescriptor::TYPE_BYTES) return;
    SetString(message, field, std::string(17, 'x'));
    EXPECT_NE(ProblemAt(builder.Try(*command).status(), at), "") << at;
  });
}

TEST(BorderTest, FieldsOfALaterReleaseAreRefusedAtEveryDepth) {
  const CaseBuilder builder = Opened();
  v1::Command top = ParseCommand("open { category: 'tree' }");
  top.GetReflection()->MutableUnknownFields(&top)->AddVarint(9999, 1);
  EXPECT_THAT(builder.Try(top), HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  v1::Command deep = ParseCommand("open { category: 'tree' reporter {} }");
  v1::Person* person = deep.mutable_open()->mutable_reporter();
  person->GetReflection()->MutableUnknownFields(person)->AddVarint(9999, 1);
  EXPECT_THAT(ProblemAt(builder.Try(deep).status(), "open.reporter"),
              HasSubstr("does not know"));
}

TEST(BorderTest, ALineBreakIsForTextsAndNotForNames) {
  const CaseBuilder builder = Opened();
  EXPECT_THAT(builder.Try("open { category: 'tree' "
                          "reporter { mail: 'x@y\\nBcc: z@y' } }"),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  EXPECT_THAT(builder.Try("note { visibility: PUBLIC_NOTE text: 'a\\n\\tb' }"),
              IsOk());
}

TEST(BorderTest, HostileTextsAreKeptByteForByte) {
  for (const char* text :
       {"'; DROP TABLE ev;--", "{{7*7}} ${jndi:x} %n%s {0:>9}",
        "<script>alert(1)</script>", "\u202eevil\u202c", "=cmd()|'x'!A1"}) {
    CaseBuilder builder = Opened();
    v1::Command correct = ParseCommand("correct {}");
    correct.mutable_correct()->set_description(text);
    builder.Do(correct);
    EXPECT_EQ(builder.Build().sealed().description(), text);
  }
}

struct Refused {
  const char* command;
  const char* path;
  const char* why;
};

void PrintTo(const Refused& row, std::ostream* os) { *os << row.command; }

class ContentTest : public ::testing::TestWithParam<Refused> {};

TEST_P(ContentTest, IsRefusedWithItsPath) {
  CaseBuilder builder = Opened();
  const std::string before = builder.Build().SerializeAsString();
  const auto judged = builder.Try(GetParam().command);
  ASSERT_THAT(judged, HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
  std::string all;
  const v1::ErrorInfo info = InfoOf(judged.status());
  for (const v1::Problem& p : info.problems()) {
    all += p.path() + ": " + p.message() + "; " + p.hint() + "\n";
  }
  EXPECT_THAT(all, HasSubstr(absl::StrCat(GetParam().path, ": ")));
  EXPECT_THAT(all, HasSubstr(GetParam().why));
  EXPECT_EQ(builder.Build().SerializeAsString(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ContentTest,
    ::testing::Values(
        Refused{"open { category: 'streetlite' }", "open.category",
                "did you mean \"streetlight\"?"},
        Refused{"open {}", "open.category", "is required"},
        Refused{"open { category: 'roads' }", "open.category", "is a group"},
        Refused{"open { category: 'tree' place { latitude: 91 longitude: 0 } }",
                "open.place.latitude", "between -90 and 90"},
        Refused{
            "open { category: 'tree' place { latitude: 0 longitude: 181 } }",
            "open.place.longitude", "between -180 and 180"},
        Refused{"open { category: 'tree' place { latitude: 1 } }", "open.place",
                "only one of"},
        Refused{"open { category: 'tree' place { area: 'xiny' } }",
                "open.place.area", "did you mean \"xinyi\"?"},
        Refused{"open { category: 'tree' unit: 'park' }", "open.unit",
                "did you mean \"parks\"?"},
        Refused{"open { category: 'tree' priority: 'hihg' }", "open.priority",
                "did you mean \"high\"?"},
        Refused{"open { category: 'tree' external { system: 'x' } }",
                "open.external", "both system and id"},
        Refused{"open { category: 'tree' reference: 'X-1' }", "open", "IMPORT"},
        Refused{"open { category: 'streetlight' "
                "attributes { code: 'pol' values: '1' } }",
                "open.attributes[0].code", "did you mean pole?"},
        Refused{"open { category: 'streetlight' "
                "attributes { code: 'kind' values: 'drak' } }",
                "open.attributes[0].values[0]", "none of the values"},
        Refused{"open { category: 'streetlight' "
                "attributes { code: '__proto__' values: '1' } }",
                "open.attributes[0].code", "has no question"},
        Refused{"correct { attributes { code: 'nope' values: '1' } }",
                "correct.attributes[0].code", "has no question"},
        Refused{"correct {}", "correct", "corrects nothing"},
        Refused{"assign {}", "assign", "is required"},
        Refused{"transfer {}", "transfer.unit", "is required"},
        Refused{"transfer { unit: 'lights' }", "transfer.unit", "already"},
        Refused{"wait {}", "wait.for", "is required"},
        Refused{"reclassify { category: 'nope' }", "reclassify.category",
                "there is no category"},
        Refused{"reprioritise {}", "reprioritise.priority", "is required"},
        Refused{"note { text: 'x' }", "note.visibility", "is required"},
        Refused{"note { visibility: PUBLIC_NOTE }", "note.text", "is required"},
        Refused{"attach { blob: 'b' visibility: PUBLIC_NOTE sha256: '' }",
                "attach.sha256", "32 bytes"},
        Refused{"attach { blob: 'b' visibility: PUBLIC_NOTE size: -1 "
                "sha256: '01234567890123456789012345678901' }",
                "attach.size", "is -1"},
        Refused{"merge {}", "merge.into", "is required"},
        Refused{"link { to: 'x' }", "link.kind", "is required"},
        Refused{"request_extension { until { seconds: 1770000000 } }",
                "request_extension.until", "is not after the due instant"},
        Refused{"request_extension {}", "request_extension.until",
                "is required"}));

TEST(BorderTest, ACommandWithoutVerbSaysNothingToDo) {
  EXPECT_THAT(Opened().Try(v1::Command()),
              HasReason(v1::ErrorInfo::INVALID_ARGUMENT));
}

TEST(BorderTest, AllThatIsWrongIsToldInOneGo) {
  const auto judged = Opened().Try(
      "open { category: 'nope' unit: 'nobody' priority: 'none' "
      "place { latitude: 99 longitude: 999 area: 'no' } }");
  EXPECT_EQ(InfoOf(judged.status()).problems_size(), 6);
}

TEST(BorderTest, MinusZeroIsZero) {
  EXPECT_THAT(
      Opened().Try("relocate { place { latitude: -0.0 longitude: -0.0 } }"),
      IsOk());
}

// ------------------------------------------------- bounds of one case

v1::Command WithParties(int count) {
  v1::Command command = ParseCommand("open { category: 'tree' }");
  for (int i = 0; i < count; ++i) {
    command.mutable_open()->add_parties()->set_person("p");
  }
  return command;
}

TEST(BorderTest, PartiesAttachmentsLinksAndEventsAreBounded) {
  EXPECT_THAT(Opened().Try(WithParties(50)), IsOk());
  EXPECT_THAT(Opened().Try(WithParties(51)),
              HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));

  const char* attach =
      "attach { blob: 'b' visibility: PUBLIC_NOTE size: 4294967296 "
      "sha256: '01234567890123456789012345678901' }";
  CaseBuilder files = Opened();
  for (size_t i = 0; i < limits::kAttachmentsMax; ++i) files.Do(attach);
  EXPECT_THAT(files.Try(attach), HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));
  v1::Command large = ParseCommand(attach);
  large.mutable_attach()->set_size(limits::kAttachmentBytesMax + 1);
  EXPECT_THAT(Opened().Try(large), HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));

  CaseBuilder events =
      Opened(std::string(tests::kPolicy) + "limits { events_per_case: 3 }");
  const char* note = "note { visibility: PUBLIC_NOTE text: 'x' }";
  events.Do(note).Do(note);
  EXPECT_THAT(events.Try(note), HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));
  EXPECT_THAT(events.Try("close { outcome: 'ok' }"), IsOk());  // always room
}

TEST(BorderTest, AClockTakesAThousandMarksAndNoMore) {
  CaseBuilder builder = Opened();
  const char* wait = "wait { for: FOR_REPORTER reason: 'x' }";
  int waits = 0;
  while (builder.Try(wait).ok() && waits < 600) {
    builder.Do(wait).After(absl::Milliseconds(1));
    builder.Do("resume {}").After(absl::Milliseconds(1));
    ++waits;
  }
  EXPECT_THAT(builder.Try(wait), HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));
  EXPECT_GT(waits, 400);
  builder.Do("resolve { outcome: 'ok' }");
  for (const v1::ClockState& clock : builder.Build().clocks()) {
    EXPECT_LE(clock.marks_size(), static_cast<int>(limits::kMarksPerClockMax));
  }
}

TEST(BorderTest, ACommandOfMoreThanAMebibyteIsRefused) {
  v1::Command command = ParseCommand("open { category: 'tree' }");
  for (size_t i = 0; i < limits::kAttributesMax; ++i) {
    v1::AttributeValue* answer = command.mutable_open()->add_attributes();
    answer->set_code("a");
    for (int k = 0; k < 5; ++k) {
      answer->add_values(std::string(limits::kAttributeValueBytesMax, 'x'));
    }
  }
  EXPECT_THAT(Opened().Try(command), HasReason(v1::ErrorInfo::LIMIT_EXCEEDED));
}

}  // namespace
}  // namespace hotline
