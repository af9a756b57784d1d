// What a probe or a hook prints.
#include "supervisor/health/command_output.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "pod/text/utf8_text.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t most_characters = 200;

std::string_view without_blanks_at_the_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

}  // namespace

CommandOutput::Taken CommandOutput::take() {
  int waiting = 0;
  if (!pipe_ || ::ioctl(pipe_.get(), FIONREAD, &waiting) < 0) return {.bytes = 0, .ended = true};
  std::size_t dropped = 0;
  if (waiting > static_cast<int>(most)) {
    if (!sink_) sink_ = Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    const auto surplus = static_cast<std::size_t>(waiting) - most;
    const ssize_t moved = ::splice(pipe_.get(), nullptr, sink_.get(), nullptr, surplus, SPLICE_F_NONBLOCK);
    if (moved > 0) dropped = static_cast<std::size_t>(moved);
  }
  char bytes[most];
  const ssize_t length = ::read(pipe_.get(), bytes, sizeof bytes);
  if (length <= 0) return {.bytes = dropped, .ended = length == 0 || (errno != EAGAIN && errno != EINTR)};
  tail_.append(bytes, static_cast<std::size_t>(length));
  if (tail_.size() > most) tail_.erase(0, tail_.size() - most);
  return {.bytes = dropped + static_cast<std::size_t>(length), .ended = false};
}

std::string last_line(std::string_view text) {
  text = without_blanks_at_the_end(text);
  const std::size_t end_of_former = text.rfind('\n');
  std::string_view line = end_of_former == std::string_view::npos ? text : text.substr(end_of_former + 1);
  std::string shown;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < line.size(); ++characters) {
    if (characters == most_characters) return shown + "…";
    const pod::CodePoint point = pod::code_point_at(line, at);
    if (point.value != pod::not_utf8 && pod::is_printable(point.value)) shown += line.substr(at, point.size);
    else shown += point.value == '\t' ? " " : "\uFFFD";
    at += point.size;
  }
  return shown;
}

}  // namespace podrun::supervisor
