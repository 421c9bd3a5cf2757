// RFC 4180, read strictly enough that no row is told wrongly, and one row at a
// time: a damaged row is reported as itself and reading goes on after it.
#include <optional>
#include <set>

#include "hotline/error.h"
#include "hotline/intake.h"

namespace hotline {
namespace {

constexpr size_t kRowBytesMax = size_t{1} << 20;
constexpr size_t kFieldsMax = 1'024;

class CsvReader final : public RowReader {
 public:
  explicit CsvReader(std::istream* in) : in_(in) {}

  absl::StatusOr<bool> Next(ImportRow* row) override {
    if (!header_) {
      if (absl::Status status = ReadHeader(); !status.ok()) return status;
    }
    *row = ImportRow();
    if (!ReadRecord()) return false;
    row->number = ++rows_;
    row->line = record_line_;
    if (damage_.empty() && fields_.size() != header_->size()) {
      damage_ = "field_count";
      detail_ = "has " + std::to_string(fields_.size()) +
                " fields where the header has " +
                std::to_string(header_->size());
    }
    row->damage = damage_;
    row->damage_detail = detail_;
    if (!damage_.empty()) return true;
    row->values.reserve(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i)
      row->values.emplace_back((*header_)[i], std::move(fields_[i]));
    return true;
  }

  const std::vector<std::string>* columns() const override {
    return header_ ? &*header_ : nullptr;
  }

 private:
  absl::Status ReadHeader() {
    SkipByteOrderMark();
    if (!ReadRecord() || !damage_.empty())
      return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                       damage_.empty() ? "the file has no header row"
                                       : "the header row " + detail_);
    std::set<std::string> seen;
    for (const std::string& name : fields_) {
      if (!seen.insert(name).second)
        return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                         "the header names the column \"" + name + "\" twice");
    }
    header_ = fields_;
    return absl::OkStatus();
  }

  void SkipByteOrderMark() {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    std::string start;
    for (char expected : kMark) {
      if (in_->peek() != static_cast<unsigned char>(expected)) break;
      start.push_back(static_cast<char>(in_->get()));
    }
    if (start != kMark) pushed_back_ = start;
  }

  // The next byte, with every line end as '\n' outside quotes; -1 at the end.
  int Get() {
    if (!pushed_back_.empty()) {
      const auto c = static_cast<unsigned char>(pushed_back_.front());
      pushed_back_.erase(0, 1);
      return c;
    }
    const int c = in_->get();
    return c == std::istream::traits_type::eof() ? -1 : c;
  }

  // Ends the line that `c` begins to end, if it does.
  bool EndsLine(int c) {
    if (c != '\r' && c != '\n') return false;
    if (c == '\r' && in_->peek() == '\n') in_->get();
    ++line_;
    return true;
  }

  void Damage(std::string_view what, std::string_view detail) {
    if (!damage_.empty()) return;
    damage_ = what;
    detail_ = detail;
  }

  // Reads up to the end of a record into fields_; false at the end of the file.
  // Lines without a single character are no records.
  bool ReadRecord() {
    while (true) {
      fields_.clear();
      damage_.clear();
      detail_.clear();
      bytes_ = 0;
      record_line_ = line_;
      int c = Get();
      if (c < 0) return false;
      if (EndsLine(c)) continue;
      while (ReadField(&c)) c = Get();
      return true;
    }
  }

  // Reads one field that begins with `*c`; true if another one follows.
  bool ReadField(int* c) {
    std::string field;
    if (*c == '"') {
      *c = ReadQuoted(&field);
      if (*c >= 0 && *c != ',' && *c != '\r' && *c != '\n')
        Damage("bad_quote", "has text after a closing quote on line " +
                                std::to_string(line_));
    }
    while (*c >= 0 && *c != ',') {
      if (EndsLine(*c)) {
        *c = -1;
        break;
      }
      Append(*c, &field);
      *c = Get();
    }
    if (fields_.size() < kFieldsMax)
      fields_.push_back(std::move(field));
    else
      Damage("too_long", "has more than 1024 fields");
    return *c == ',';
  }

  // Reads to the closing quote and gives the byte after it.
  int ReadQuoted(std::string* field) {
    while (true) {
      int c = Get();
      if (c < 0) {
        Damage("bad_quote",
               "has a quote without end up to line " + std::to_string(line_));
        return c;
      }
      if (c == '"') {
        c = Get();
        if (c != '"') return c;
      } else if (c == '\n' || (c == '\r' && in_->peek() != '\n')) {
        // Past its bound a quote without end would eat the whole file.
        if (damage_ == "too_long") return c;
        ++line_;
      }
      Append(c, field);
    }
  }

  void Append(int c, std::string* field) {
    if (++bytes_ <= kRowBytesMax)
      field->push_back(static_cast<char>(c));
    else
      Damage("too_long",
             "has more than 1 MiB by line " + std::to_string(line_));
  }

  std::istream* const in_;
  std::optional<std::vector<std::string>> header_;
  std::string pushed_back_;
  std::vector<std::string> fields_;
  std::string damage_;
  std::string detail_;
  size_t bytes_ = 0;
  int64_t line_ = 1;
  int64_t record_line_ = 1;
  int64_t rows_ = 0;
};

}  // namespace

const std::string* ImportRow::Find(std::string_view column) const {
  for (const auto& [name, text] : values)
    if (name == column) return &text;
  return nullptr;
}

std::unique_ptr<RowReader> ReadCsv(std::istream* in) {
  return std::make_unique<CsvReader>(in);
}

}  // namespace hotline
