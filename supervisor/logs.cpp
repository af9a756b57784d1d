// Container output → CRI log file; the transaction is drawn in logs.hpp, the numbers here are its steps.
#include "supervisor/logs.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "supervisor/cri.hpp"

namespace podrun::supervisor {
namespace {

// The most that one batch takes from A: the default capacity of a pipe, which a container can enlarge.
constexpr std::size_t longest_batch = 64 * 1024;

// B needs room for a batch behind an unfinished line. Each write of a slow writer takes one slot of a page's
// size, so this is also how many writes one line may come in before it is cut. Only used slots take memory.
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

// The container's pipe: our end never blocks, its end is as a program expects it.
Result<Pipe> make_container_pipe() {
  Pipe pipe = TRY(make_pipe());
  if (::fcntl(pipe.out.get(), F_SETFL, O_NONBLOCK) < 0) return fail_system("cannot set up a pipe");
  return pipe;
}

Result<Pipe> make_journal_pipe() {
  Pipe pipe = TRY(make_pipe());
  // Refused beyond a user's limits, which root does not have. A smaller journal cuts long lines earlier.
  (void)::fcntl(pipe.in.get(), F_SETPIPE_SZ, journal_capacity);
  return pipe;
}

// Makes PATH and what is missing above it, with explicit modes whatever the umask.
Result<> make_directories(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) == 0) {
    if (::chmod(path.c_str(), 0750) < 0) return fail_system(path);
    return {};
  }
  if (errno == EEXIST) return {};
  const std::size_t slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) return fail_system(path);
  TRY_VOID(make_directories(path.substr(0, slash)));
  return make_directories(path);
}

Result<Fd> make_file(const std::string& path) {
  if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0)
    TRY_VOID(make_directories(path.substr(0, slash)));
  // An instance that was never registered never ran: a file of its number, if any, is empty.
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!file || ::fchmod(file.get(), 0640) < 0) return fail_system(path);
  return file;
}

// The three pipe ends of a stream among the descriptors.
struct Ends {
  int pipe;
  int journal_in;
  int journal_out;
};

Ends ends_of(const LogDescriptors& all, Stream stream) {
  return stream == Stream::Out ? Ends{all.out.get(), all.out_journal_in.get(), all.out_journal_out.get()}
                               : Ends{all.err.get(), all.err_journal_in.get(), all.err_journal_out.get()};
}

Result<std::size_t> readable_bytes(int pipe) {
  int bytes = 0;
  if (::ioctl(pipe, FIONREAD, &bytes) < 0) return fail_system("cannot look into a log pipe");
  return static_cast<std::size_t>(bytes);
}

Result<bool> is_sealed(int journal_out) {
  const int flags = ::fcntl(journal_out, F_GETFL);
  if (flags < 0) return fail_system("cannot look at a log journal");
  return (flags & O_NONBLOCK) != 0;
}

bool has_room(int journal_in) {
  pollfd state{.fd = journal_in, .events = POLLOUT, .revents = 0};
  return ::poll(&state, 1, 0) == 1 && (state.revents & POLLOUT) != 0;
}

}  // namespace

Result<NewLog> create_log(const std::string& path) {
  Fd file = TRY(make_file(path));
  // Opened anew, not duplicated: it has a position of its own.
  Fd shown(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!shown) return fail_system(path);
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
                         .shown = std::move(shown)},
                .out_write = std::move(out.in),
                .err_write = std::move(err.in)};
}

LogPump::LogPump(LogDescriptors descriptors, WallClock clock)
    : descriptors_(std::move(descriptors)), clock_(std::move(clock)) {}

Result<> LogPump::recover() {
  TRY_VOID(make_copy_pipe());
  batch_ = TRY(find_open_batch());
  const int file = descriptors_.file.get();
  if (batch_) {
    committed_ = ::lseek(file, 0, SEEK_CUR);
    if (committed_ < 0) return fail_system("cannot read a log's position");
    return write_batch();
  }
  const off_t size = ::lseek(file, 0, SEEK_END);  // nothing open: (5), if it was missing
  if (size < 0) return fail_system("cannot set a log's position");
  committed_ = size;
  return {};
}

Result<LogPump::Pumped> LogPump::pump(Stream stream) {
  TRY_VOID(write_batch());  // one that failed before
  const Ends ends = ends_of(descriptors_, stream);
  const ssize_t taken = ::splice(ends.pipe, nullptr, ends.journal_in, nullptr, longest_batch,
                                 SPLICE_F_NONBLOCK | SPLICE_F_MOVE);  // (1)
  if (taken < 0 && errno == EAGAIN) return Pumped{};
  if (taken < 0) return fail_system("cannot read a container's output");
  batch_ = Batch{.stream = stream, .sealed = false};
  TRY_VOID(write_batch());
  if (taken == 0 || !has_room(ends.journal_in)) TRY_VOID(flush(stream));
  return Pumped{.bytes = static_cast<std::size_t>(taken), .end = taken == 0};
}

Result<> LogPump::drain() {
  for (const Stream stream : streams) {
    // What is there now: another holder of the pipe may go on writing for ever.
    std::size_t waiting = TRY(readable_bytes(ends_of(descriptors_, stream).pipe));
    while (waiting > 0) {
      const Pumped pumped = TRY(pump(stream));
      if (pumped.bytes == 0) break;
      waiting -= std::min(waiting, pumped.bytes);
    }
    TRY_VOID(write_batch());
    TRY_VOID(flush(stream));
  }
  return {};
}

