#include "hotline/taxonomy.h"

#include <map>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "hotline/limits.h"

namespace hotline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::PolicySpec Parse(const std::string& text) {
  v1::PolicySpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &spec));
  return spec;
}

Taxonomy MustCompile(const v1::PolicySpec& spec) {
  auto taxonomy = Taxonomy::Create(spec.categories());
  EXPECT_TRUE(taxonomy.ok()) << taxonomy.status();
  return taxonomy.ok() ? *taxonomy : Taxonomy();
}

// "path: message; hint", each on a line.
std::string Told(const Problems& problems) {
  std::string told;
  for (const v1::Problem& p : problems.list()) {
    absl::StrAppend(&told, p.path(), ": ", p.message(),
                    p.hint().empty() ? "" : "; ", p.hint(), "\n");
  }
  return told;
}

constexpr char kCity[] = R"pb(
  categories {
    code: "roads"
    kind: GROUP
    names { language: "en" text: "Roads" }
    names { language: "zh-Hant" text: "道路" }
    unit: "works"
    priority: "normal"
    workflow: "standard"
    named_reporter_required: true
    clocks { clock: "finish" }
    clocks { clock: "accept" }
    attributes { code: "where" datatype: STRING order: 1 }
  }
  categories {
    code: "streetlight"
    parent: "roads"
    names { language: "en" text: "Street light out" }
    names { language: "zh-Hant" text: "路燈不亮" }
    keywords { language: "zh-Hant" text: "燈柱、照明" }
    keywords { language: "en" text: "lamp, dark street" }
    aliases: "A10"
    aliases: "Street Light / Out"
    unit: "lighting"
    runs_through_closures: true
    clocks { clock: "accept" ladder: "fast" }
    clocks { clock: "answer" }
    attributes { code: "pole" datatype: NUMBER order: 2 }
    attributes { code: "where" datatype: TEXT order: 1 required: true }
    valid_from: "2020-01-01"
    valid_until: "2026-06-30"
  }
  categories {
    code: "flicker"
    parent: "streetlight"
    kind: INFORMATION
    names { language: "en" text: "Street light flickers" }
  }
  categories {
    code: "noise"
    names { language: "en" text: "Noise" }
    names { language: "zh-Hant" text: "噪音" }
  }
  categories {
    code: "noise-party"
    parent: "noise"
    names { language: "en" text: "Loud music or party" }
  }
)pb";

TEST(TaxonomyTest, ChildrenInheritWhatTheyDoNotSay) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  const Category& flicker = *taxonomy.Find("flicker");
  EXPECT_EQ(flicker.unit, "lighting");
  EXPECT_EQ(flicker.priority, "normal");
  EXPECT_EQ(flicker.workflow, "standard");
  EXPECT_TRUE(flicker.named_reporter_required);
  EXPECT_TRUE(flicker.runs_through_closures);
  EXPECT_EQ(taxonomy.Find("roads")->unit, "works");
  EXPECT_FALSE(taxonomy.Find("roads")->runs_through_closures);
  EXPECT_TRUE(taxonomy.Find("noise")->unit.empty());
}

TEST(TaxonomyTest, KindIsNotInherited) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  EXPECT_EQ(taxonomy.Find("roads")->kind, v1::CategorySpec::GROUP);
  EXPECT_EQ(taxonomy.Find("streetlight")->kind, v1::CategorySpec::CASE);
  EXPECT_EQ(taxonomy.Find("flicker")->kind, v1::CategorySpec::INFORMATION);
}

TEST(TaxonomyTest, OwnClocksReplaceThoseOfTheSameCode) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  std::vector<std::string> seen;
  for (const ClockOnCategory& clock : *taxonomy.Find("streetlight")->clocks) {
    seen.push_back(absl::StrCat(clock.use.clock(), ":", clock.use.ladder(), "@",
                                clock.path));
  }
  EXPECT_THAT(seen, ElementsAre("finish:@categories[0].clocks[0]",
                                "accept:fast@categories[1].clocks[0]",
                                "answer:@categories[1].clocks[1]"));
}

