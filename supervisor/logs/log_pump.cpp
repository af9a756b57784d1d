// Container output → CRI log file; the transaction is drawn in log_pump.hpp, the numbers here are its steps.
#include "supervisor/logs/log_pump.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "supervisor/logs/cri_log_format.hpp"
#include "supervisor/logs/log_files.hpp"

namespace podrun::supervisor {
namespace {

// The most that one batch takes from A: the default capacity of a pipe, which a container can enlarge.
constexpr std::size_t longest_batch = 64 * 1024;

// What formatting a batch of 100-byte lines takes and more; what a rare one took beyond is given back.
constexpr std::size_t usual_scratch = 256 * 1024;

// The batch and its records lie here, one batch's after the other's: there is one thread, and memory that is
// taken and given back each time would cost more than all else.
struct Scratch {
  std::string journal;
  std::string records;
};
Scratch& scratch() {
  static Scratch memory;
  return memory;
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

/// How much a container that ended can have left. The kernel moves what is written to a terminal on by itself, so that
/// asking there may be too early, as reading is not; it is no more than this.
Result<std::size_t> bytes_left(int pipe) {
  constexpr std::size_t most_in_terminal = 256 * 1024;
  return ::isatty(pipe) != 0 ? most_in_terminal : readable_bytes(pipe);
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

LogPump::LogPump(LogDescriptors descriptors, LogFolder folder, std::uint64_t instance, LogPumpCallbacks owner)
    : descriptors_(std::move(descriptors)),
      folder_(std::move(folder)),
      instance_(instance),
      name_(LogFile{.instance = instance}.name()),
      owner_(std::move(owner)) {}

Result<> LogPump::recover() {
  TRY_VOID(make_copy_pipe());
  drops_ = TRY(read_dropped_lines(descriptors_.drops));
  batch_ = TRY(find_open_batch());
  TRY_VOID(find_end());
  if (!has_name())
    if (auto taken = take_name(); !taken) trouble_ = taken.error();
  return write_batch();
}

// Where to go on writing. Nothing open: (5), if it was missing.
Result<> LogPump::find_end() {
  const int file = descriptors_.file.get();
  const off_t position = ::lseek(file, 0, SEEK_CUR);
  if (position < 0) return fail_system("cannot read a log's position");
  committed_ = position;
  if (batch_) return {};
  const off_t size = ::lseek(file, 0, SEEK_END);
  if (size < 0) return fail_system("cannot set a log's position");
  committed_ = size;
  if (size > position) drops_ = {};  // the count was written in front of that batch
  drops_.counted = 0;
  return write_dropped_lines(descriptors_.drops, drops_);
}

Result<LogPump::PumpResult> LogPump::pump(Stream stream) {
  TRY_VOID(write_batch());  // one that failed before
  const Ends ends = ends_of(descriptors_, stream);
  const ssize_t taken = ::splice(ends.pipe, nullptr, ends.journal_in, nullptr, longest_batch,
                                 SPLICE_F_NONBLOCK | SPLICE_F_MOVE);  // (1)
  if (taken < 0 && errno == EAGAIN) return PumpResult{};
  if (taken < 0) return fail_system("cannot read a container's output");
  batch_ = Batch{.stream = stream, .sealed = false};
  TRY_VOID(write_batch());
  if (taken == 0 || !has_room(ends.journal_in)) TRY_VOID(flush(stream));
  return PumpResult{.bytes = static_cast<std::size_t>(taken), .end = taken == 0};
}

Result<> LogPump::drain() {
  for (const Stream stream : streams) {
    // What is there now: another holder of the pipe may go on writing for ever.
    std::size_t waiting = TRY(bytes_left(ends_of(descriptors_, stream).pipe));
    while (waiting > 0) {
      const PumpResult pumped = TRY(pump(stream));
      if (pumped.bytes == 0) break;
      waiting -= std::min(waiting, pumped.bytes);
    }
    TRY_VOID(write_batch());
    TRY_VOID(flush(stream));
  }
  if (drops_.lines > 0) batch_ = Batch{.stream = Stream::Out, .sealed = false};  // of nothing but the count
  return write_batch();
}

// The pipe that B is copied to must hold all that B can hold, or a batch would be seen in part.
Result<> LogPump::make_copy_pipe() {
  null_ = Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null_) return fail_system("cannot open /dev/null");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_system("cannot make a pipe");
  copy_out_ = Fd(ends[0]);
  copy_in_ = Fd(ends[1]);
  for (const Stream stream : streams) {
    const int needed = ::fcntl(ends_of(descriptors_, stream).journal_out, F_GETPIPE_SZ);
    if (needed < 0) return fail_system("cannot look at a log journal");
    if (needed > ::fcntl(copy_in_.get(), F_GETPIPE_SZ) && ::fcntl(copy_in_.get(), F_SETPIPE_SZ, needed) < 0)
      return fail_system("cannot enlarge a pipe");
  }
  return {};
}

// What a former supervisor left between (1) and (4). One at most: a batch is finished before another begins.
Result<std::optional<LogPump::Batch>> LogPump::find_open_batch() {
  std::optional<Batch> open;
  for (const Stream stream : streams) {
    const std::string_view journal = TRY(read_journal(stream));
    const bool sealed = TRY(is_sealed(ends_of(descriptors_, stream).journal_out));
    if (sealed && journal.empty()) TRY_VOID(seal(stream, false));  // it died between (4) and this
    if (sealed ? !journal.empty() : recordable(journal) > 0)
      open = Batch{.stream = stream, .sealed = sealed, .again = true};
  }
  return open;
}

// (2): B's content, which stays there. What tee copies are references to pages. Valid until the next call.
Result<std::string_view> LogPump::read_journal(Stream stream) {
  std::string& content = scratch().journal;
  content.clear();
  const ssize_t copied =
      ::tee(ends_of(descriptors_, stream).journal_out, copy_in_.get(), INT_MAX, SPLICE_F_NONBLOCK);
  if (copied < 0 && errno == EAGAIN) return content;
  if (copied < 0) return fail_system("cannot copy a log journal");
  const auto size = static_cast<std::size_t>(copied);
  content.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
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
  const std::string_view journal = TRY(read_journal(batch_->stream));
  const std::string_view raw = journal.substr(0, batch_->sealed ? journal.size() : recordable(journal));
  if (drops_.counted != 0)
    TRY_VOID(finish_drop(raw.size()));
  else if (!raw.empty() || drops_.lines > 0)
    TRY_VOID(record(raw));
  if (batch_->sealed) TRY_VOID(seal(batch_->stream, false));
  batch_.reset();
  return {};
}

// (3)–(5), and before them the rotation, if one is due. Its failure is no more than a larger file: it is
// tried again with the next batch.
Result<> LogPump::record(std::string_view raw) {
  std::string& records = scratch().records;
  records.clear();
  const WallTime now = owner_.clock();
  if (drops_.lines > 0) append_records(records, drops_.words(), Stream::Err, now);
  append_records(records, raw, batch_->stream, now);
  const auto length = static_cast<off_t>(records.size());
  if (committed_ > 0 && committed_ + length > largest_log) (void)rotate();
  const Result<> written = write_somehow(records);
  if (records.capacity() > usual_scratch) std::string().swap(records);
  if (!written) return drop(raw, written.error());

  trouble_.reset();
  TRY_VOID(commit(raw.size()));
  committed_ += length;
  if (drops_.lines > 0) TRY_VOID(write_dropped_lines(descriptors_.drops, drops_ = {}));
  if (::lseek(descriptors_.file.get(), committed_, SEEK_SET) < 0)  // (5)
    return fail_system("cannot set a log's position");
  return {};
}

// (3). A full disk may have room once others' files have gone; a file that could not be made may be possible
// by now.
Result<> LogPump::write_somehow(std::string_view records) {
  const auto is_full = [](const Error& error) { return error.number == ENOSPC || error.number == EDQUOT; };
  Result<> written = write_at_end(records);
  while (!written && is_full(written.error()) && owner_.make_room()) written = write_at_end(records);
  if (written || has_name()) return written;
  TRY_VOID(take_name());
  return write_at_end(records);
}

// A batch that is tried again overwrites what was written of it: a reader never sees the file shrink, unless
// another version of this program formatted the first try and took more room.
Result<> LogPump::write_at_end(std::string_view records) {
  const bool again = std::exchange(batch_->again, true);
  off_t end = committed_;
  while (!records.empty()) {
    const ssize_t n = ::pwrite(descriptors_.file.get(), records.data(), records.size(), end);
    if (n < 0) return fail_system(folder_->path_of(name_));
    records.remove_prefix(static_cast<std::size_t>(n));
    end += n;
  }
  return again ? cut_behind(end) : Result<>();
}

// (4). In one call, so that a kill finds all of the batch in B or nothing.
Result<> LogPump::commit(std::size_t bytes) {
  const int journal = ends_of(descriptors_, batch_->stream).journal_out;
  if (bytes > 0 && ::splice(journal, nullptr, null_.get(), nullptr, bytes, 0) < 0)
    return fail_system("cannot empty a log journal");
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
