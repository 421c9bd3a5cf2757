#include "tests/postgres/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace hotline {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void NoDelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

uint32_t Length(const std::string& buffer, size_t at) {
  uint32_t length = 0;
  for (size_t i = 0; i < 4; ++i) {
    length = length << 8 | static_cast<uint8_t>(buffer[at + i]);
  }
  return length;
}

}  // namespace

Proxy::Proxy(int server_port) : server_port_(server_port) {
  listening_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listening_, any, size) != 0 || listen(listening_, 64) != 0 ||
      getsockname(listening_, any, &size) != 0) {
    std::perror("proxy");
    std::exit(3);
  }
  port_ = ntohs(address.sin_port);
  threads_.emplace_back([this] { Accept(); });
}

Proxy::~Proxy() {
  over_ = true;
  // The first accepts, and adds no more when it is done.
  threads_[0].join();
  for (size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
  close(listening_);
}

std::string Proxy::Conninfo() const {
  return "host=127.0.0.1 user=postgres dbname=postgres sslmode=disable "
         "gssencmode=disable port=" +
         std::to_string(port_);
}

void Proxy::CutAt(int message) {
  messages_ = 0;
  cut_ = false;
  cut_at_ = message;
}

void Proxy::Accept() {
  while (!over_) {
    pollfd one = {.fd = listening_, .events = POLLIN, .revents = 0};
    if (poll(&one, 1, 20) <= 0) continue;
    const int client = accept(listening_, nullptr, nullptr);
    if (client >= 0) threads_.emplace_back([this, client] { Serve(client); });
  }
}

bool Proxy::PassOn(std::string* buffer, bool* began, int to) {
  while (true) {
    // The client's first message has no letter before its length.
    const size_t head = *began ? 1 : 0;
    if (buffer->size() < head + 4) return true;
    const size_t whole = head + Length(*buffer, head);
    if (buffer->size() < whole) return true;
    const int number = messages_++;
    if (number == cut_at_) {
      cut_at_ = -1;
      cut_ = true;
      return false;
    }
    size_t sent = 0;
    while (sent < whole) {
      const ssize_t n =
          send(to, buffer->data() + sent, whole - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<size_t>(n);
    }
    buffer->erase(0, whole);
    *began = true;
  }
}

void Proxy::Serve(int client) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = Loopback(server_port_);
  NoDelay(client);
  NoDelay(server);
  const int ends[] = {client, server};
  std::string buffers[2];
  bool began[] = {false, true};
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address),
                      sizeof address) == 0;
  while (open && !over_) {
    pollfd both[] = {{.fd = client, .events = POLLIN, .revents = 0},
                     {.fd = server, .events = POLLIN, .revents = 0}};
    if (poll(both, 2, 20) <= 0) continue;
    for (int i = 0; i < 2 && open; ++i) {
      if (both[i].revents == 0) continue;
      char room[16'384];
      const ssize_t n = recv(ends[i], room, sizeof room, 0);
      open = n > 0;
      if (!open) break;
      buffers[i].append(room, static_cast<size_t>(n));
      open = PassOn(&buffers[i], &began[i], ends[1 - i]);
    }
  }
  close(client);
  close(server);
}

}  // namespace hotline
