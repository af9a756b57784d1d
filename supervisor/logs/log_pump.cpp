// Copies container output into the CRI log; log_pump.hpp describes the transaction, whose steps the numbers refer to.
#include "supervisor/logs/log_pump.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "supervisor/logs/cri_log_format.hpp"
#include "supervisor/logs/log_files.hpp"

namespace podrun::supervisor {
namespace {

// The largest batch that is read from the container's pipe: the default capacity of a pipe, which a container can
// enlarge.
constexpr std::size_t longest_batch = 64 * 1024;

// Memory for the records of a usual batch, also of 100-byte lines. What a rare batch needed beyond this is freed.
constexpr std::size_t usual_scratch = 256 * 1024;

// Memory for a batch and its records, reused by the next batch: there is one thread, and allocating it each time would
// cost more than all other work.
struct Scratch {
  std::string journal;
  std::string records;
};
Scratch& scratch() {
  static Scratch memory;
  return memory;
}

// The pipe ends of one stream.
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

/// An upper bound of what is left to read from a container that has ended. The kernel passes writes to a terminal on
/// asynchronously, so FIONREAD may be too early there; but a terminal holds no more than this.
Result<std::size_t> bytes_left(int pipe) {
  constexpr std::size_t most_in_terminal = 256 * 1024;
  return ::isatty(pipe) != 0 ? most_in_terminal : readable_bytes(pipe);
}

Result<bool> is_sealed(int journal_out) {
  const int flags = ::fcntl(journal_out, F_GETFL);
  if (flags < 0) return fail_system("cannot look at a log journal");
  return (flags & O_NONBLOCK) != 0;
}

bool is_removed(int file) {
  struct stat now {};
  return ::fstat(file, &now) == 0 && now.st_nlink == 0;
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
  holds_drops_ = static_cast<bool>(descriptors_.drops);
  batch_ = TRY(find_open_batch());
  TRY_VOID(find_end());
  if (!has_name())
    if (auto taken = replace_file(); !taken) trouble_ = taken.error();
  return write_batch();
}

// Determines the committed end. If no batch is open, the former supervisor may have died before (5), so it is the end
// of the file.
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
  TRY_VOID(write_batch());  // a batch that failed before
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
    // Only the bytes that are there now: another process with the pipe open may write for ever.
    std::size_t waiting = TRY(bytes_left(ends_of(descriptors_, stream).pipe));
    while (waiting > 0) {
      const PumpResult pumped = TRY(pump(stream));
      if (pumped.bytes == 0) break;
      waiting -= std::min(waiting, pumped.bytes);
    }
    TRY_VOID(write_batch());
    TRY_VOID(flush(stream));
  }
  // A batch that consists of the count only.
  if (drops_.lines > 0) batch_ = Batch{.stream = Stream::Out, .sealed = false};
  return write_batch();
}

// The pipe for copies must be as large as the journal pipes, or a batch would be read in part.
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

// Finds the batch that a former supervisor left between (1) and (4). There is one at most: a batch is completed before
// another begins.
Result<std::optional<LogPump::Batch>> LogPump::find_open_batch() {
  std::optional<Batch> open;
  for (const Stream stream : streams) {
    const std::string_view journal = TRY(read_journal(stream));
    const bool sealed = TRY(is_sealed(ends_of(descriptors_, stream).journal_out));
    if (sealed && journal.empty()) TRY_VOID(seal(stream, false));  // the former supervisor died between (4) and this
    if (sealed ? !journal.empty() : recordable(journal) > 0)
      open = Batch{.stream = stream, .sealed = sealed, .again = true};
  }
  return open;
}

// (2): returns the content of the journal pipe, which stays there; tee(2) copies references to pages. Valid until the
// next call.
Result<std::string_view> LogPump::read_journal(Stream stream) {
  std::string& content = scratch().journal;
  content.clear();
  const ssize_t copied =
      ::tee(ends_of(descriptors_, stream).journal_out, copy_in_.get(), INT_MAX, SPLICE_F_NONBLOCK);
  if (copied < 0 && errno == EAGAIN) return content;
  if (copied < 0) return fail_system("cannot copy a log journal");
  const auto size = static_cast<std::size_t>(copied);
  content.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
  // Several reads: a pipe in packet mode returns one packet for each.
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

// Performs (2)–(5) for the open batch, if there is one.
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

// Performs (3)–(5), and a rotation before them if one is due. If that fails, the file only becomes larger, and the
// rotation is tried again with the next batch.
Result<> LogPump::record(std::string_view raw) {
  std::string& records = scratch().records;
  records.clear();
  const WallTime now = owner_.clock();
  if (drops_.lines > 0) append_records(records, drops_.words(), Stream::Err, now);
  append_records(records, raw, batch_->stream, now);
  const auto length = static_cast<off_t>(records.size());
  if (committed_ > 0 && committed_ + length > largest_log) (void)rotate();
  const Result<> written = write_with_retries(records);
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

// (3). On a full disk, old files are removed to make room; a file that could not be made before may be possible now.
Result<> LogPump::write_with_retries(std::string_view records) {
  const auto is_full = [](const Error& error) { return error.number == ENOSPC || error.number == EDQUOT; };
  Result<> written = write_at_end(records);
  // The room may be that of this file, if a former supervisor has renamed it and could not make the next one.
  while (!written && is_full(written.error()) && owner_.make_room())
    written = is_removed(descriptors_.file.get()) ? write_to_new_file(records) : write_at_end(records);
  return written || has_name() ? written : write_to_new_file(records);
}

Result<> LogPump::write_to_new_file(std::string_view records) {
  TRY_VOID(replace_file());
  return write_at_end(records);
}

// A batch that is tried again overwrites what was written of it. Readers therefore never see the file shrink, unless
// another version of podrun formatted the first try and needed more bytes.
Result<> LogPump::write_at_end(std::string_view records) {
  const bool again = std::exchange(batch_->again, true);
  off_t end = committed_;
  while (!records.empty()) {
    const ssize_t n = ::pwrite(descriptors_.file.get(), records.data(), records.size(), end);
    if (n < 0) return fail_system(folder_->path_of(name_));
    records.remove_prefix(static_cast<std::size_t>(n));
    end += n;
  }
  return again ? truncate_after(end) : Result<>();
}

// (4). One call, so that a kill leaves either the whole batch in the journal pipe or nothing of it.
Result<> LogPump::commit(std::size_t bytes) {
  const int journal = ends_of(descriptors_, batch_->stream).journal_out;
  if (bytes > 0 && ::splice(journal, nullptr, null_.get(), nullptr, bytes, 0) < 0)
    return fail_system("cannot empty a log journal");
  return {};
}

// Writes the whole content of the journal pipe, including an unfinished line.
Result<> LogPump::flush(Stream stream) {
  if (TRY(readable_bytes(ends_of(descriptors_, stream).journal_out)) == 0) return {};
  TRY_VOID(seal(stream, true));
  batch_ = Batch{.stream = stream, .sealed = true};
  return write_batch();
}

}  // namespace podrun::supervisor
