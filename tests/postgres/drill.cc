// Goal: on PostgreSQL nothing that was answered is lost and nothing is done
// twice, whoever dies: a process of ours, one of the server's, or the primary.
// Method: processes share one server's cases, timers and messages and write
// down what they were told; what dies is killed at random.
//
//   hotline_postgres_drill workers|postgres_backends|failover WORKER
//                          [KILLS [SEED]]
#include "tests/drill/drill.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "tests/support/postgres_server.h"

namespace hotline::drill {
namespace {

using Server = PostgresServer;

// Workers die; the server lives.
void Workers(Plan* plan) { plan->kills = 50; }

// SIGKILL to a backend takes the whole server down and up again; one that is
// told to end does so alone.
void Backends(Server* server, Plan* plan) {
  plan->kills = 50;
  plan->lines_between = 40;
  plan->strike = [server](uint64_t dice) {
    const auto which = static_cast<unsigned>(dice >> 8);
    if (dice % 5 == 0) {
      server->KillBackend(which);
      server->WaitUntilReady();
    } else {
      server->TerminateBackend(which);
    }
  };
}

// The primary's power is cut under load; its synchronous standby goes on.
void Failover(Server* primary, Server* standby, Plan* plan) {
  plan->kills = 4;
  plan->lines_between = 60;
  plan->strike = [primary, standby, struck = 0](uint64_t) mutable {
    if (++struck != 2) return;
    primary->Kill();
    standby->Promote();
  };
}

int Main(const std::string& drill, Plan plan, int argc, char** argv) {
  const auto server = Server::Start({});
  std::unique_ptr<Server> standby;
  plan.store = "postgres:" + server->Conninfo();
  plan.workers = 3;
  if (drill == "workers") {
    Workers(&plan);
  } else if (drill == "postgres_backends") {
    Backends(server.get(), &plan);
  } else if (drill == "failover") {
    standby = server->StartSynchronousStandby({});
    plan.store = "postgres:host=127.0.0.1,127.0.0.1 port=" +
                 std::to_string(server->port()) + "," +
                 std::to_string(standby->port()) +
                 " user=postgres dbname=postgres";
    Failover(server.get(), standby.get(), &plan);
  } else {
    return 2;
  }
  if (argc > 3) plan.kills = std::atoi(argv[3]);
  if (argc > 4) plan.seed = static_cast<uint64_t>(std::atoll(argv[4]));
  return KillWorkers(plan) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace hotline::drill

int main(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    std::cerr << "usage: hotline_postgres_drill "
                 "workers|postgres_backends|failover WORKER [KILLS [SEED]]\n";
    return 2;
  }
  if (!hotline::PostgresServer::Available()) {
    std::cout << "SKIPPED: " << hotline::PostgresServer::WhyNot() << "\n";
    return 77;
  }
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "drill-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  hotline::drill::Plan plan;
  plan.program = argv[2];
  plan.folder = folder;
  const int result = hotline::drill::Main(argv[1], plan, argc, argv);
  if (result == 0) {
    fs::remove_all(folder);
  } else {
    std::cerr << "kept: " << folder << "\n";
  }
  return result;
}
