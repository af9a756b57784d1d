// Files and directories on the host's disk, with explicit modes whatever the caller's umask.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes a directory with `mode` and its missing parents with `above`, as mkdir -p does, whatever the umask. An
/// existing directory keeps its mode.
Result<> make_directories(const std::string& path, mode_t mode, mode_t above = 0755);

/// Writes all of `text` to an open file. An error names `name`.
Result<> write_all(int file, std::string_view text, const std::string& name);

/// Reads an open file to its end, at most `limit` bytes; EFBIG beyond. An error names `name`.
Result<std::string> read_all(int file, const std::string& name, std::size_t limit);

/// Writes a small file and replaces what was there: it writes a temporary file and renames it, rename(2).
Result<> write_file(const std::string& path, std::string_view content, mode_t mode);

/// Reads a whole file of at most `limit` bytes; EFBIG if it is longer.
Result<std::string> read_file(const std::string& path, std::size_t limit = 1 << 20);

/// Makes an empty file that is on no disk, memfd_create(2). Nobody can execute it: where the sysctl vm.memfd_noexec is 2,
/// Linux 6.3 to 6.5 refuse any other.
Result<Fd> empty_file_in_memory(const std::string& name);
/// Makes a file that is on no disk, for secret text. It exists as long as a descriptor of it is open,
/// and is sealed: nobody can change it any more.
Result<Fd> file_in_memory(const std::string& name, std::string_view text);
/// Such files, opened for reading, by their names.
using FilesInMemory = std::map<std::string, Fd>;
/// Opens the files in memory of which a process has descriptors, but for those that can be changed: none of ours can.
/// What else the process has is not opened, nor is what replaces a file meanwhile. The caller finds out whether the pid
/// is of the right process.
Result<FilesInMemory> files_in_memory(pid_t holder);
/// Which files in memory are accepted: those of podruns before state version 2 may have no seals.
enum class Seals { Required, NotRequired };
/// Opens the one that is called `name`. ENOENT: the process has none.
Result<Fd> open_file_in_memory(pid_t holder, const std::string& name, Seals seals = Seals::Required);
/// Reads such a file from its beginning, once.
Result<std::string> read_file_in_memory(const Fd& file, const std::string& name);

}  // namespace podrun::ns
