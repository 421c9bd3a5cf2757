#include <iostream>

#include "src/cli/cli.h"

int main(int argc, char** argv) {
  return hotline::cli::Main({argv + 1, argv + argc}, std::cin, std::cout,
                            std::cerr);
}
