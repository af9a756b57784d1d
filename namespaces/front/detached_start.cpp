// `podrun -d` in the process that the caller waits for.
#include "namespaces/front/detached_start.hpp"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

namespace podrun {
namespace {

constexpr int failed = 1, cannot_start = 3, bug = 70;

/// Words that are never read as a file's name: with them the line is not that of a start, or it may hold anything.
constexpr const char* other_verbs[] = {"exec", "debug", "attach", "logs", "--"};

bool is_any_of(const char* word, const char* const* first, const char* const* last) {
  for (; first != last; ++first)
    if (strcmp(word, *first) == 0) return true;
  return false;
}

/// Writes all. False: errno has the reason.
bool write_all(int fd, const char* text, size_t length) {
  while (length > 0) {
    const ssize_t written = write(fd, text, length);
    if (written >= 0) {
      text += written;
      length -= static_cast<size_t>(written);
    } else if (errno == EAGAIN) {  // the caller has made its stream non-blocking
      pollfd writable = {fd, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/// What is heard from the pipe, one byte after the other.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd) {}
  /// The next byte, or -1 at the end.
  int next() {
    if (at_ == length_) {
      ssize_t length;
      do length = read(fd_, buffer_, sizeof buffer_);
      while (length < 0 && errno == EINTR);
      if (length <= 0) return -1;
      at_ = 0;
      length_ = static_cast<size_t>(length);
    }
    return static_cast<unsigned char>(buffer_[at_++]);
  }

 private:
  int fd_;
  size_t at_ = 0, length_ = 0;
  char buffer_[4096];
};

/// Says that the process of the start was killed, which cannot say anything itself.
void report_killed(int signal) {
  char words[] = "podrun: the start was killed by signal   \n";
  char* const digits = words + sizeof words - 4;
  digits[0] = signal < 10 ? ' ' : static_cast<char>('0' + signal / 10);
  digits[1] = static_cast<char>('0' + signal % 10);
  write_all(STDERR_FILENO, words, sizeof words - 1);
}

/// The exit status of a start that has sent no result.
int end_of(pid_t child) {
  int status = 0;
  pid_t waited;
  do waited = waitpid(child, &status, 0);
  while (waited < 0 && errno == EINTR);
  if (waited != child) return cannot_start;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  report_killed(WTERMSIG(status));
  return bug;
}

/// Prints lines to stderr. Names and quotes in them may come from a manifest, so a terminal gets no control characters.
void print_lines(Reader& reader) {
  const bool is_terminal = isatty(STDERR_FILENO) == 1;
  char line[1024];
  size_t length = 0;
  bool is_first_byte = true;
  for (int byte = reader.next(); byte >= 0;) {
    if (is_first_byte) write_all(STDERR_FILENO, "podrun: ", 8);
    is_first_byte = byte == '\n';
    const bool is_control = (byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f;
    line[length++] = is_terminal && is_control ? '?' : static_cast<char>(byte);
    const int next = reader.next();
    if (next < 0 && byte != '\n' && length < sizeof line) line[length++] = '\n';
    if (next < 0 || byte == '\n' || length >= sizeof line - 1) write_all(STDERR_FILENO, line, length), length = 0;
    // The control characters beyond ASCII.
    byte = is_terminal && byte == 0xc2 && next >= 0x80 && next < 0xa0 ? '?' : next;
  }
}

/// Spells the name of the pod with that id, in place, as pod/spec/pod_name.hpp does: NAME in the namespace "default",
/// else NAMESPACE/NAME.
char* spell_name(char* id, size_t& length) {
  constexpr char default_namespace[] = "default_";
  constexpr size_t prefix = sizeof default_namespace - 1;
  if (length > prefix && memcmp(id, default_namespace, prefix) == 0) {
    length -= prefix;
    return id + prefix;
  }
  if (char* const separator = static_cast<char*>(memchr(id, '_', length))) *separator = '/';
  return id;
}

/// Prints a line to stdout. False, and a message, if that fails; a reader that is gone is no reason to fail.
bool print_line(const char* line, size_t length) {
  if (write_all(STDOUT_FILENO, line, length) || errno == EPIPE) return true;
  const char* const reason = strerror(errno);
  constexpr char words[] = "podrun: standard output: ";
  write_all(STDERR_FILENO, words, sizeof words - 1);
  write_all(STDERR_FILENO, reason, strlen(reason));
  write_all(STDERR_FILENO, "\n", 1);
  return false;
}

}  // namespace

bool asks_to_detach(char** argv) {
  bool asks = false;
  for (char** word = argv + 1; *word != nullptr; ++word) {
    if (is_any_of(*word, other_verbs, other_verbs + sizeof other_verbs / sizeof *other_verbs)) return false;
    asks |= strcmp(*word, "-d") == 0 || strcmp(*word, "--detach") == 0;
  }
  return asks;
}

int wait_for_start(int result, pid_t child) {
  Reader reader(result);
  char id[512];
  size_t length = 0;
  int byte = reader.next();
  if (byte < 0) return end_of(child);
  for (; byte >= 0 && byte != '\n' && length < sizeof id - 1; byte = reader.next())
    id[length++] = static_cast<char>(byte);
  char* const name = spell_name(id, length);
  int status = reader.next();
  if (status < 0) {
    write_all(STDERR_FILENO, "podrun: pod ", 12);
    write_all(STDERR_FILENO, name, length);
    constexpr char words[] = ": the start ended, and the supervisor did not say why\n";
    write_all(STDERR_FILENO, words, sizeof words - 1);
    status = cannot_start;
  }
  print_lines(reader);
  if (status == cannot_start) {
    // Nothing may be left when this returns, including the process that was to become the pod.
    waitpid(child, nullptr, 0);
    return status;
  }
  name[length++] = '\n';
  return print_line(name, length) || status != 0 ? status : failed;
}

}  // namespace podrun
