#include "rates.h"

namespace city {
namespace {

constexpr std::string_view kPress =
    "Taipei City Government, press release, June 2010";
constexpr std::string_view kVisit =
    "visitor's report on Taipei 1999, about 2012";
constexpr std::string_view kWeek =
    "Taipei-City-Dashboard (tpe-doit), dispatch cases of 2023-05-25 to 31";

constexpr RateNote kNotes[] = {
    {"Contacts a month", "179,699", kPress},
    {"Length of a call", "median 2 min", kPress},
    {"Satisfied (4 or 5 of 5)", "86 %", kPress},
    {"Agents and supervisors", "99", kVisit},
    {"Dispatch services", "18", kVisit},
    {"Contacts that are dispatched", "65 % (published: 60 to 70 %)", kVisit},
    {"Contacts handed to another department", "21 %", kVisit},
    {"Languages", "Mandarin, Minnan, Hakka, English, Japanese", kVisit},
    {"Share of each language and channel", "rates.h", ""},
    {"Share of the other kinds of contact", "rates.h", ""},
    {"Share of each service, hour and weekday", "rates.h", kWeek},
    {"Repeats of a known matter", "35 %",
     "Tainan 1999, 2016 weeks 10 to 30 (kiang/tainan_1999_map), same address "
     "and category"},
    {"Seen at once to be known", "70 %", ""},
    {"Answered late", "20 %",
     "Boston 311, 2011: 47,270 cases with a target, 20 % overdue"},
    {"Spread of handling times", "lognormal", ""},
    {"Make-up Saturday 2025-02-08", "",
     "Directorate-General of Personnel Administration, office calendar 2025"},
    {"Transferred; returned; waiting; reopened", "8 %; 2 %; 8 %; 2 %", ""},
    {"Extension, two-step closure, follow-up, rating", "rates.h", ""},
};

}  // namespace

std::span<const RateNote> RateNotes() { return kNotes; }

}  // namespace city
