#include "src/adapters/postgres_store/connecting.h"

#include <poll.h>

#include <charconv>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "hotline/error.h"
#include "src/adapters/postgres_store/errors.h"
#include "src/adapters/postgres_store/waiting.h"
#include "src/base/absl_bridge.h"

namespace hotline::internal {
namespace {

using Handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;

constexpr absl::Duration kTimeToConnect = absl::Seconds(5);

// One host of a conninfo that may name several.
struct Host {
  std::string host;
  std::string address;
  std::string port;
};

struct Target {
  std::vector<Host> hosts;
  absl::Duration patience = kTimeToConnect;
};

std::string At(const std::vector<std::string>& list, size_t i) {
  // One port serves all hosts.
  return list.empty() ? "" : list[list.size() == 1 ? 0 : i];
}

absl::StatusOr<Target> Parse(const std::string& conninfo) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), &error), &PQconninfoFree);
  if (options == nullptr) {
    const std::string why = error == nullptr ? "no memory" : error;
    PQfreemem(error);
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     absl::StrCat("conninfo: ", why,
                                  "; write it as `host=db.city dbname=cases`"));
  }
  const auto list = [&options](std::string_view name) {
    for (const PQconninfoOption* o = options.get(); o->keyword != nullptr;
         ++o) {
      if (name != o->keyword || o->val == nullptr) continue;
      return std::vector<std::string>(absl::StrSplit(o->val, ','));
    }
    return std::vector<std::string>();
  };
  Target target;
  const auto hosts = list("host");
  const auto addresses = list("hostaddr");
  const auto ports = list("port");
  const size_t count =
      std::max({size_t{1}, hosts.size(), addresses.size(), ports.size()});
  for (const auto* each : {&hosts, &addresses, &ports}) {
    if (each->size() > 1 && each->size() != count) {
      return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                       "conninfo: as many ports as hosts, or one for all");
    }
  }
  for (size_t i = 0; i < count; ++i) {
    target.hosts.push_back({At(hosts, i), At(addresses, i), At(ports, i)});
  }
  if (const auto seconds = list("connect_timeout"); !seconds.empty()) {
    int value = 0;
    const std::string& text = seconds[0];
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (value > 0) target.patience = absl::Seconds(value);
  }
  return target;
}

absl::StatusOr<Handle> Reach(const std::string& conninfo, const Host& host,
                             absl::Duration patience) {
  // The later one holds; "" is what libpq takes by default.
  std::vector<const char*> names = {"fallback_application_name", "dbname",
                                    "client_encoding"};
  std::vector<const char*> values = {"hotline", conninfo.c_str(), "UTF8"};
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    names.push_back(name);
    values.push_back(value.c_str());
  };
  add("host", host.host);
  add("hostaddr", host.address);
  add("port", host.port);
  names.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle(PQconnectStartParams(names.data(), values.data(), 1),
                &PQfinish);
  PGconn* c = handle.get();
  if (c == nullptr) return ErrorOfState("", "no memory");
  // With its state, which libpq tells in no other way.
  PQsetErrorVerbosity(c, PQERRORS_VERBOSE);
  const absl::Time deadline = SteadyNow() + patience;
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  if (PQstatus(c) == CONNECTION_BAD) next = PGRES_POLLING_FAILED;
  while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
    const short events = next == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
    if (!PollUntil(PQsocket(c), events, deadline)) {
      return ErrorOfState("",
                          absl::StrCat("no answer from ", host.host, " within ",
                                       absl::FormatDuration(patience)));
    }
    next = PQconnectPoll(c);
  }
  if (next != PGRES_POLLING_OK) return ErrorOfConnecting(PQerrorMessage(c));
  PQsetErrorVerbosity(c, PQERRORS_DEFAULT);
  return handle;
}

// The session. Plans: every statement of ours walks an index, and a plan made
// while the tables were empty must not scan them when they are full. Timeouts:
// ours by the socket, and of locks; one of a statement could break off the wait
// for a standby and have a commit answered that is not there. The rest undoes
// what a role's settings may say.
constexpr std::string_view kSetUp =
    "SELECT set_config('search_path', quote_ident($1), false),"
    " set_config('enable_seqscan', 'off', false),"
    " set_config('enable_bitmapscan', 'off', false),"
    " set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('enable_hashjoin', 'off', false),"
    " set_config('enable_mergejoin', 'off', false),"
    " set_config('jit', 'off', false),"
    " set_config('default_transaction_isolation', 'read committed', false),"
    " set_config('statement_timeout', '0', false),"
    " set_config('lock_timeout', $2, false),"
    " set_config('synchronous_commit',"
    "  CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
    "  ELSE current_setting('synchronous_commit') END, false),"
    " current_setting('server_version_num')::bigint,"
    " current_setting('fsync') = 'on',"
    " current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery(),"
    " (extract(epoch FROM clock_timestamp()) * 1000)::bigint,"
    " (SELECT system_identifier::text FROM pg_control_system())";

constexpr int kFacts = 11;  // the first column that is not set_config

absl::StatusOr<std::unique_ptr<PgConnection>> SetUp(Handle handle,
                                                    const PgTuning& tuning,
                                                    PgServer* server) {
  auto connection =
      std::make_unique<PgConnection>(std::move(handle), tuning.timeout);
  const int64_t lock_ms =
      std::max<int64_t>(1, absl::ToInt64Milliseconds(tuning.timeout) / 2);
  auto facts = connection->Run(kSetUp, {PgValue::Bytes(tuning.schema),
                                        PgValue::Bytes(absl::StrCat(lock_ms))});
  if (!facts.ok()) return facts.status();
  server->version = facts->Int(0, kFacts);
  server->fsync = facts->Int(0, kFacts + 1) != 0;
  server->clock_ms = facts->Int(0, kFacts + 3);
  server->cluster = facts->Bytes(0, kFacts + 4);
  if (facts->Int(0, kFacts + 2) != 0) {
    return ErrorOfState("25006", "the server is read-only");
  }
  if (!tuning.cluster.empty() && server->cluster != tuning.cluster) {
    // Its transactions are numbered anew: in the era that was settled for the
    // other, what is written here would stand before the places that readers of
    // the feed have come to, and they would never see it.
    return StoreFailed("store", "the server is another cluster than before",
                       "open the store anew");
  }
  return connection;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PgConnection>> Connect(const PgTuning& tuning,
                                                      PgServer* server) {
  absl::StatusOr<Target> target = Parse(tuning.conninfo);
  if (!target.ok()) return target.status();
  absl::Status last;
  for (const Host& host : target->hosts) {
    absl::StatusOr<Handle> handle =
        Reach(tuning.conninfo, host, target->patience);
    if (!handle.ok()) {
      last = handle.status();
      continue;
    }
    auto connection = SetUp(*std::move(handle), tuning, server);
    if (connection.ok()) return connection;
    last = connection.status();
  }
  return last;
}

}  // namespace hotline::internal
