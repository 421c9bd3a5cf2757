#include "hotline/access.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/v1/audience.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline {
namespace {

using testing::HasSubstr;

Access Compile(const std::string& policy, std::string* told) {
  v1::PolicySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(policy, &spec));
  Problems problems;
  Access access = Access::Compile(spec.roles(), &problems);
  for (const v1::Problem& p : problems.list()) {
    absl::StrAppend(told, p.path(), ": ", p.message(), "\n");
  }
  return access;
}

Access MustCompile(const std::string& policy) {
  std::string told;
  Access access = Compile(policy, &told);
  EXPECT_EQ(told, "");
  return access;
}

v1::Case CaseOf(const std::string& unit, const std::string& reporter) {
  v1::Case c;
  c.set_tenant("tpe");
  c.set_unit(unit);
  c.set_reporter(reporter);
  return c;
}

Actor Who(std::vector<std::string> roles, std::vector<std::string> units = {},
          std::string id = "ana") {
  return {"tpe", std::move(id), std::move(roles), std::move(units)};
}

TEST(AccessTest, NobodyMayDoAnythingUnasked) {
  const Access access = MustCompile("");
  const v1::Case on = CaseOf("works", "ben");
  for (const Actor& actor :
       {Who({}), Who({"Admin"}), Who({"nobody"}), Who({""}), Who({"public"})}) {
    EXPECT_FALSE(access.MayDo(actor, v1::OPEN, nullptr));
    EXPECT_FALSE(access.MayDo(actor, v1::NOTE, &on));
    EXPECT_FALSE(access.May(actor, v1::READ_ALL, nullptr));
    EXPECT_FALSE(access.May(actor, v1::READ_INTERNAL, &on));
  }
  const Access none;
  EXPECT_FALSE(none.MayDo(Who({"admin"}), v1::OPEN, nullptr));
  EXPECT_FALSE(none.May(Who({"admin"}), v1::ADOPT, nullptr));
  EXPECT_FALSE(none.MaySee(Who({"admin"}), on));
}

TEST(AccessTest, BuiltInRolesAreThoseOfTheManual) {
  const Access access = MustCompile("");
  const v1::Case on = CaseOf("works", "ana");
  const auto verbs = [&](const std::string& role) {
    std::string may;
    for (int v = 1; v < v1::Verb_ARRAYSIZE; ++v) {
      const auto verb = static_cast<v1::Verb>(v);
      if (access.MayDo(Who({role}, {"works"}), verb, &on)) {
        absl::StrAppend(&may, v1::Verb_Name(verb), " ");
      }
    }
    return may;
  };
  const auto permissions = [&](const std::string& role) {
    std::string may;
    for (int p = 1; p < v1::Permission_ARRAYSIZE; ++p) {
      const auto permission = static_cast<v1::Permission>(p);
      if (access.May(Who({role}, {"works"}), permission, &on)) {
        absl::StrAppend(&may, v1::Permission_Name(permission), " ");
      }
    }
    return may;
  };
  std::string all;
  std::string all_but_erasure;
  for (int v = 1; v < v1::Verb_ARRAYSIZE; ++v) {
    const std::string& name = v1::Verb_Name(static_cast<v1::Verb>(v));
    absl::StrAppend(&all, name, " ");
    if (v != v1::ERASE_PERSON) absl::StrAppend(&all_but_erasure, name, " ");
  }
  EXPECT_EQ(verbs("admin"), all);
  EXPECT_EQ(permissions("admin"),
            "READ_INTERNAL READ_PERSONAL LATE_FACT ADOPT IMPORT RECORD_CONTACT "
            "READ_ALL DECLARE ");
  EXPECT_EQ(verbs("supervisor"), all_but_erasure);
  EXPECT_EQ(permissions("supervisor"),
            "READ_INTERNAL READ_PERSONAL LATE_FACT RECORD_CONTACT READ_ALL "
            "DECLARE ");
  EXPECT_EQ(verbs("agent"),
            "OPEN ACCEPT ASSIGN TRANSFER WAIT RESUME CLOSE REOPEN MERGE SPLIT "
            "LINK RECLASSIFY REPRIORITISE RELOCATE CORRECT NOTE ATTACH RATE "
            "CANCEL REJECT ");
  EXPECT_EQ(permissions("agent"),
            "READ_INTERNAL READ_PERSONAL RECORD_CONTACT READ_ALL ");
  EXPECT_EQ(verbs("unit"),
            "ACCEPT ASSIGN TRANSFER RETURN WAIT RESUME RESOLVE REQUEST_CLOSURE "
            "CLOSE CLOSE_AND_FOLLOW_UP COMPLETE_FOLLOW_UP LINK NOTE ATTACH "
            "ESCALATE REQUEST_EXTENSION ");
  EXPECT_EQ(permissions("unit"), "READ_INTERNAL READ_PERSONAL ");
  EXPECT_EQ(verbs("reporter"), "OPEN RESUME REOPEN NOTE ATTACH RATE CANCEL ");
  EXPECT_EQ(permissions("reporter"), "");
  EXPECT_EQ(verbs("public"), "");
  EXPECT_EQ(permissions("public"), "");
  EXPECT_EQ(verbs("machine"), all);
  EXPECT_EQ(permissions("machine"),
            "READ_INTERNAL LATE_FACT IMPORT RECORD_CONTACT READ_ALL ");
  EXPECT_TRUE(access.Knows("unit"));
  EXPECT_FALSE(access.Knows("boss"));
}

