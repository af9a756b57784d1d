// podrun-probe MODE WORD…: the table of modes.
#include <stdio.h>
#include <string.h>

#include "tests/probe/probe.hpp"

namespace {

using namespace podrun::probe;

struct Mode {
  const char* name;
  int words;  // the least number of arguments
  int (*run)(int count, Words words);
};

constexpr Mode modes[] = {
    {"try-everything", 0, try_everything},  //
    {"signal-group", 0, signal_group},      //
    {"reach", 1, reach},                    // FILE
    {"call-host", 1, call_host},            // ADDRESS
    {"read-key", 2, read_key},              // SERIAL DESCRIPTION
    {"make-user-namespaces", 0, make_user_namespaces},  //
    {"make-siblings", 0, make_siblings},                //
    {"open-vsock", 0, open_vsock},                      //
    {"fill-terminals", 0, fill_terminals},              //
    {"give", 3, give},                      // SOCKET PATH MEETING
    {"serve", 2, serve},                    // SOCKET MEETING
    {"take-descriptors", 2, take_descriptors},  // the same
    {"take-proc", 2, take_proc},            // SOCKET MEETING
    {"take-root", 3, take_root},            // SOCKET MEETING THIRD
    {"watch-window", 3, watch_window},      // SOCKET MEETING THIRD
    {"overwrite", 1, overwrite},            // DESCRIPTOR
    {"instance", 3, run_instance},          // DIRECTORY NAME CODE…
    {"numbers", 1, print_numbers},          // COUNT
    {"terms", 2, count_terms},              // MILLISECONDS CODE
    {"siblings", 1, leave_siblings},        // COUNT
    {"orphan", 0, leave_orphan},            //
    {"command", 2, command},                // SOCKET REQUEST
    {"watch-births", 3, watch_births},      // COUNT FILE WORDS
    {"puppet", 1, use_as_puppet},           // PID
    {"flood", 1, flood},                    // FILE [COUNT [PERMITS]]
    {"exit", 1, exit_at_once},              // CODE
    {"act", 3, act},                        // NAME MILLISECONDS CODE
    {"ask", 2, ask},                        // WHO WHAT
    {"identity", 0, identity},              //
    {"echo-datagrams", 1, echo_datagrams},  // PORT
    {"say", 3, say},                        // ADDRESS PORT TEXT
};

}  // namespace

int main(int argc, char** argv) {
  for (const Mode& mode : modes)
    if (argc - 2 >= mode.words && strcmp(argv[1], mode.name) == 0) return mode.run(argc - 2, argv + 2);
  fprintf(stderr, "podrun-probe: no such mode, or too few words for it\n");
  return 2;
}