// The pipe that B is copied to must hold all that B can hold, or a batch would be seen in part.
Result<> LogPump::make_copy_pipe() {
  null_ = Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null_) return fail_system("cannot open /dev/null");
  Pipe copy = TRY(make_pipe());
  for (const Stream stream : streams) {
    const int needed = ::fcntl(ends_of(descriptors_, stream).journal_out, F_GETPIPE_SZ);
    if (needed < 0) return fail_system("cannot look at a log journal");
    if (needed > ::fcntl(copy.in.get(), F_GETPIPE_SZ) && ::fcntl(copy.in.get(), F_SETPIPE_SZ, needed) < 0)
      return fail_system("cannot enlarge a pipe");
  }
  copy_in_ = std::move(copy.in);
  copy_out_ = std::move(copy.out);
  return {};
}

// What a former supervisor left between (1) and (4). One at most: a batch is finished before another begins.
Result<std::optional<LogPump::Batch>> LogPump::find_open_batch() {
  std::optional<Batch> open;
  for (const Stream stream : streams) {
    const std::string journal = TRY(read_journal(stream));
    const bool sealed = TRY(is_sealed(ends_of(descriptors_, stream).journal_out));
    if (sealed && journal.empty()) TRY_VOID(seal(stream, false));  // it died between (4) and this
    if (sealed ? !journal.empty() : recordable(journal) > 0)
      open = Batch{.stream = stream, .sealed = sealed, .again = true};
  }
  return open;
}

// (2): B's content, which stays there. What tee copies are references to pages.
Result<std::string> LogPump::read_journal(Stream stream) {
  const ssize_t copied =
      ::tee(ends_of(descriptors_, stream).journal_out, copy_in_.get(), INT_MAX, SPLICE_F_NONBLOCK);
  if (copied < 0 && errno == EAGAIN) return std::string();
  if (copied < 0) return fail_system("cannot copy a log journal");
  std::string content(static_cast<std::size_t>(copied), '\0');
  // More than one read: a pipe in packet mode gives a packet each time.
  for (std::size_t got = 0; got < content.size();) {
    const ssize_t n = ::read(copy_out_.get(), content.data() + got, content.size() - got);
    if (n <= 0) return fail_system("cannot read a log journal");
    got += static_cast<std::size_t>(n);
  }
  return content;
}

Result<> LogPump::seal(Stream stream, bool on) {
  if (::fcntl(ends_of(descriptors_, stream).journal_out, F_SETFL, on ? O_NONBLOCK : 0) < 0)
    return fail_system("cannot seal a log journal");
  return {};
}

// (2)–(5) of the open batch, if there is one.
Result<> LogPump::write_batch() {
  if (!batch_) return {};
  const Stream stream = batch_->stream;
  const std::string journal = TRY(read_journal(stream));
  const std::size_t bytes = batch_->sealed ? journal.size() : recordable(journal);
  if (bytes > 0) {
    std::string records;
    records.reserve(2 * bytes);
    append_records(records, std::string_view(journal).substr(0, bytes), stream, clock_());
    TRY_VOID(write_at_end(records, std::exchange(batch_->again, true)));
    TRY_VOID(commit(stream, bytes));
    committed_ += static_cast<off_t>(records.size());
  }
  if (batch_->sealed) TRY_VOID(seal(stream, false));
  if (bytes > 0 && ::lseek(descriptors_.file.get(), committed_, SEEK_SET) < 0)  // (5)
    return fail_system("cannot set a log's position");
  batch_.reset();
  return {};
}

// (3). A batch that is tried again overwrites what was written of it: a reader never sees the file shrink,
// unless another version of this program formatted the first try and took more room.
Result<> LogPump::write_at_end(std::string_view records, bool again) {
  const int file = descriptors_.file.get();
  off_t end = committed_;
  while (!records.empty()) {
    const ssize_t n = ::pwrite(file, records.data(), records.size(), end);
    if (n < 0) return fail_system("cannot write a container's log");
    records.remove_prefix(static_cast<std::size_t>(n));
    end += n;
  }
  struct stat now {};
  if (again && (::fstat(file, &now) < 0 || (now.st_size > end && ::ftruncate(file, end) < 0)))
    return fail_system("cannot cut a container's log");
  return {};
}

// (4). In one call, so that a kill finds all of the batch in B or nothing.
Result<> LogPump::commit(Stream stream, std::size_t bytes) {
  const ssize_t n =
      ::splice(ends_of(descriptors_, stream).journal_out, nullptr, null_.get(), nullptr, bytes, 0);
  if (n < 0) return fail_system("cannot empty a log journal");
  return {};
}

// Writes all that is in B, an unfinished line too.
Result<> LogPump::flush(Stream stream) {
  if (TRY(readable_bytes(ends_of(descriptors_, stream).journal_out)) == 0) return {};
  TRY_VOID(seal(stream, true));
  batch_ = Batch{.stream = stream, .sealed = true};
  return write_batch();
}

}  // namespace podrun::supervisor