TEST(AccessTest, APolicyWithRolesHasNoOthers) {
  const Access access = MustCompile("roles { code: 'clerk' verbs: NOTE }");
  const v1::Case on = CaseOf("works", "ben");
  EXPECT_FALSE(access.MayDo(Who({"admin"}), v1::NOTE, &on));
  EXPECT_TRUE(access.MayDo(Who({"clerk"}), v1::NOTE, &on));
  EXPECT_FALSE(access.MayDo(Who({"clerk"}), v1::CLOSE, &on));
}

TEST(AccessTest, UnitsReachTheirOwnCasesOnly) {
  const Access access = MustCompile("");
  const v1::Case own = CaseOf("works", "ben");
  const v1::Case other = CaseOf("parks", "ben");
  const v1::Case nobodys = CaseOf("", "ben");
  const Actor clerk = Who({"unit"}, {"works", ""});
  EXPECT_TRUE(access.MayDo(clerk, v1::RESOLVE, &own));
  EXPECT_FALSE(access.MayDo(clerk, v1::RESOLVE, &other));
  EXPECT_FALSE(access.MayDo(clerk, v1::RESOLVE, &nobodys));
  EXPECT_TRUE(access.May(clerk, v1::READ_PERSONAL, &own));
  EXPECT_FALSE(access.May(clerk, v1::READ_PERSONAL, &other));
  EXPECT_FALSE(access.May(clerk, v1::READ_PERSONAL, nullptr));
  EXPECT_TRUE(access.MaySee(clerk, own));
  EXPECT_FALSE(access.MaySee(clerk, other));
}

TEST(AccessTest, ReportersReachTheirOwnCasesOnly) {
  const Access access = MustCompile("");
  const v1::Case own = CaseOf("works", "ana");
  const v1::Case other = CaseOf("works", "ben");
  const v1::Case anonymous = CaseOf("works", "");
  const Actor ana = Who({"reporter"});
  EXPECT_TRUE(access.MayDo(ana, v1::OPEN, nullptr));
  EXPECT_TRUE(access.MayDo(ana, v1::RATE, &own));
  EXPECT_FALSE(access.MayDo(ana, v1::RATE, &other));
  EXPECT_FALSE(access.MayDo(ana, v1::RATE, nullptr));
  EXPECT_TRUE(access.IsReporter(ana, own));
  EXPECT_FALSE(access.IsReporter(ana, other));
  EXPECT_FALSE(access.IsReporter(Who({"agent"}), own));
  const Actor nameless = Who({"reporter"}, {}, "");
  EXPECT_FALSE(access.MayDo(nameless, v1::RATE, &anonymous));
  EXPECT_FALSE(access.IsReporter(nameless, anonymous));
  EXPECT_FALSE(access.MaySee(nameless, anonymous));
}

TEST(AccessTest, SeveralRolesAddUp) {
  const Access access = MustCompile("");
  const Actor both = Who({"reporter", "unit"}, {"works"});
  const v1::Case as_unit = CaseOf("works", "ben");
  const v1::Case as_reporter = CaseOf("parks", "ana");
  EXPECT_TRUE(access.MayDo(both, v1::RESOLVE, &as_unit));
  EXPECT_FALSE(access.MayDo(both, v1::RATE, &as_unit));
  EXPECT_TRUE(access.MayDo(both, v1::RATE, &as_reporter));
  EXPECT_FALSE(access.MayDo(both, v1::RESOLVE, &as_reporter));
}

