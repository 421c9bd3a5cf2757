#include "tests/support/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace hotline {
namespace {

using Steady = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(60);

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "PostgresServer: %s\n", why.c_str());
  std::exit(3);
}

// Whom the server runs as: null if we are not root.
const passwd* ServersUser() {
  if (geteuid() != 0) return nullptr;
  if (const passwd* user = getpwnam("postgres"); user != nullptr) return user;
  return getpwnam("nobody");
}

// Waits a little between two looks at another process.
void Breathe() { poll(nullptr, 0, 10); }

// In a child: becomes the server's user and the program. Its output goes to a
// file, its end with ours.
[[noreturn]] void Become(const std::vector<std::string>& command,
                         const std::string& log) {
  const passwd* user = ServersUser();
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 ||
       setuid(user->pw_uid) != 0)) {
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int none = open("/dev/null", O_RDONLY);
  dup2(none, 0);
  dup2(out, 1);
  dup2(out, 2);
  setenv("LC_ALL", "C", 1);
  // What a shell set for other servers.
  for (const char* name : {"PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGOPTIONS",
                           "PGPASSWORD", "PGSERVICE", "PGDATABASE"}) {
    unsetenv(name);
  }
  std::vector<char*> argv;
  for (const std::string& word : command) {
    argv.push_back(const_cast<char*>(word.c_str()));
  }
  argv.push_back(nullptr);
  if (chdir("/") == 0) execv(argv[0], argv.data());
  _exit(127);
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& log) {
  const pid_t pid = fork();
  if (pid < 0) Die("cannot fork");
  if (pid == 0) Become(command, log);
  return pid;
}

std::string Slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void MustRun(const std::vector<std::string>& command, const std::string& log) {
  int status = 0;
  waitpid(Spawn(command, log), &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    Die(command[0] + " failed:\n" + Slurp(log));
  }
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, any, size) != 0 || getsockname(fd, any, &size) != 0) {
    Die("no free port");
  }
  close(fd);
  return ntohs(address.sin_port);
}

std::string NewDirectory(const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path in =
      folder.empty() ? fs::temp_directory_path() : fs::path(folder);
  std::string dir = (in / "hotline-pg-XXXXXX").string();
  if (mkdtemp(dir.data()) == nullptr) Die("cannot make " + dir);
  const passwd* user = ServersUser();
  if (user != nullptr && chown(dir.c_str(), user->pw_uid, user->pw_gid) != 0) {
    Die("cannot hand over " + dir);
  }
  return dir;
}

void Append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::app) << text;
}

// Trust on loopback; one role must say its password.
constexpr char kWhoMayEnter[] =
    "host all locked 127.0.0.1/32 scram-sha-256\n"
    "host all all 127.0.0.1/32 trust\n"
    "host replication all 127.0.0.1/32 trust\n";

}  // namespace

std::string PostgresServer::Programs() {
  static const std::string found = [] {
    std::vector<std::string> folders;
    if (const char* own = std::getenv("HOTLINE_POSTGRES_BIN")) {
      folders.push_back(own);
    }
    for (const char* version : {"15", "16", "17"}) {
      folders.push_back(std::string("/usr/lib/postgresql/") + version + "/bin");
    }
    folders.push_back("/usr/local/bin");
    folders.push_back("/usr/bin");
    for (const std::string& folder : folders) {
      if (access((folder + "/initdb").c_str(), X_OK) == 0 &&
          access((folder + "/postgres").c_str(), X_OK) == 0) {
        return folder;
      }
    }
    return std::string();
  }();
  return found;
}

const char* PostgresServer::WhyNot() {
  return "no PostgreSQL server on this machine: install postgresql-15, or name "
         "the folder of its programs in HOTLINE_POSTGRES_BIN";
}

std::unique_ptr<PostgresServer> PostgresServer::Start(const Options& options) {
  std::unique_ptr<PostgresServer> server(new PostgresServer);
  server->options_ = options;
  server->dir_ = NewDirectory(options.folder);
  const std::string data = server->dir_ + "/data";
  MustRun({Programs() + "/initdb", "--no-sync", "-D", data, "-U", "postgres",
           "-A", "trust", "-E", "UTF8", "--no-locale"},
          server->dir_ + "/initdb.log");
  std::ofstream(data + "/pg_hba.conf") << kWhoMayEnter;
  server->Launch();
  server->Sql("CREATE ROLE locked LOGIN PASSWORD 'secret'");
  return server;
}

void PostgresServer::Launch() {
  if (port_ == 0) port_ = options_.port == 0 ? FreePort() : options_.port;
  std::vector<std::string> settings = {
      "listen_addresses=127.0.0.1", "port=" + std::to_string(port_),
      "unix_socket_directories=", "max_connections=100",
      // What is not asked for here only slows a small test down.
      "shared_buffers=64MB", "restart_after_crash=on", "log_min_messages=error",
      "deadlock_timeout=200ms", "max_prepared_transactions=4"};
  if (!options_.fsync) {
    settings.push_back("fsync=off");
    settings.push_back("full_page_writes=off");
  }
  settings.insert(settings.end(), options_.settings.begin(),
                  options_.settings.end());
  std::vector<std::string> command = {Programs() + "/postgres", "-D",
                                      dir_ + "/data"};
  for (const std::string& setting : settings) {
    command.push_back("-c");
    command.push_back(setting);
  }
  const std::string log = dir_ + "/server.log";
  pid_ = Spawn(command, log);
  WaitUntilReady();
}

void PostgresServer::WaitUntilReady() const {
  const auto until = Steady::now() + kPatience;
  while (PQping(Conninfo().c_str()) != PQPING_OK) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_ || Steady::now() > until) {
      Die("the server does not start:\n" + Slurp(dir_ + "/server.log"));
    }
    Breathe();
  }
}

