// A policy of clocks that messages, units and verbs drive.
#ifndef HOTLINE_TESTS_SUPPORT_REPLIES_H_
#define HOTLINE_TESTS_SUPPORT_REPLIES_H_

namespace hotline::tests {

// All hours of all days count, so that instants are easy to read.
inline constexpr char kReplies[] = R"(
  id: 'replies' time_zone: 'UTC'
  calendars {
    id: 'always' time_zone: 'UTC'
    weekly { day: MONDAY hours { open: '00:00' close: '24:00' } }
    weekly { day: TUESDAY hours { open: '00:00' close: '24:00' } }
    weekly { day: WEDNESDAY hours { open: '00:00' close: '24:00' } }
    weekly { day: THURSDAY hours { open: '00:00' close: '24:00' } }
    weekly { day: FRIDAY hours { open: '00:00' close: '24:00' } }
    weekly { day: SATURDAY hours { open: '00:00' close: '24:00' } }
    weekly { day: SUNDAY hours { open: '00:00' close: '24:00' } }
  }
  calendars {
    id: 'days' time_zone: 'UTC'
    weekly { day: MONDAY hours { open: '09:00' close: '17:00' } }
    weekly { day: TUESDAY hours { open: '09:00' close: '17:00' } }
    weekly { day: WEDNESDAY hours { open: '09:00' close: '17:00' } }
    weekly { day: THURSDAY hours { open: '09:00' close: '17:00' } }
    weekly { day: FRIDAY hours { open: '09:00' close: '17:00' } }
  }
  units { code: 'works' calendar: 'always' }
  units { code: 'parks' calendar: 'days' }
  units { code: 'acme' external: true }
  clocks {
    code: 'first' start { verb: OPEN } stop { message: FROM_AGENT }
    cancel { phase: RESOLVED }
    targets { elapsed: '4h' }
  }
  clocks {
    code: 'next' start { message: FROM_REPORTER } stop { message: FROM_AGENT }
    cancel { phase: RESOLVED } cancel { phase: CLOSED }
    targets { elapsed: '2h' }
  }
  clocks {
    code: 'update' start { verb: OPEN } start { message: FROM_AGENT }
    stop { message: FROM_AGENT }
    targets { elapsed: '24h' }
  }
  clocks {
    code: 'unit' agreement: OPERATIONAL_LEVEL
    targets { working_time: '8h' } targets { unit: 'parks' working_time: '4h' }
  }
  clocks {
    code: 'contract' agreement: CONTRACT targets { elapsed: '72h' }
  }
  clocks {
    code: 'ask' start { verb: OPEN } pause { verb: ESCALATE }
    resume { message: FROM_AGENT } targets { elapsed: '10h' }
  }
  clocks {
    code: 'progress' reminder: true cancel { message: FROM_AGENT }
    cancel { phase: RESOLVED } targets { elapsed: '72h' } ladder: 'told'
  }
  clocks {
    code: 'task' start { verb: CLOSE_AND_FOLLOW_UP }
    stop { verb: COMPLETE_FOLLOW_UP } targets { elapsed: '240h' }
  }
  ladders { code: 'told' levels { code: 'told' breach: true } }
  notices { code: 'waits' levels { clock: 'progress' level: 'told' }
            to: TO_REPORTER text { language: 'en' text: 'still at it' } }
  notices { code: 'opened' verbs: OPEN to: TO_REPORTER
            text { language: 'en' text: 'due {{due}}' } }
  notices { code: 'moved' due_moved: true to: TO_REPORTER
            text { language: 'en' text: 'now due {{due}}' } }
  categories {
    code: 'lamp' kind: CASE unit: 'works' names { language: 'en' text: 'Lamp' }
    clocks { clock: 'first' } clocks { clock: 'next' }
    clocks { clock: 'update' } clocks { clock: 'unit' }
    clocks { clock: 'contract' } clocks { clock: 'ask' }
    clocks { clock: 'progress' } clocks { clock: 'task' }
  }
)";

}  // namespace hotline::tests

#endif  // HOTLINE_TESTS_SUPPORT_REPLIES_H_
