// The descriptors of an instance's output; see log_descriptors.hpp.
#include "supervisor/logs/log_descriptors.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <utility>

#include "supervisor/logs/log_files.hpp"

namespace podrun::supervisor {
namespace {

// The journal pipe must have room for a batch behind an unfinished line. Each write of a slow writer takes a slot of a
// page, so this is also the number of writes that one line may consist of before it is split. Unused slots take no
// memory.
constexpr int journal_capacity = 64 * 4096;

struct Pipe {
  Fd in;
  Fd out;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_system("cannot make a pipe");
  return Pipe{.in = Fd(ends[1]), .out = Fd(ends[0])};
}

// The container's pipe. podrun's end does not block; the container's end does, as programs expect.
Result<Pipe> make_container_pipe() {
  Pipe pipe = TRY(make_pipe());
  if (::fcntl(pipe.out.get(), F_SETFL, O_NONBLOCK) < 0) return fail_system("cannot set up a pipe");
  return pipe;
}

Result<Pipe> make_journal_pipe() {
  Pipe pipe = TRY(make_pipe());
  // Fails beyond the limits for unprivileged users, pipe(7), which root does not have. A smaller journal pipe splits
  // long lines earlier.
  (void)::fcntl(pipe.in.get(), F_SETPIPE_SZ, journal_capacity);
  return pipe;
}

// An instance that was never registered never ran, and nothing is written to a file before the pause holds it. So a file
// that has the name already is empty, and may be replaced. If it is not, another program has made it: it becomes a
// rotated file, and loses nothing.
Result<> set_aside(const ns::DirectoryHandle& folder, const std::string& name) {
  struct stat there {};
  const auto file = parse_log_name(name);
  if (!file || ::fstatat(folder.fd(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) < 0) return {};
  if (!S_ISREG(there.st_mode) || there.st_size == 0) return {};
  const WallTime written{std::chrono::seconds(there.st_mtim.tv_sec) + std::chrono::nanoseconds(there.st_mtim.tv_nsec)};
  const std::string rotated = next_rotated(folder, file->instance, written).name();
  if (::renameat(folder.fd(), name.c_str(), folder.fd(), rotated.c_str()) < 0)
    return fail_system(folder.path_of(rotated));
  return {};
}

}  // namespace

std::vector<ns::RoleFd> LogDescriptors::roles() const {
  std::vector<ns::RoleFd> all = {{ns::Role::Out, out.get()},
                                 {ns::Role::Err, err.get()},
                                 {ns::Role::OutJournalIn, out_journal_in.get()},
                                 {ns::Role::OutJournalOut, out_journal_out.get()},
                                 {ns::Role::ErrJournalIn, err_journal_in.get()},
                                 {ns::Role::ErrJournalOut, err_journal_out.get()},
                                 {ns::Role::Log, file.get()}};
  if (drops) all.push_back({ns::Role::DroppedLines, drops.get()});
  return all;
}

Result<LogDescriptors> LogDescriptors::from(ns::KeptItem& child) {
  LogDescriptors log{.out = child.take(ns::Role::Out),
                     .err = child.take(ns::Role::Err),
                     .out_journal_in = child.take(ns::Role::OutJournalIn),
                     .out_journal_out = child.take(ns::Role::OutJournalOut),
                     .err_journal_in = child.take(ns::Role::ErrJournalIn),
                     .err_journal_out = child.take(ns::Role::ErrJournalOut),
                     .file = child.take(ns::Role::Log),
                     .drops = child.take(ns::Role::DroppedLines)};
  const bool is_complete = log.out && log.err && log.out_journal_in && log.out_journal_out && log.err_journal_in &&
                           log.err_journal_out && log.file;
  if (!is_complete) return fail("the descriptors of a log are not complete");
  return log;
}

Result<NewLog> create_log(Fd file) {
  Pipe out = TRY(make_container_pipe());
  Pipe err = TRY(make_container_pipe());
  Pipe out_journal = TRY(make_journal_pipe());
  Pipe err_journal = TRY(make_journal_pipe());
  return NewLog{.kept = {.out = std::move(out.out),
                         .err = std::move(err.out),
                         .out_journal_in = std::move(out_journal.in),
                         .out_journal_out = std::move(out_journal.out),
                         .err_journal_in = std::move(err_journal.in),
                         .err_journal_out = std::move(err_journal.out),
                         .file = std::move(file),
                         .drops = {}},
                .out_write = std::move(out.in),
                .err_write = std::move(err.in)};
}

Result<Fd> create_log_file(ns::DirectoryHandle& folder, const std::string& name) {
  TRY_VOID(set_aside(folder, name));
  auto file = folder.create_file(name, 0640);
  if (file || file.error().number != ENOENT) return file;
  TRY_VOID(folder.make());  // the folder is not open or was removed
  return folder.create_file(name, 0640);
}

Result<Fd> missing_log_file() {
  Fd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!file) return fail_system("cannot open /dev/null");
  return file;
}

}  // namespace podrun::supervisor
