// An embedder with the store of many machines: what he is told where there is
// no server.
#include <iostream>

#include "hotline/adapters/postgres_store.h"
#include "hotline/error.h"

int main() {
  const auto store = hotline::PostgresStore::Open(
      {.conninfo = "host=127.0.0.1 port=1 dbname=none"});
  std::cout << store.status() << "\n";
  return hotline::ReasonOf(store.status()) ==
                 hotline::v1::ErrorInfo::STORE_FAILED
             ? 0
             : 1;
}