TEST(TaxonomyTest, OwnQuestionsReplaceThoseOfTheSameCode) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  const auto& questions = *taxonomy.Find("streetlight")->attributes;
  ASSERT_EQ(questions.size(), 2u);
  EXPECT_EQ(questions[0].code(), "where");
  EXPECT_EQ(questions[0].datatype(), v1::AttributeSpec::TEXT);
  EXPECT_TRUE(questions[0].required());
  EXPECT_EQ(questions[1].code(), "pole");
}

TEST(TaxonomyTest, ListsAreSharedWhereNothingIsAdded) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  EXPECT_EQ(taxonomy.Find("flicker")->clocks,
            taxonomy.Find("streetlight")->clocks);
  EXPECT_EQ(taxonomy.Find("flicker")->attributes,
            taxonomy.Find("streetlight")->attributes);
  ASSERT_NE(taxonomy.Find("noise")->clocks, nullptr);
  EXPECT_TRUE(taxonomy.Find("noise")->clocks->empty());
}

TEST(TaxonomyTest, FindsByCodePathAndAlias) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  const Category* light = taxonomy.Find("streetlight");
  ASSERT_NE(light, nullptr);
  EXPECT_EQ(light->path, "roads/streetlight");
  EXPECT_EQ(taxonomy.Find("roads/streetlight"), light);
  EXPECT_EQ(taxonomy.Find("A10"), light);
  EXPECT_EQ(taxonomy.Find("Street Light / Out"), light);
  EXPECT_EQ(taxonomy.Find("roads/streetlight/flicker")->code, "flicker");
  EXPECT_EQ(taxonomy.Find("streetlight/flicker"), nullptr);
  EXPECT_EQ(taxonomy.Find(""), nullptr);
  EXPECT_EQ(taxonomy.Find("Streetlight"), nullptr);
  EXPECT_EQ(taxonomy.Nearest("streetlihgt"), "streetlight");
  EXPECT_EQ(taxonomy.Nearest("zzzzzzzzzzzzzzz"), "");
  EXPECT_THAT(taxonomy.Find("flicker")->Chain(),
              ElementsAre("flicker", "streetlight", "roads"));
}

TEST(TaxonomyTest, IsValidOnDatesOnWhichItAndAllAboveItAre) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  for (const char* code : {"streetlight", "flicker"}) {
    const Category& node = *taxonomy.Find(code);
    EXPECT_FALSE(node.ValidOn(absl::CivilDay(2019, 12, 31)));
    EXPECT_TRUE(node.ValidOn(absl::CivilDay(2020, 1, 1)));
    EXPECT_TRUE(node.ValidOn(absl::CivilDay(2026, 6, 30)));
    EXPECT_FALSE(node.ValidOn(absl::CivilDay(2026, 7, 1)));
  }
  EXPECT_TRUE(taxonomy.Find("roads")->ValidOn(absl::CivilDay(1970, 1, 1)));
}

TEST(TaxonomyTest, NamesFallBackToANearLanguage) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  const Category& light = *taxonomy.Find("streetlight");
  EXPECT_EQ(light.Name("zh-Hant"), "路燈不亮");
  EXPECT_EQ(light.Name("zh-Hant-TW"), "路燈不亮");
  EXPECT_EQ(light.Name("ZH-hant"), "路燈不亮");
  EXPECT_EQ(light.Name("zh"), "路燈不亮");
  EXPECT_EQ(light.Name("en-US"), "Street light out");
  EXPECT_EQ(light.Name("hak"), "Street light out") << "the first";
  EXPECT_EQ(light.Name(""), "Street light out");
  const auto bare = MustCompile(Parse(R"pb(categories { code: "x" })pb"));
  EXPECT_EQ(bare.Find("x")->Name("en"), "x");
}

