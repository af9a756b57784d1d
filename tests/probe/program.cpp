// What a container may not do to podrun's own program: write to it.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {

/// DESCRIPTOR, of a program that runs: tries to open it for writing for as long as running programs are
/// protected by their running alone (ETXTBSY), so until the instant in which nobody runs it.
int overwrite(int, Words words) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%s", words[0]);
  struct stat program {};
  fstat(atoi(words[0]), &program);
  dprintf(STDOUT_FILENO, "the program: inode %llu\n", static_cast<unsigned long long>(program.st_ino));
  int writable = -1;
  do writable = open(path, O_WRONLY);
  while (writable < 0 && errno == ETXTBSY);
  report_open("write the program", writable);
  return 0;
}

}  // namespace podrun::probe
