// Goal: what a process on SQLite was told is done survives its death by SIGKILL
// at any point, once; so do the timers and messages that follow from it.
// Method: a worker is killed at random and started anew on the same file.
//
//   hotline_sqlite_drill WORKER [KILLS [SEED]]
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/drill/drill.h"

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::cerr << "usage: hotline_sqlite_drill WORKER [KILLS [SEED]]\n";
    return 2;
  }
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "drill-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 2;
  hotline::drill::Plan plan;
  plan.program = argv[1];
  plan.store = "sqlite:" + folder + "/city.db";
  plan.folder = folder;
  if (argc > 2) plan.kills = std::atoi(argv[2]);
  if (argc > 3) plan.seed = static_cast<uint64_t>(std::atoll(argv[3]));
  const int faults = hotline::drill::KillWorkers(plan);
  if (faults == 0) {
    fs::remove_all(folder);
  } else {
    std::cerr << "kept: " << folder << "\n";
  }
  return faults == 0 ? 0 : 1;
}
