// What the examples in the public headers take for granted: a host's own store,
// people and rows, and what it does with an answer. lint.examples puts this
// before them; nothing of it is ever run.
#ifndef HOTLINE_TESTS_LINT_EXAMPLE_HOST_H_
#define HOTLINE_TESTS_LINT_EXAMPLE_HOST_H_

#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "hotline/engine.h"

namespace v1 = hotline::v1;

extern std::unique_ptr<hotline::Store> store;
extern std::unique_ptr<hotline::Engine> engine;
extern hotline::Entropy* entropy;
extern hotline::Actor actor, admin, agent;

extern v1::PolicySpec spec;
extern std::optional<hotline::Policy> policy, old;
extern hotline::Problems problems;
extern hotline::Calendars calendars;
extern hotline::Sla sla;
extern const hotline::Category* category;
extern v1::WeeklyHours monday;

extern v1::Case found;
extern std::vector<v1::Event> events;
extern v1::Command command;

extern absl::TimeZone taipei;
extern absl::Time now, received, filed, asked, answered;
extern absl::CivilDay today;
extern std::string text, bytes;

absl::Status NotFound();
absl::Status Denied();
template <typename... T>
void Show(const T&...);
template <typename... T>
void Save(const T&...);
template <typename... T>
void Tell(const T&...);
template <typename... T>
void Queue(const T&...);
template <typename... T>
void Offer(const T&...);
template <typename... T>
void AskADispatcher(const T&...);

#endif  // HOTLINE_TESTS_LINT_EXAMPLE_HOST_H_
