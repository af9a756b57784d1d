// Opens podrun's other programs in the folder that the front has left open.
#include "namespaces/launch/program_folder.hpp"

#include <fcntl.h>

#include "namespaces/front/program_folder_fd.hpp"
#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {

void keep_programs() { ::fcntl(programs_fd, F_SETFD, FD_CLOEXEC); }

Result<Fd> open_program(const char* name, const std::string& path) {
  Fd left(::openat(programs_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (left) return left;
  Fd mount(sys::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE));
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  if (!mount || sys::mount_setattr(mount.get(), 0, read_only) < 0) return fail_system(path);
  return mount;
}

}  // namespace podrun::ns
