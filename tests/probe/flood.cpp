// A container that writes numbered lines as fast as possible.
#include <fcntl.h>
#include <stdlib.h>

#include "tests/probe/flood_permits.hpp"
#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {
namespace {

bool write_all(const char* text, size_t length) {
  while (length > 0) {
    const ssize_t written = write(STDOUT_FILENO, text, length);
    if (written < 0) return false;
    text += written;
    length -= static_cast<size_t>(written);
  }
  return true;
}

/// Waits for permits until the line with that number may be printed. False at the end of the FIFO.
bool wait_for_permit(int permits, long number, long& permitted) {
  while (permits >= 0 && number >= permitted) {
    char permit;
    if (read(permits, &permit, 1) != 1) return false;
    permitted += lines_of_a_permit;
  }
  return true;
}

}  // namespace

/// FILE [COUNT [PERMITS]]: prints numbers from 0 on, each followed by as many x as its last two digits say, until FILE
/// exists or COUNT (-1: none) is reached. Then prints "end" and waits. PERMITS is a FIFO: each byte from it permits
/// `lines_of_a_permit` lines.
int flood(int count, Words words) {
  static char text[64 * 1024];
  const long last = count > 1 ? atol(words[1]) : -1;
  const int permits = count > 2 ? open(words[2], O_RDONLY | O_CLOEXEC) : -1;
  if (count > 2 && permits < 0) return 1;
  long permitted = 0;
  for (long number = 0; number != last && access(words[0], F_OK) < 0;) {
    size_t length = 0;
    if (!wait_for_permit(permits, number, permitted)) return 1;
    while (number != last && length < sizeof text - 200) {
      length += static_cast<size_t>(sprintf(text + length, "%ld ", number));
      memset(text + length, 'x', static_cast<size_t>(number % 100));
      length += static_cast<size_t>(number++ % 100);
      text[length++] = '\n';
    }
    if (!write_all(text, length)) return 1;
  }
  if (!write_all("end\n", 4)) return 1;
  while (last < 0) pause();
  return 0;
}

}  // namespace podrun::probe
