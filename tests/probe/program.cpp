// A container tries to write to podrun's own program.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {

/// DESCRIPTOR: tries to open this program for writing as long as that fails with ETXTBSY, which means until a moment in
/// which the program is not running.
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
