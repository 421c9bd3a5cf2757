// A real PostgreSQL on loopback for one test program: a free port, a directory
// of its own, gone when it is done. Started as `postgres` (or `nobody`) where
// the tests run as root, for the server refuses root.
//
//   if (!PostgresServer::Available()) GTEST_SKIP() << ...;
//   auto server = PostgresServer::Start({});
//   auto store = PostgresStore::Open({.conninfo = server->Conninfo()});
//
// Failures of the server itself end the program: a test of a store cannot go on
// without one.
#ifndef HOTLINE_TESTS_SUPPORT_POSTGRES_SERVER_H_
#define HOTLINE_TESTS_SUPPORT_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

struct pg_conn;

namespace hotline {

class PostgresServer {
 public:
  struct Options {
    // A commit that was answered survives a power cut.
    bool fsync = true;
    // `name = value`, as in postgresql.conf.
    std::vector<std::string> settings = {};
    // For a server whose port a client must know beforehand; 0 finds one.
    int port = 0;
    // Where its files lie; "" is the system's place for such.
    std::string folder = "";
  };

  // The folder of the server's programs, "" if there is none on this machine.
  static std::string Programs();
  static bool Available() { return !Programs().empty(); }
  // What a test says that skips for want of one.
  static const char* WhyNot();

  // A new cluster. Everybody on loopback is trusted but the role `locked`,
  // whose password is "secret".
  static std::unique_ptr<PostgresServer> Start(const Options& options);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  int port() const { return port_; }
  // As the superuser `postgres`, to a database that is there.
  std::string Conninfo(const std::string& database = "postgres") const;
  // Runs statements as the superuser; answers the first column of the first
  // row, or "".
  std::string Sql(const std::string& sql,
                  const std::string& database = "postgres") const;
  // A new empty database, by a name not given before.
  std::string NewDatabase();

  // A standby that follows this server. Once it is here, a commit is answered
  // only when it lies on the standby's disk too.
  std::unique_ptr<PostgresServer> StartSynchronousStandby(
      const Options& options);
  // Makes a standby the primary.
  void Promote();

  // SIGKILL to the server and all its processes: the power is cut for it.
  void Kill();
  // Until it takes connections again.
  void WaitUntilReady() const;
  // Starts it again on the same port and data.
  void Restart();
  // SIGKILL to one backend that works for a client, at random by `dice`; the
  // server then ends all the others and recovers. False if there is none.
  bool KillBackend(unsigned dice);
  // The backend ends in order, as a client cut off by the administrator.
  bool TerminateBackend(unsigned dice);
  // Waits until no client is connected any more, and the processes of those
  // that were told to end are gone.
  void WaitForNoBackend() const;
  // Another program's transaction: `first`, then, as soon as somebody waits for
  // it, `second`. Answers the error of the latter, or "". `locked` is set
  // after the first.
  std::string LockThen(const std::string& first, std::atomic<bool>* locked,
                       const std::string& second) const;
  // Another program's transaction that has written and is not over until the
  // answer goes.
  std::shared_ptr<pg_conn> HoldTransaction() const;

 private:
  PostgresServer() = default;
  void Launch();
  void Stop(int signal);
  std::vector<pid_t> Backends() const;

  std::vector<pid_t> ending_;  // were told to
  std::string dir_;
  Options options_;
  int port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace hotline

#endif  // HOTLINE_TESTS_SUPPORT_POSTGRES_SERVER_H_
