// Reads and writes state.json as two files that exchange their names.
//
// A reader may have the file open while it becomes the spare and is overwritten. Each state therefore ends with a
// checksum, and a reader that finds a mixture of two states reads again. A reader may also see a complete state shortly
// before it gets its name. A supervisor that adopts the pod has no concurrent writer and reads exactly the recorded
// state.
#include "supervisor/state/state_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/files.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t allocation = 16 * 1024;  // enough for about twenty containers; grows when needed
constexpr std::size_t largest = 4 << 20;
constexpr std::size_t largest_given = 64 << 20;  // as a manifest
constexpr int reads = 100;  // limit of reads; each failed one has met two writes

constexpr std::string_view checksum_member = ",\"checksum\":\"";
constexpr std::size_t checksum_digits = 16;

/// FNV-1a. It detects a mixture of two states and need not resist an attacker.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// Appends the checksum to the object as its last member.
std::string seal(std::string object) {
  const std::uint64_t sum = checksum(object);
  object.pop_back();
  return fmt::format("{}{}{:0{}x}\"}}", object, checksum_member, sum, checksum_digits);
}

/// The object without its checksum; empty if the text is not the result of one write.
std::optional<std::string> unseal(std::string_view text) {
  constexpr std::size_t seal_length = checksum_member.size() + checksum_digits + 2;
  const std::size_t end = text.find_last_not_of(" \n");
  if (end == std::string_view::npos || end + 1 < seal_length) return std::nullopt;
  std::string object(text.substr(0, end + 1 - seal_length));
  object += '}';
  if (seal(object) != text.substr(0, end + 1)) return std::nullopt;
  return object;
}

/// Allocates at least `size` bytes of disk space for an open file, so that later writes cannot fail for lack of space.
Result<> grow(const Fd& file, const std::string& path, std::size_t size) {
  if (const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size)); error != 0)
    return fail_system(path, error);
  return {};
}

Result<std::size_t> size_of(const Fd& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) < 0) return fail_system(path);
  return static_cast<std::size_t>(status.st_size);
}

Result<> allocate_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || ::fchmod(file.get(), 0600) < 0) return fail_system(path);
  if (TRY(size_of(file, path)) >= allocation) return {};
  return grow(file, path, allocation);
}

Result<> overwrite(const Fd& file, const std::string& path, std::string_view text) {
  for (off_t at = 0; !text.empty();) {
    const ssize_t written = ::pwrite(file.get(), text.data(), text.size(), at);
    if (written < 0) return fail_system(path);
    text.remove_prefix(static_cast<std::size_t>(written));
    at += written;
  }
  return {};
}

/// Drops the containers' messages, which may be long. If /run is full, it is the exits that must be recorded.
PodRecord without_messages(PodRecord record) {
  for (ContainerStatus& container : record.status.containers)
    for (std::optional<Termination>* end : {&container.last, &container.pending_start_error})
      if (*end) (*end)->message.clear();
  return record;
}

}  // namespace

Result<> StateFile::allocate() const {
  TRY_VOID(allocate_file(path_));
  return allocate_file(spare_);
}

Result<> StateFile::write(const PodRecord& record) const {
  const Fd spare(::open(spare_.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!spare) return fail_system(spare_);
  std::string text = seal(to_json(record));
  std::size_t size = TRY(size_of(spare, spare_));
  if (text.size() >= size) {
    const std::size_t larger = (text.size() / allocation + 1) * allocation;
    const Result<> grown = grow(spare, spare_, larger);
    if (grown)
      size = larger;
    else
      text = seal(to_json(without_messages(record)));
    if (text.size() >= size) return grown;
  }
  text.resize(size, ' ');
  text.back() = '\n';
  TRY_VOID(overwrite(spare, spare_, text));
  if (::renameat2(AT_FDCWD, spare_.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) < 0)
    return fail_system(path_);
  return {};
}

Result<> write_given(const Layout& layout, const std::string& id, const std::string& given) {
  return ns::write_file(layout.given(id), given, 0600);
}

GivenPod read_given(const Layout& layout, const std::string& id) {
  const auto text = ns::read_file(layout.given(id), largest_given);
  return text ? parse_given_pod(*text) : GivenPod{};
}

Result<PodRecord> read_state(const Layout& layout, const std::string& id) {
  const std::string path = layout.state(id);
  for (int read = 0; read < reads; ++read) {
    const std::string text = TRY(ns::read_file(path, largest));
    if (text.find_first_not_of('\0') == std::string::npos)
      return fail(path + ": nothing written yet", ENOENT);
    const auto object = unseal(text);
    if (!object) continue;
    auto record = parse_record_file(*object);
    if (!record) return fail(path + ": " + record.error().message, record.error().number);
    return record;
  }
  return fail(path + ": damaged");
}

}  // namespace podrun::supervisor