TEST(AccessTest, OtherTenantsAreNeverReached) {
  const Access access = MustCompile("");
  v1::Case on = CaseOf("works", "ana");
  on.set_tenant("khh");
  for (const char* role : {"admin", "machine", "unit", "reporter", "public"}) {
    const Actor actor = Who({role}, {"works"});
    EXPECT_FALSE(access.MayDo(actor, v1::NOTE, &on)) << role;
    EXPECT_FALSE(access.May(actor, v1::READ_ALL, &on)) << role;
    EXPECT_FALSE(access.MaySee(actor, on)) << role;
    EXPECT_FALSE(access.IsReporter(actor, on)) << role;
  }
}

TEST(AccessTest, ReadAllLiftsTheBoundForReadingOnly) {
  const Access access = MustCompile(R"pb(
    roles {
      code: "r"
      own_unit_only: true
      verbs: NOTE
      permissions: READ_ALL
      permissions: READ_INTERNAL
      permissions: LATE_FACT
    })pb");
  const v1::Case other = CaseOf("parks", "ben");
  const Actor clerk = Who({"r"}, {"works"});
  EXPECT_TRUE(access.May(clerk, v1::READ_INTERNAL, &other));
  EXPECT_TRUE(access.MaySee(clerk, other));
  EXPECT_FALSE(access.MayDo(clerk, v1::NOTE, &other));
  EXPECT_FALSE(access.May(clerk, v1::LATE_FACT, &other));
  EXPECT_TRUE(access.May(clerk, v1::LATE_FACT, nullptr));
}

TEST(AccessTest, ValuesThatAreNoneAreRefused) {
  const Access access = MustCompile("");
  const v1::Case on = CaseOf("works", "ben");
  for (const int value : {-1, 0, 1'000}) {
    EXPECT_FALSE(
        access.MayDo(Who({"admin"}), static_cast<v1::Verb>(value), &on));
    EXPECT_FALSE(
        access.May(Who({"admin"}), static_cast<v1::Permission>(value), &on));
  }
}

TEST(AccessTest, EveryMistakeIsTold) {
  const std::pair<std::string, std::string> table[] = {
      {"roles { }", "roles[0].code: is empty"},
      {"roles { code: 'a' } roles { code: 'a' }",
       "roles[1].code: \"a\" is there twice"},
      {"roles { code: 'a' verbs: VERB_UNSPECIFIED }",
       "roles[0].verbs[0]: is no verb"},
      {"roles { code: 'a' permissions: PERMISSION_UNSPECIFIED }",
       "roles[0].permissions[0]: is no permission"},
  };
  for (const auto& [policy, said] : table) {
    std::string told;
    Compile(policy, &told);
    EXPECT_THAT(told, HasSubstr(said));
  }
}

// -------------------------------------------------------------------- mask

v1::Case FullCase() {
  v1::Case c;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        id: "0123456789abcdef"
        reference: "4821-0937-55127"
        category: "noise"
        assignee: "ana"
        reporter: "ben"
        opened_at { seconds: 5 }
        updated_at { seconds: 6 }
        attributes { code: "color" values: "red" }
        clocks {
          clock: "finish"
          cycle: 2
          due { seconds: 9 }
          marks {
            kind: START
            at { seconds: 5 }
          }
        }
        sealed {
          reporter { name: "Ben" }
          description: "loud"
          answer: "we went there"
          place { address: "5 Main St" area: "xinyi" cell: 7 }
          salt: "salt"
        }
      )pb",
      &c));
  return c;
}

std::string Seen(const View& view) {
  v1::Case c = FullCase();
  Mask(view, &c);
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetUseUtf8StringEscaping(true);
  printer.PrintToString(c, &text);
  return text;
}

TEST(MaskTest, ThePublicSeesPublicFieldsOnly) {
  EXPECT_EQ(Seen({}),
            "reference: \"4821-0937-55127\" category: \"noise\" opened_at { "
            "seconds: 5 } ");
}