void PostgresServer::Stop(int signal) {
  if (pid_ == 0) return;
  kill(pid_, signal);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

PostgresServer::~PostgresServer() {
  Stop(SIGQUIT);
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

std::string PostgresServer::Conninfo(const std::string& database) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) +
         " user=postgres dbname=" + database;
}

std::string PostgresServer::Sql(const std::string& sql,
                                const std::string& database) const {
  PGconn* connection = PQconnectdb(Conninfo(database).c_str());
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  PGresult* result = PQexec(connection, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    Die(sql + ": " + PQerrorMessage(connection));
  }
  std::string answer;
  if (PQntuples(result) > 0) answer = PQgetvalue(result, 0, 0);
  PQclear(result);
  PQfinish(connection);
  return answer;
}

std::string PostgresServer::NewDatabase() {
  static std::atomic<int> made{0};
  const std::string name = "city" + std::to_string(++made);
  Sql("CREATE DATABASE " + name);
  return name;
}

std::unique_ptr<PostgresServer> PostgresServer::StartSynchronousStandby(
    const Options& options) {
  std::unique_ptr<PostgresServer> standby(new PostgresServer);
  standby->options_ = options;
  standby->dir_ = NewDirectory(options.folder);
  const std::string data = standby->dir_ + "/data";
  MustRun({Programs() + "/pg_basebackup", "--no-sync", "-D", data, "-X",
           "stream", "-c", "fast", "-d", Conninfo()},
          standby->dir_ + "/backup.log");
  Append(data + "/postgresql.auto.conf",
         "primary_conninfo = 'host=127.0.0.1 user=postgres application_name="
         "standby port=" +
             std::to_string(port_) + "'\n");
  std::ofstream(data + "/standby.signal").flush();
  standby->Launch();
  Sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
  Sql("SELECT pg_reload_conf()");
  const auto until = Steady::now() + kPatience;
  while (Sql("SELECT count(*) FROM pg_stat_replication"
             " WHERE sync_state = 'sync'") != "1") {
    if (Steady::now() > until) Die("the standby does not follow");
    Breathe();
  }
  return standby;
}

void PostgresServer::Promote() { Sql("SELECT pg_promote(true, 60)"); }

void PostgresServer::Kill() {
  if (pid_ == 0) return;
  // The server stands still, so that no new process escapes.
  kill(pid_, SIGSTOP);
  std::vector<pid_t> children;
  const std::string all = "/proc/" + std::to_string(pid_) + "/task/" +
                          std::to_string(pid_) + "/children";
  std::ifstream file(all);
  for (pid_t child = 0; file >> child;) children.push_back(child);
  for (const pid_t child : children) kill(child, SIGKILL);
  Stop(SIGKILL);
}

void PostgresServer::Restart() {
  Stop(SIGQUIT);
  std::error_code ignored;
  std::filesystem::remove(dir_ + "/data/postmaster.pid", ignored);
  Launch();
}

std::vector<pid_t> PostgresServer::Backends() const {
  std::vector<pid_t> found;
  PGconn* connection = PQconnectdb(Conninfo().c_str());
  PGresult* result = PQexec(
      connection,
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
      " AND pid <> pg_backend_pid() ORDER BY pid");
  for (int i = 0; i < PQntuples(result); ++i) {
    found.push_back(std::atoi(PQgetvalue(result, i, 0)));
  }
  PQclear(result);
  PQfinish(connection);
  return found;
}

bool PostgresServer::KillBackend(unsigned dice) {
  const std::vector<pid_t> backends = Backends();
  if (backends.empty()) return false;
  return kill(backends[dice % backends.size()], SIGKILL) == 0;
}

bool PostgresServer::TerminateBackend(unsigned dice) {
  const std::vector<pid_t> backends = Backends();
  if (backends.empty()) return false;
  ending_.push_back(backends[dice % backends.size()]);
  return kill(ending_.back(), SIGTERM) == 0;
}

void PostgresServer::WaitForNoBackend() const {
  const auto until = Steady::now() + kPatience;
  const auto is_there = [](pid_t pid) { return kill(pid, 0) == 0; };
  while (!Backends().empty() ||
         std::any_of(ending_.begin(), ending_.end(), is_there)) {
    if (Steady::now() > until) Die("clients stay connected");
    Breathe();
  }
}

std::shared_ptr<pg_conn> PostgresServer::HoldTransaction() const {
  std::shared_ptr<pg_conn> connection(PQconnectdb(Conninfo().c_str()),
                                      [](PGconn* held) {
                                        // Waits for its end, which closing
                                        // alone does not.
                                        PQclear(PQexec(held, "ROLLBACK"));
                                        PQfinish(held);
                                      });
  for (const char* sql : {"BEGIN", "SELECT pg_current_xact_id()"}) {
    PQclear(PQexec(connection.get(), sql));
  }
  return connection;
}

std::string PostgresServer::LockThen(const std::string& first,
                                     std::atomic<bool>* locked,
                                     const std::string& second) const {
  PGconn* connection = PQconnectdb(Conninfo().c_str());
  const auto run = [connection](const std::string& sql) {
    PGresult* result = PQexec(connection, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK ? "" : PQerrorMessage(connection);
  };
  run("SET deadlock_timeout = '1min'");
  run("BEGIN");
  std::string error = run(first);
  *locked = true;
  const auto until = Steady::now() + kPatience;
  while (error.empty() &&
         Sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
    if (Steady::now() > until) Die("nobody waits");
    Breathe();
  }
  if (error.empty()) error = run(second);
  run("COMMIT");
  PQfinish(connection);
  return error;
}

}  // namespace hotline