TEST(TaxonomyTest, ParentsMayBeWrittenAfterTheirChildren) {
  const Taxonomy taxonomy = MustCompile(Parse(R"pb(
    categories { code: "c" parent: "b" }
    categories { code: "b" parent: "a" }
    categories { code: "a" unit: "u" })pb"));
  std::vector<std::string> order;
  for (const Category* node : taxonomy.All()) order.push_back(node->path);
  EXPECT_THAT(order, ElementsAre("a", "a/b", "a/b/c"));
  EXPECT_EQ(taxonomy.Find("c")->unit, "u");
}

TEST(TaxonomyTest, OutlivesItsSpecAndItsFirstCopy) {
  Taxonomy copy;
  {
    const v1::PolicySpec spec = Parse(kCity);
    copy = MustCompile(spec);
  }
  EXPECT_EQ(copy.Find("streetlight")->spec->aliases(0), "A10");
  EXPECT_EQ(copy.Search("路燈")[0].category->code, "streetlight");
}

TEST(TaxonomyTest, AnEmptyOneFindsNothing) {
  EXPECT_EQ(Taxonomy().Find("x"), nullptr);
  EXPECT_THAT(Taxonomy().Search("x"), IsEmpty());
  EXPECT_THAT(Taxonomy().All(), IsEmpty());
  EXPECT_EQ(Taxonomy().Nearest("x"), "");
}

// ------------------------------------------------------------------ search

std::vector<std::string> Found(const Taxonomy& taxonomy, std::string_view words,
                               int limit = 10) {
  std::vector<std::string> codes;
  for (const auto& hit : taxonomy.Search(words, limit)) {
    codes.push_back(hit.category->code);
  }
  return codes;
}

TEST(TaxonomySearchTest, RanksExactBeforePrefixBeforeKeywordBeforePartial) {
  const Taxonomy taxonomy = MustCompile(Parse(R"pb(
    categories {
      code: "p"
      names { text: "a lamp post" }
    }
    categories {
      code: "k"
      keywords { text: "light, lamp" }
    }
    categories {
      code: "n"
      names { text: "Lamp out" }
    }
    categories {
      code: "lamp"
      names { text: "Light" }
    }
    categories {
      code: "e"
      names { text: "LAMP" }
    }
    categories {
      code: "none"
      names { text: "clamp" }
    })pb"));
  EXPECT_THAT(Found(taxonomy, "lamp"), ElementsAre("lamp", "e", "n", "k", "p"));
  const auto hits = taxonomy.Search("lamp");
  for (size_t i = 1; i < hits.size(); ++i) {
    EXPECT_GE(hits[i - 1].score, hits[i].score);
  }
}

TEST(TaxonomySearchTest, TwoChineseCharactersHit) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  EXPECT_THAT(Found(taxonomy, "路燈"), ElementsAre("streetlight", "flicker"));
  EXPECT_THAT(Found(taxonomy, "不亮")[0], "streetlight");
  EXPECT_THAT(Found(taxonomy, "照明")[0], "streetlight");
  EXPECT_THAT(Found(taxonomy, "噪音")[0], "noise");
  EXPECT_THAT(Found(taxonomy, "燈")[0], "streetlight");
  EXPECT_THAT(Found(taxonomy, "路燈壞了")[0], "streetlight");
  EXPECT_THAT(Found(taxonomy, "燈路"), IsEmpty()) << "order counts";
}

TEST(TaxonomySearchTest, CaseAndWidthDoNotMatter) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  for (const char* words : {"NOISE", "Ｎｏｉｓｅ", " noise! ", "noise"}) {
    EXPECT_THAT(Found(taxonomy, words)[0], "noise") << words;
  }
  EXPECT_THAT(Found(taxonomy, "a10"), ElementsAre("streetlight"));
}

TEST(TaxonomySearchTest, WordsAreFoundByTheirBeginning) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  EXPECT_THAT(Found(taxonomy, "flick"), ElementsAre("flicker"));
  EXPECT_THAT(Found(taxonomy, "licker"), IsEmpty());
  EXPECT_THAT(Found(taxonomy, "light street")[0], "streetlight");
  EXPECT_THAT(Found(taxonomy, "party noise")[0], "noise-party")
      << "the parent's name helps";
}

TEST(TaxonomySearchTest, KeepsItsLimitAndItsOrder) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  const auto all = Found(taxonomy, "street", 100);
  EXPECT_EQ(Found(taxonomy, "street", 1), std::vector<std::string>{all[0]});
  EXPECT_EQ(Found(taxonomy, "street", 100), all);
  EXPECT_THAT(Found(taxonomy, "street", 0), IsEmpty());
  EXPECT_THAT(Found(taxonomy, "street", -1), IsEmpty());
}

