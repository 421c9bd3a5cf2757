// How far something is: a bar that redraws itself on a terminal, a line every
// tenth elsewhere. Goes to stderr; stdout is for the answer.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_PROGRESS_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_PROGRESS_H_

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

namespace city {

class Progress {
 public:
  explicit Progress(std::string what)
      : what_(std::move(what)),
        terminal_(isatty(STDERR_FILENO) == 1),
        began_(std::chrono::steady_clock::now()) {}
  ~Progress() {
    if (terminal_ && shown_ >= 0) std::fputc('\n', stderr);
  }

  // 0 to 1.
  void Show(double share) {
    const int step = static_cast<int>(share * (terminal_ ? 1000 : 10));
    if (step <= shown_) return;
    shown_ = step;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began_)
            .count();
    if (!terminal_) {
      std::fprintf(stderr, "%s: %d %% after %.0f s\n", what_.c_str(), step * 10,
                   seconds);
      return;
    }
    constexpr int kWidth = 40;
    const int full = static_cast<int>(share * kWidth);
    std::string bar(static_cast<size_t>(full), '#');
    bar.resize(kWidth, '.');
    std::fprintf(stderr, "\r%s [%s] %5.1f %%  %.0f s, %.0f s left ",
                 what_.c_str(), bar.c_str(), share * 100, seconds,
                 share > 0 ? seconds / share - seconds : 0);
    std::fflush(stderr);
  }

 private:
  std::string what_;
  bool terminal_;
  std::chrono::steady_clock::time_point began_;
  int shown_ = -1;
};

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_PROGRESS_H_
