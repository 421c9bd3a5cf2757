// Stands between a client and a server on loopback and hangs up at a message of
// the protocol that a test chooses.
#ifndef HOTLINE_TESTS_POSTGRES_PROXY_H_
#define HOTLINE_TESTS_POSTGRES_PROXY_H_

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace hotline {

class Proxy {
 public:
  explicit Proxy(int server_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }
  std::string Conninfo() const;

  // Hangs up, once, in place of the message with this number from now on, of
  // those in either direction; whatever connection it is on. A message of the
  // client that was passed on before is carried out by the server.
  void CutAt(int message);
  // Whether it did. If not: how many messages there were.
  bool cut() const { return cut_; }
  int messages() const { return messages_; }

 private:
  void Accept();
  void Serve(int client);
  // Passes on the whole messages of `buffer`; false when it is time to hang up.
  bool PassOn(std::string* buffer, bool* began, int to);

  const int server_port_;
  int listening_ = -1;
  int port_ = 0;
  std::atomic<bool> over_{false};
  std::atomic<int> cut_at_{-1};
  std::atomic<int> messages_{0};
  std::atomic<bool> cut_{false};
  std::vector<std::thread> threads_;
};

}  // namespace hotline

#endif  // HOTLINE_TESTS_POSTGRES_PROXY_H_
