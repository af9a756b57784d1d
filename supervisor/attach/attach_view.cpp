// The output of an attached client.
#include "supervisor/attach/attach_view.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <utility>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

Fd copy_of(const Fd& fd) { return Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

}  // namespace

AttachView::AttachView(LogFolder folder, const Attachment& attached)
    : folder_(std::move(folder)),
      instance_(attached.position.instance),
      log_(folder_, "", 0),
      journals_{copy_of(attached.out_journal), copy_of(attached.err_journal)} {
  log_.begin_at(copy_of(attached.file), attached.position.committed);
}

Result<AttachView> AttachView::create(LogFolder folder, const Attachment& attached) {
  AttachView view(std::move(folder), attached);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_system("cannot make a pipe");
  view.copy_out_ = Fd(ends[0]);
  view.copy_in_ = Fd(ends[1]);
  for (const Fd& journal : view.journals_)
    if (const int size = ::fcntl(journal.get(), F_GETPIPE_SZ);
        size > ::fcntl(ends[1], F_GETPIPE_SZ) && ::fcntl(ends[1], F_SETPIPE_SZ, size) < 0)
      return fail_system("cannot enlarge a pipe");
  return view;
}

Result<bool> AttachView::show(const LogPosition& position, const LogWriter& write) {
  if (!TRY(show_records(write))) return false;
  std::array<std::string, 2> next;
  for (const Stream stream : streams) next[static_cast<std::size_t>(stream)] = TRY(unfinished(stream));
  // Checked after the journal pipes were read: if the log has grown, their content may be in the log, or be later than
  // it.
  if (!is_at(position)) return true;
  for (const Stream stream : streams) {
    const auto index = static_cast<std::size_t>(stream);
    const std::string_view text = next[index];
    const std::string_view fresh = text.substr(std::min(ahead_[index], text.size()));
    ahead_[index] = text.size();
    if (!fresh.empty() && !write(stream, fresh)) return false;
  }
  return true;
}

Result<bool> AttachView::show_records(const LogWriter& write) {
  log_.look_again();
  std::string text;
  Stream last = Stream::Out;
  constexpr std::size_t enough = 64 * 1024;
  while (const Record* record = TRY(log_.peek(false))) {
    if ((record->stream != last || text.size() > enough) && !text.empty() && !write(last, std::exchange(text, {})))
      return false;
    last = record->stream;
    std::size_t& ahead = ahead_[static_cast<std::size_t>(last)];
    const std::size_t before = text.size();
    text += record->text;
    if (!record->partial) text += '\n';
    const std::size_t shown = std::min(ahead, text.size() - before);
    text.erase(before, shown);
    ahead -= shown;
    log_.pop();
  }
  return text.empty() || write(last, text);
}

Result<std::string> AttachView::unfinished(Stream stream) {
  const ssize_t copied =
      ::tee(journals_[static_cast<std::size_t>(stream)].get(), copy_in_.get(), INT_MAX, SPLICE_F_NONBLOCK);
  if (copied < 0 && errno != EAGAIN) return fail_system("cannot look into a log journal");
  std::string text(static_cast<std::size_t>(std::max<ssize_t>(copied, 0)), '\0');
  for (std::size_t got = 0; got < text.size();) {
    const ssize_t n = ::read(copy_out_.get(), text.data() + got, text.size() - got);
    if (n <= 0) return fail_system("cannot read a log journal");
    got += static_cast<std::size_t>(n);
  }
  return text;
}

/// Whether the log still ends at `position`, and has been read to there. If the log was rotated, the file has another
/// name.
bool AttachView::is_at(const LogPosition& position) const {
  struct stat file {};
  const std::string name = LogFile{.instance = instance_}.name();
  return log_.is_at(position.inode, position.committed) &&
         ::fstatat(folder_->fd(), name.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0 &&
         file.st_ino == position.inode && file.st_size == position.committed;
}

}  // namespace podrun::supervisor
