// The month as one self-contained page: charts in inline SVG, each with its
// table, and three cases drawn over time. No script, nothing loaded.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_REPORT_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_REPORT_H_

#include <span>
#include <string>
#include <vector>

#include "figures.h"

namespace city {

// A case of its own over time.
struct Story {
  std::string id;  // of the section: `weekend`
  Name title;
  std::string lead;  // what happens and why it is due when it is
  std::string svg;   // the drawing, with its text alternative
  // What the drawing shows: instant, who, what.
  struct Row {
    std::string when;
    std::string who;
    std::string what;
  };
  std::vector<Row> rows;
  bool illustrative = false;
};

// How often things happen in what was simulated, and on whose word.
struct Source {
  std::string what;
  std::string value;
  std::string source;  // empty: illustrative
};

struct Page {
  Figures figures;
  std::vector<Story> stories;
  std::string about_stories;
  std::vector<Source> sources;
  // "simulated, seed 1" or the name of what was imported.
  std::string origin;
};

std::string RenderPage(const Page& page);

// The same figures for a terminal. What a run took is told apart, so that two
// runs of one seed give the same table.
std::string RenderTable(const Figures& figures);
std::string RenderSpeed(const Figures& figures);

// style.cc.
extern const char kStyle[];

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_REPORT_H_
