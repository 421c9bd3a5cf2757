// How often things happen on the line that is simulated. Each figure says where
// it comes from; those that no source gives are marked illustrative, here and
// in the report.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_RATES_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_RATES_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace city {

// Taipei City Government, press release of June 2010: calls a month.
inline constexpr int kContactsAMonth = 179'699;
// The same: a call takes about two minutes.
inline constexpr double kCallSecondsMedian = 120;
inline constexpr double kCallSecondsSigma = 0.5;  // illustrative
// A visitor's report on Taipei 1999, about 2012: agents and supervisors.
inline constexpr int kAgents = 99;

// The kinds of contact, per mille. Dispatch: the report's 60 to 70 %.
// Transfer: the report's 21 %. The others share the rest: illustrative.
struct KindShare {
  int kind;  // hotline.v1.Contact.Kind
  int per_mille;
};
inline constexpr std::array<KindShare, 7> kKinds = {{
    {5, 650},  // DISPATCH
    {3, 210},  // TRANSFER
    {1, 92},   // INQUIRY
    {2, 20},   // INFORM
    {4, 18},   // COMPLAINT
    {6, 7},    // EVENT_CONSULTATION
    {7, 3},    // HAND_OFF
}};

// The report's five languages; their shares are illustrative.
struct WordShare {
  std::string_view word;
  int per_mille;
};
inline constexpr std::array<WordShare, 5> kLanguages = {{
    {"zh-Hant", 868},  // Mandarin
    {"nan", 98},       // Minnan
    {"hak", 18},       // Hakka
    {"en", 12},        // English
    {"ja", 4},         // Japanese
}};
// Illustrative. Video is for sign language.
inline constexpr std::array<WordShare, 7> kChannels = {{
    {"phone", 838},
    {"app", 76},
    {"web", 64},
    {"mail", 11},
    {"counter", 6},
    {"sms", 4},
    {"video", 1},
}};

// Share of a day's cases that come in each hour: Taipei 1999 dispatch cases of
// 2023-05-25 to 31, Taipei-City-Dashboard (tpe-doit), per mille.
inline constexpr std::array<int, 24> kHours = {21, 10, 8,  5,  4,  6,  5,  19,
                                               34, 54, 63, 60, 51, 51, 55, 69,
                                               77, 89, 73, 71, 52, 54, 39, 30};
// The same week, Monday first: cases a day.
inline constexpr std::array<int, 7> kWeekdays = {301, 227, 206, 242,
                                                 266, 238, 204};

// What is dispatched: the same week, by the city's own names, per mille; the
// eighteen most frequent, as many services as the line began with.
inline constexpr std::array<WordShare, 18> kServices = {{
    {"大型廢棄物清運聯繫", 491},
    {"場所與設施噪音舉發", 127},
    {"污染舉發", 84},
    {"道路散落物或油漬處理", 56},
    {"路燈故障或設施損壞", 50},
    {"鄰里無主垃圾清運", 38},
    {"動物救援", 37},
    {"交通號誌異常", 24},
    {"用戶無水、漏水報修", 19},
    {"市區道路坑洞處理", 17},
    {"路樹處理", 17},
    {"交通標誌及設施物損壞(含汙損)、傾斜", 15},
    {"雨水下水道側溝清淤", 9},
    {"道路側溝溝蓋(含周邊)損壞遺失", 6},
    {"交通號誌電纜線垂落及設施損壞", 4},
    {"人孔蓋(含周邊)破損、遺失處理", 3},
    {"橋梁、隧道、車(人)行地下道及涵洞積淹水", 1},
    {"路面積淹水", 1},
}};

// Tainan 1999, weeks 10 to 30 of 2016 (kiang/tainan_1999_map): 35 % of the rows
// repeat an address and category.
inline constexpr double kRepeats = 0.35;
// The agent sees at once that it is known: illustrative. The others become
// cases of their own and are merged (併案).
inline constexpr double kRepeatsSeen = 0.7;

// Handling time as a share of what was promised: lognormal, so that 20 % are
// late. Boston 2011, 47,270 cases with a target: 20 % were overdue. The median
// is illustrative; sigma follows from the two.
inline constexpr double kHandlingMedian = 0.42;
inline constexpr double kHandlingSigma = 1.03;  // ln(1 / 0.42) / 0.8416
// Parts of the promise after which a unit takes a case up. Illustrative.
inline constexpr double kAcceptMedian = 0.05;
inline constexpr double kAcceptSigma = 0.7;

// All below: illustrative.
inline constexpr double kCancelled = 0.010;
inline constexpr double kRejected = 0.012;
inline constexpr double kTransferred = 0.080;
inline constexpr double kReturned = 0.020;
inline constexpr double kReclassified = 0.015;
inline constexpr double kReprioritised = 0.015;
inline constexpr double kGivenToAgent = 0.250;
inline constexpr double kNoted = 0.080;
inline constexpr double kPhotographed = 0.060;
inline constexpr double kWaits = 0.080;
inline constexpr double kWaitHoursMedian = 18;
inline constexpr double kWaitHoursSigma = 0.8;
inline constexpr double kExtensionAsked = 0.300;  // of those about to be late
inline constexpr double kExtensionGranted = 0.8;
inline constexpr double kEscalated = 0.100;  // of the late ones
inline constexpr double kTwoStepClosure = 0.040;
inline constexpr double kClosureDeclined = 0.100;  // of those
inline constexpr double kFollowedUp = 0.020;
inline constexpr double kCalledBack = 0.350;
inline constexpr double kReopened = 0.020;
inline constexpr double kRated = 0.120;
// Scores 1 to 5. The 2010 press release: 86 % satisfied (4 and 5 here).
inline constexpr std::array<int, 5> kScores = {3, 4, 7, 36, 50};

// A line of the report's list of sources.
struct RateNote {
  std::string_view what;
  std::string_view value;
  std::string_view source;  // empty: illustrative
};
std::span<const RateNote> RateNotes();

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_RATES_H_