TEST(TaxonomySearchTest, HostileWordsDoNoHarm) {
  const Taxonomy taxonomy = MustCompile(Parse(kCity));
  EXPECT_THAT(Found(taxonomy, ""), IsEmpty());
  EXPECT_THAT(Found(taxonomy, " ,.-!"), IsEmpty());
  EXPECT_THAT(Found(taxonomy, "\xff\xfe\x80"), IsEmpty());
  EXPECT_THAT(Found(taxonomy, "%_*\"NEAR("), IsEmpty());
  EXPECT_THAT(Found(taxonomy, std::string(1 << 20, 'a')), IsEmpty());
  std::string chinese;
  for (int i = 0; i < 100'000; ++i) chinese += "燈";
  Found(taxonomy, chinese);
}

// ---------------------------------------------------------------- problems

struct Mistake {
  const char* name;
  std::string policy;
  std::string told;  // part of "path: message; hint"
};

class TaxonomyMistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(TaxonomyMistakeTest, IsToldWithItsPath) {
  const v1::PolicySpec spec = Parse(GetParam().policy);
  Problems problems;
  Taxonomy::Compile(spec.categories(), &problems);
  EXPECT_THAT(Told(problems), HasSubstr(GetParam().told));
  const auto created = Taxonomy::Create(spec.categories());
  EXPECT_EQ(ReasonOf(created.status()), v1::ErrorInfo::INVALID_POLICY);
}

std::string Question(std::string_view text) {
  return absl::StrCat(
      "categories { code: 'a' attributes { code: 'first' datatype: "
      "SINGLEVALUELIST order: 1 values { key: 'yes' } values { key: 'no' } } "
      "attributes { ",
      absl::string_view(text.data(), text.size()), " } }");
}

INSTANTIATE_TEST_SUITE_P(
    All, TaxonomyMistakeTest,
    testing::Values(
        Mistake{"EmptyCode", "categories { }", "categories[0].code: is empty"},
        Mistake{"CodeTwice",
                "categories { code: 'a' } categories { code: 'a' }",
                "categories[1].code: \"a\" is also that of categories[0]"},
        Mistake{"SlashInCode", "categories { code: 'a/b' }",
                "categories[0].code: has a slash"},
        Mistake{"BlankInCode", "categories { code: 'a b' }",
                "categories[0].code: has a slash, a blank"},
        Mistake{"ControlInCode", "categories { code: 'a\\x01' }",
                "categories[0].code: has a slash, a blank or a control"},
        Mistake{
            "LongCode",
            absl::StrCat("categories { code: '", std::string(129, 'a'), "' }"),
            "categories[0].code: has 129 bytes; at most 128"},
        Mistake{"UnknownParent",
                "categories { code: 'roads' } "
                "categories { code: 'b' parent: 'raods' }",
                "categories[1].parent: there is no category \"raods\"; did you "
                "mean roads?"},
        Mistake{"OwnParent", "categories { code: 'a' parent: 'a' }",
                "categories[0].parent: is the category itself"},
        Mistake{"Cycle",
                "categories { code: 'x' parent: 'b' } "
                "categories { code: 'a' parent: 'b' } "
                "categories { code: 'b' parent: 'c' } "
                "categories { code: 'c' parent: 'a' }",
                "categories[1].parent: goes round in a circle: a -> b -> c -> "
                "a"},
        Mistake{
            "AliasIsCode",
            "categories { code: 'a' aliases: 'b' } categories { code: 'b' }",
            "categories[0].aliases[0]: \"b\" already leads to b"},
        Mistake{"AliasTwice",
                "categories { code: 'a' aliases: 'z' } "
                "categories { code: 'b' aliases: 'z' }",
                "categories[1].aliases[0]: \"z\" already leads to a"},
        Mistake{"EmptyAlias", "categories { code: 'a' aliases: '' }",
                "categories[0].aliases[0]: is empty"},
        Mistake{"BadDate", "categories { code: 'a' valid_from: '2026-02-30' }",
                "categories[0].valid_from: \"2026-02-30\" is no date"},
        Mistake{"DatesTurned",
                "categories { code: 'a' valid_from: '2026-02-02' valid_until: "
                "'2026-02-01' }",
                "categories[0].valid_until: 2026-02-01 is before 2026-02-02"},
        Mistake{"ClockTwice",
                "categories { code: 'a' clocks { clock: 'k' } clocks { clock: "
                "'k' } }",
                "categories[0].clocks[1].clock: \"k\" is there twice"},
        Mistake{"LongName",
                absl::StrCat("categories { code: 'a' names { text: '",
                             std::string(401, 'x'), "' } }"),
                "categories[0].names[0].text: is too long"},
        Mistake{"UncleanName",
                "categories { code: 'a' names { text: 'a\\rb' } }",
                "categories[0].names[0].text: is too long or no clean text"},
        Mistake{"UncleanKeyword",
                "categories { code: 'a' keywords { text: '\\x07' } }",
                "categories[0].keywords[0].text: is too long or no clean"},
        Mistake{"QuestionWithoutCode", Question("order: 2 datatype: TEXT"),
                "categories[0].attributes[1].code: is empty"},
        Mistake{"QuestionTwice",
                Question("code: 'first' order: 2 datatype: TEXT"),
                "categories[0].attributes[1].code: \"first\" is there twice"},
        Mistake{"NoDatatype", Question("code: 'q' order: 2"),
                "categories[0].attributes[1].datatype: is missing"},
        Mistake{"OrderZero", Question("code: 'q' datatype: TEXT"),
                "categories[0].attributes[1].order: is 0"},
        Mistake{"OrderNegative", Question("code: 'q' datatype: TEXT order: -3"),
                "categories[0].attributes[1].order: is -3"},
        Mistake{"OrderTaken", Question("code: 'q' datatype: TEXT order: 1"),
                "categories[0].attributes[1].order: 1 is also that of "
                "\"first\""},
        Mistake{"OrderTakenByInherited",
                "categories { code: 'a' attributes { code: 'x' datatype: TEXT "
                "order: 1 } } categories { code: 'b' parent: 'a' attributes { "
                "code: 'y' datatype: TEXT order: 1 } }",
                "categories[1].attributes[0].order: 1 is also that of \"x\""},
        Mistake{"ListWithoutValues",
                Question("code: 'q' order: 2 datatype: MULTIVALUELIST"),
                "categories[0].attributes[1].values: is an empty list"},
        Mistake{"ValuesWithoutList",
                Question("code: 'q' order: 2 datatype: NUMBER values { key: "
                         "'1' }"),
                "categories[0].attributes[1].values: belongs to lists only"},
        Mistake{"KeyTwice",
                Question("code: 'q' order: 2 datatype: SINGLEVALUELIST values "
                         "{ key: '1' } values { key: '1' }"),
                "categories[0].attributes[1].values[1].key: \"1\" is there "
                "twice"},
        Mistake{"EmptyKey",
                Question("code: 'q' order: 2 datatype: SINGLEVALUELIST values "
                         "{ }"),
                "categories[0].attributes[1].values[0].key: is empty"},
        Mistake{"RequiredStatement",
                Question("code: 'q' order: 2 statement: true required: true"),
                "categories[0].attributes[1].required: is set on a statement"},
        Mistake{"LongDescription",
                Question(absl::StrCat("code: 'q' order: 2 datatype: TEXT "
                                      "description: '",
                                      std::string(4097, 'x'), "'")),
                "categories[0].attributes[1].description: is too long"},
        Mistake{"ConditionOnUnknown",
                Question("code: 'q' order: 2 datatype: TEXT asked_if { "
                         "attribute: 'frist' }"),
                "categories[0].attributes[1].asked_if[0].attribute: there is "
                "no question \"frist\"; did you mean first?"},
        Mistake{"ConditionOnUnknownValue",
                Question("code: 'q' order: 2 datatype: TEXT asked_if { "
                         "attribute: 'first' values: 'yess' }"),
                "categories[0].attributes[1].asked_if[0].values[0]: \"yess\" "
                "is no value of \"first\"; did you mean yes?"},
        Mistake{"ConditionOnItself",
                Question("code: 'q' order: 2 datatype: TEXT asked_if { "
                         "attribute: 'q' }"),
                "asked_if[0].attribute: \"q\" is not asked before \"q\""},
        Mistake{"ConditionOnLater",
                "categories { code: 'a' attributes { code: 'x' datatype: TEXT "
                "order: 1 asked_if { attribute: 'y' } } attributes { code: 'y' "
                "datatype: TEXT order: 2 } }",
                "categories[0].attributes[0].asked_if[0].attribute: \"y\" is "
                "not asked before \"x\""},
        Mistake{"ConditionOnStatement",
                "categories { code: 'a' attributes { code: 'x' statement: true "
                "order: 1 } attributes { code: 'y' datatype: TEXT order: 2 "
                "asked_if { attribute: 'x' } } }",
                "asked_if[0].attribute: \"x\" takes no answer"},
        Mistake{"InheritedConditionLosesItsValue",
                "categories { code: 'a' attributes { code: 'x' datatype: "
                "SINGLEVALUELIST order: 1 values { key: 'v' } } attributes { "
                "code: 'y' datatype: TEXT order: 2 asked_if { attribute: 'x' "
                "values: 'v' } } } categories { code: 'b' parent: 'a' "
                "attributes { code: 'x' datatype: SINGLEVALUELIST order: 1 "
                "values { key: 'w' } } }",
                "categories[1].attributes: inherited y.asked_if[0].values[0]: "
                "\"v\" is no value"}),
    [](const auto& row) { return row.param.name; });

v1::PolicySpec Line(int length) {
  v1::PolicySpec spec;
  for (int i = 0; i < length; ++i) {
    v1::CategorySpec* node = spec.add_categories();
    node->set_code(absl::StrCat("n", i));
    if (i > 0) node->set_parent(absl::StrCat("n", i - 1));
  }
  return spec;
}

TEST(TaxonomyLimitTest, DepthIsBounded) {
  EXPECT_TRUE(
      Taxonomy::Create(Line(limits::kCategoryDepthMax).categories()).ok());
  Problems problems;
  Taxonomy::Compile(Line(limits::kCategoryDepthMax + 1).categories(),
                    &problems);
  EXPECT_EQ(Told(problems),
            "categories[16].parent: makes it 17 levels deep; at most 16\n");
}

TEST(TaxonomyLimitTest, QuestionsAreBounded) {
  v1::PolicySpec spec = Line(2);
  for (int i = 0; i < static_cast<int>(limits::kAttributesMax); ++i) {
    v1::AttributeSpec* question = spec.mutable_categories(0)->add_attributes();
    question->set_code(absl::StrCat("q", i));
    question->set_datatype(v1::AttributeSpec::TEXT);
    question->set_order(i + 1);
  }
  EXPECT_TRUE(Taxonomy::Create(spec.categories()).ok());
  v1::AttributeSpec* more = spec.mutable_categories(1)->add_attributes();
  *more = spec.categories(0).attributes(0);
  EXPECT_TRUE(Taxonomy::Create(spec.categories()).ok()) << "it replaces one";
  more->set_code("more");
  more->set_order(1'000);
  Problems problems;
  Taxonomy::Compile(spec.categories(), &problems);
  EXPECT_THAT(Told(problems),
              HasSubstr("categories[1].attributes: has 65 questions in all"));
}

// A city's whole taxonomy many times over; ten to a group, five deep.
v1::PolicySpec Large(int count) {
  v1::PolicySpec spec;
  for (int i = 0; i < count; ++i) {
    v1::CategorySpec* node = spec.add_categories();
    node->set_code(absl::StrCat("code-", i));
    if (i >= 10) node->set_parent(absl::StrCat("code-", i / 10));
    auto* name = node->add_names();
    name->set_language("en");
    name->set_text(absl::StrCat("Street light number ", i, " is out"));
    name = node->add_names();
    name->set_language("zh-Hant");
    name->set_text(absl::StrCat("第", i, "盞路燈不亮"));
    node->add_keywords()->set_text("lamp, dark, 照明、燈柱");
    node->add_aliases(absl::StrCat("old-", i));
    node->add_clocks()->set_clock("finish");
  }
  return spec;
}

TEST(TaxonomyLimitTest, FiftyThousandNodesCompile) {
  const v1::PolicySpec spec = Large(50'000);
  auto taxonomy = Taxonomy::Create(spec.categories());
  ASSERT_TRUE(taxonomy.ok()) << taxonomy.status();
  EXPECT_EQ(taxonomy->All().size(), 50'000u);
  EXPECT_EQ(taxonomy->Find("code-4/code-49/code-499/code-4999/code-49999"),
            taxonomy->Find("old-49999"));
  EXPECT_EQ(taxonomy->Search("第49999盞路燈").front().category->code,
            "code-49999");
}

TEST(TaxonomyLimitTest, OneNodeMoreIsRefused) {
  v1::PolicySpec spec = Large(50'000);
  spec.add_categories()->set_code("more");
  Problems problems;
  Taxonomy::Compile(spec.categories(), &problems);
  EXPECT_EQ(Told(problems), "categories: has 50001 nodes; at most 50000\n");
}

TEST(TaxonomyLimitTest, BadShapesOfFullSizeEndSoon) {
  v1::PolicySpec line = Line(50'000);
  Problems problems;
  Taxonomy::Compile(line.categories(), &problems);
  EXPECT_EQ(problems.size(), 1u);

  line.mutable_categories(0)->set_parent("n49999");
  Problems round;
  Taxonomy::Compile(line.categories(), &round);
  EXPECT_THAT(Told(round), HasSubstr("n0 -> n49999 -> n49998"));
  EXPECT_LT(Told(round).size(), 1'000u);

  v1::PolicySpec orphans = Large(50'000);
  for (auto& node : *orphans.mutable_categories()) node.set_parent("nobody");
  Problems many;
  Taxonomy::Compile(orphans.categories(), &many);
  EXPECT_EQ(many.size(), 50'000u);
  EXPECT_EQ(many.list().size(), limits::kProblemsMax);
}

// ----------------------------------------------------------------- answers

constexpr char kForm[] = R"pb(
  categories {
    code: "car"
    attributes { code: "say" order: 1 statement: true }
    attributes { code: "plate" order: 2 datatype: STRING required: true }
    attributes { code: "count" order: 3 datatype: NUMBER }
    attributes { code: "since" order: 4 datatype: DATETIME }
    attributes { code: "more" order: 5 datatype: TEXT }
    attributes {
      code: "color"
      order: 6
      datatype: SINGLEVALUELIST
      values { key: "red" }
      values { key: "other" }
    }
    attributes {
      code: "damage"
      order: 7
      datatype: MULTIVALUELIST
      values { key: "glass" }
      values { key: "tyre" }
      values { key: "none" }
    }
    attributes {
      code: "which"
      order: 8
      datatype: STRING
      required: true
      asked_if { attribute: "color" values: "other" }
    }
    attributes {
      code: "tyres"
      order: 9
      datatype: NUMBER
      asked_if { attribute: "damage" values: "tyre" }
      asked_if { attribute: "count" }
    }
  }
)pb";

std::string ToldOf(const std::string& answers) {
  const Taxonomy taxonomy = MustCompile(Parse(kForm));
  v1::Open open;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(answers, &open));
  Problems problems;
  Taxonomy::CheckAnswers(*taxonomy.Find("car"), open.attributes(), "form",
                         &problems);
  return Told(problems);
}

TEST(CheckAnswersTest, GoodOnesPass) {
  EXPECT_EQ(ToldOf("attributes { code: 'plate' values: 'AB-12' }"), "");
  EXPECT_EQ(ToldOf(R"pb(
              attributes { code: "plate" values: "車牌" }
              attributes { code: "count" values: "-12.50" }
              attributes { code: "since" values: "2026-02-13T09:00:00+08:00" }
              attributes { code: "more" values: "two\nlines" }
              attributes { code: "color" values: "other" }
              attributes { code: "damage" values: "glass" values: "tyre" }
              attributes { code: "which" values: "mint" }
              attributes { code: "tyres" values: "2" })pb"),
            "");
}

TEST(CheckAnswersTest, AnEmptyAnswerIsNone) {
  EXPECT_EQ(ToldOf("attributes { code: 'plate' values: 'A' } "
                   "attributes { code: 'count' } "
                   "attributes { code: 'which' values: '' }"),
            "");
  EXPECT_THAT(ToldOf("attributes { code: 'plate' values: '' }"),
              HasSubstr("form: no answer to \"plate\", which car requires"));
}

TEST(CheckAnswersTest, DependentQuestionsAreRequiredOnlyIfAsked) {
  EXPECT_THAT(ToldOf("attributes { code: 'plate' values: 'A' } "
                     "attributes { code: 'color' values: 'other' }"),
              HasSubstr("no answer to \"which\""));
  EXPECT_EQ(ToldOf("attributes { code: 'plate' values: 'A' } "
                   "attributes { code: 'color' values: 'red' }"),
            "");
}

TEST(CheckAnswersTest, EveryMistakeIsTold) {
  const std::map<std::string, std::string> table = {
      {"code: 'colour' values: 'red'",
       "form[1].code: car has no question \"colour\"; did you mean color?"},
      {"code: 'plate' values: 'B'",
       "form[1].code: \"plate\" is answered twice"},
      {"code: 'say' values: 'x'", "form[1]: \"say\" is a statement"},
      {"code: 'count' values: 'NaN'", "form[1].values[0]: is no decimal"},
      {"code: 'count' values: 'inf'", "form[1].values[0]: is no decimal"},
      {"code: 'count' values: '0x10'", "form[1].values[0]: is no decimal"},
      {"code: 'count' values: '1e5'", "form[1].values[0]: is no decimal"},
      {"code: 'count' values: '1.'", "form[1].values[0]: is no decimal"},
      {"code: 'count' values: '-'", "form[1].values[0]: is no decimal"},
      {"code: 'count' values: '1' values: '2'", "form[1].values: has 2 values"},
      {"code: 'since' values: '2026-02-13'",
       "form[1].values[0]: is no instant"},
      {"code: 'since' values: '2026-02-13T09:00:00'",
       "form[1].values[0]: is no instant"},
      {"code: 'color' values: 'rde'",
       "form[1].values[0]: is none of the values of \"color\"; did you mean "
       "red?"},
      {"code: 'damage' values: 'glass' values: 'glass'",
       "form[1].values[1]: is there twice"},
      {"code: 'damage' values: 'glass' values: ''",
       "form[1].values[1]: is none of the values"},
      {"code: 'which' values: 'mint'",
       "form[1]: \"which\" was not to be asked; it depends on the answer to "
       "color"},
      {"code: 'more' values: 'a\\x00b'", "form[1].values[0]: is no clean text"},
      {"code: 'more' values: '" + std::string(4097, 'x') + "'",
       "form[1].values[0]: has 4097 bytes; at most 4096"},
  };
  for (const auto& [answer, told] : table) {
    EXPECT_THAT(
        ToldOf("attributes { code: 'plate' values: 'A' } attributes { " +
               answer + " }"),
        HasSubstr(told));
  }
}

TEST(CheckAnswersTest, AllConditionsMustHold) {
  const std::string base =
      "attributes { code: 'plate' values: 'A' } attributes { code: 'damage' "
      "values: 'tyre' } attributes { code: 'tyres' values: '2' }";
  EXPECT_THAT(ToldOf(base), HasSubstr("it depends on the answer to count"));
  EXPECT_EQ(ToldOf(base + "attributes { code: 'count' values: '1' }"), "");
}

TEST(CheckAnswersTest, HostileCodesAreNotEchoed) {
  EXPECT_THAT(ToldOf("attributes { code: 'a\\x1b[31m' values: 'x' }"),
              HasSubstr("car has no question \"?\""));
}

TEST(CheckAnswersTest, CountsAreBounded) {
  std::string answers;
  for (int i = 0; i < 65; ++i) {
    absl::StrAppend(&answers, "attributes { code: 'plate' values: 'A' } ");
  }
  EXPECT_EQ(ToldOf(answers), "form: has 65 answers; at most 64\n");
}

}  // namespace
}  // namespace hotline
