// A notifier that writes to a file: one CloudEvents 1.0 event a line, JSON, for
// a mail room, a log shipper, or a system that has no mail yet.
//
//   auto file = hotline::FileNotifier::Open("/var/spool/city/notices.jsonl");
//   if (!file.ok()) return file.status();
//   auto engine =
//       hotline::Engine::Open(store.get(), {.notifiers = {file->get()}});
//
// A line (here broken):
//   {"specversion":"1.0","id":"EVENT_ID","source":"/TENANT/cases/REFERENCE",
//    "type":"org.hotline.case.escalated.v1","subject":"NOTICE",
//    "time":"2026-02-28T15:59:59Z","datacontenttype":"application/json",
//    "sequence":"0000000042","data":{"recipient":"unit:lights",
//    "channel":"file","dedupe_key":"...","attempt":1,"locale":"zh-TW",
//    "subject":"...","text":"..."}}
// Equal `source` and `id` mean the same event and notice (CloudEvents 1.0,
// section 3.1.1); a line sent again bears the same `dedupe_key`. The
// recipient's address is never written. What is not UTF-8 is written as U+FFFD.
//
// When the file has reached its size it becomes PATH.1, PATH.1 becomes PATH.2,
// and so on; the oldest is dropped. A line is never cut in two.
//
// Thread rule: Send from any thread; one lock, lines never mix.
// Lifetime: closes its file when it dies. One FileNotifier a path.
#ifndef HOTLINE_ADAPTERS_FILE_NOTIFIER_H_
#define HOTLINE_ADAPTERS_FILE_NOTIFIER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hotline/notifier.h"

namespace hotline {

struct FileNotifierOptions {
  // A file that is this long is put aside before the next line.
  int64_t rotate_bytes = int64_t{64} << 20;
  // How many are kept aside; 0 drops them.
  int keep = 5;
  // Writes `subject` and `text`: the file then holds what citizens are told
  // and belongs under the same care as the store. False writes ids and names.
  bool include_text = true;
  // True: a delivered line is on disk before Send answers (fdatasync).
  bool sync = false;
};

class FileNotifier final : public Notifier {
 public:
  using Options = FileNotifierOptions;

  // Makes the file, readable by its owner and group, if there is none.
  // STORE_FAILED if it cannot be opened; INVALID_ARGUMENT for a rotate_bytes
  // below 1 or a keep below 0.
  static absl::StatusOr<std::unique_ptr<FileNotifier>> Open(
      std::string_view path, const Options& options = {});

  ~FileNotifier() override;
  FileNotifier(const FileNotifier&) = delete;
  FileNotifier& operator=(const FileNotifier&) = delete;

  std::string name() const override;  // "file"

  // kDelivered: the line stands in the file. kTransient: nothing of it does (a
  // full disk). kUnknown: it may, partly; the next line starts on a new one.
  // A local file answers at once, so `deadline` is not looked at.
  std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                               absl::Time deadline) override;

 private:
  struct Rep;
  explicit FileNotifier(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace hotline

#endif  // HOTLINE_ADAPTERS_FILE_NOTIFIER_H_