TEST(MaskTest, ReportersSeeTheAnswerButNoNames) {
  EXPECT_EQ(
      Seen({.reporter = true}),
      "reference: \"4821-0937-55127\" category: \"noise\" attributes { "
      "code: \"color\" values: \"red\" } clocks { clock: \"finish\" due { "
      "seconds: 9 } } opened_at { seconds: 5 } sealed { answer: \"we "
      "went there\" } ");
}

TEST(MaskTest, StaffSeeWhatIsInside) {
  const std::string seen = Seen({.internal = true});
  EXPECT_THAT(seen, HasSubstr("assignee: \"ana\""));
  EXPECT_THAT(seen, HasSubstr("marks { kind: START at { seconds: 5 } }"));
  EXPECT_THAT(seen, HasSubstr("sealed { answer: \"we went there\" }"));
  EXPECT_THAT(seen, testing::Not(HasSubstr("Ben")));
  EXPECT_THAT(seen, testing::Not(HasSubstr("ben")));
  EXPECT_THAT(seen, testing::Not(HasSubstr("Main St")));
}

TEST(MaskTest, PersonalFieldsNeedTheirPermission) {
  const std::string seen = Seen({.internal = true, .personal = true});
  EXPECT_THAT(seen, HasSubstr("name: \"Ben\""));
  EXPECT_THAT(seen, HasSubstr("address: \"5 Main St\""));
  EXPECT_THAT(seen, HasSubstr("cell: 7"));
}

TEST(MaskTest, SecretsAreNeverSeen) {
  const View all = {.reporter = true, .internal = true, .personal = true};
  EXPECT_THAT(Seen(all), testing::Not(HasSubstr("salt")));
}

TEST(MaskTest, UnknownFieldsAreDropped) {
  v1::Case c;
  ASSERT_TRUE(
      c.ParseFromString("\xfa\xff\x01\x03"
                        "abc"));  // field 4095
  ASSERT_EQ(c.GetReflection()->GetUnknownFields(c).field_count(), 1);
  Mask({.reporter = true, .internal = true, .personal = true}, &c);
  EXPECT_EQ(c.ByteSizeLong(), 0u);
}

// Whatever a message holds, no marker of a class a view lacks comes through:
// every string of every field of an Event and a Case is filled with the name of
// its audience, then masked for each view.
void Fill(google::protobuf::Message* message, std::string_view outer,
          int depth) {
  const auto* descriptor = message->GetDescriptor();
  const auto* reflection = message->GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    const auto audience = field->options().GetExtension(v1::see);
    const std::string marker =
        absl::StrCat(std::string(outer), ":", v1::Audience_Name(audience));
    using F = google::protobuf::FieldDescriptor;
    if (field->cpp_type() == F::CPPTYPE_STRING) {
      if (field->is_repeated()) {
        reflection->AddString(message, field, marker);
      } else {
        reflection->SetString(message, field, marker);
      }
    } else if (field->cpp_type() == F::CPPTYPE_MESSAGE && depth < 8 &&
               field->message_type()->file()->package() == "hotline.v1") {
      Fill(field->is_repeated() ? reflection->AddMessage(message, field)
                                : reflection->MutableMessage(message, field),
           marker, depth + 1);
    }
  }
}

TEST(MaskTest, NoMarkerOfAnotherAudienceComesThrough) {
  v1::Case c;
  v1::Event event;
  v1::Command command;
  google::protobuf::Message* const messages[] = {&c, &event, &command};
  for (google::protobuf::Message* full : messages) {
    Fill(full, "", 0);
    for (int bits = 0; bits < 8; ++bits) {
      const View view = {.reporter = (bits & 1) != 0,
                         .internal = (bits & 2) != 0,
                         .personal = (bits & 4) != 0};
      std::unique_ptr<google::protobuf::Message> copy(full->New());
      copy->CopyFrom(*full);
      Mask(view, copy.get());
      const std::string bytes = copy->SerializeAsString();
      EXPECT_EQ(bytes.find("SECRET"), bytes.npos);
      if (!view.personal) {
        EXPECT_EQ(bytes.find("PERSONAL"), bytes.npos);
      }
      if (!view.internal) {
        EXPECT_EQ(bytes.find("INTERNAL"), bytes.npos);
        if (!view.reporter) {
          EXPECT_EQ(bytes.find("REPORTER"), bytes.npos);
        }
      }
    }
  }
}

}  // namespace
}  // namespace hotline
