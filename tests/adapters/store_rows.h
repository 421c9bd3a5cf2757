// Rows, Writes and a directory for the tests of the adapters.
#ifndef HOTLINE_TESTS_ADAPTERS_STORE_ROWS_H_
#define HOTLINE_TESTS_ADAPTERS_STORE_ROWS_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "src/testing/store_rows.h"

namespace hotline {

using rows::Change;
using rows::CommitOne;
using rows::Delivery;
using rows::Id;
using rows::kCity;
using rows::Key;
using rows::Of;
using rows::OpenCase;
using rows::Put;
using rows::Reason;
using rows::Row;

// A directory of one test, removed with it.
class ScratchDir {
 public:
  ScratchDir() {
    std::string name = ::testing::TempDir() + "/hotlineXXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~ScratchDir() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  std::string File(const std::string& name) const {
    return path_.string() + "/" + name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace hotline

#endif  // HOTLINE_TESTS_ADAPTERS_STORE_ROWS_H_
